package io.cistern.examples.arrow;

import io.cistern.MemoryPool;
import io.cistern.PoolStats;
import io.cistern.arrow.CisternAllocationManagerFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;

/** Fills record batches, writes them as a stream, reads them back and sums, in pool memory. */
public final class ArrowPipeline {
  private static final int BATCHES = 100;
  private static final int ROWS = 10_000;

  private ArrowPipeline() {}

  /**
   * Runs it.
   *
   * @param args ignored
   * @throws IOException never: the stream is in memory
   */
  public static void main(String[] args) throws IOException {
    // The two lines that switch the pools on: a factory, given to the root allocator.
    try (CisternAllocationManagerFactory memory = new CisternAllocationManagerFactory();
        BufferAllocator root =
            new RootAllocator(
                RootAllocator.configBuilder().allocationManagerFactory(memory).build());
        BufferAllocator writing = root.newChildAllocator("writing", 0, 1 << 20);
        BufferAllocator reading = root.newChildAllocator("reading", 0, 1 << 20)) {
      byte[] stream = write(writing);
      System.out.printf("wrote %d batches of %d rows, %,d bytes%n", BATCHES, ROWS, stream.length);
      System.out.printf("the sum is %,d%n", sum(reading, stream));
      memory.pools().forEach(pool -> System.out.print(pool.dump()));
      System.out.printf(
          "live blocks: %d%n",
          memory.pools().stream().map(MemoryPool::stats).mapToInt(PoolStats::used).sum());
    }
  }

  /** The numbers from 0 on, as a stream of batches. */
  public static byte[] write(BufferAllocator allocator) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (BigIntVector numbers = new BigIntVector("numbers", allocator);
        VectorSchemaRoot rows = VectorSchemaRoot.of(numbers);
        ArrowStreamWriter writer = new ArrowStreamWriter(rows, null, bytes)) {
      for (int batch = 0; batch < BATCHES; batch++) {
        numbers.allocateNew(ROWS);
        for (int row = 0; row < ROWS; row++) {
          numbers.set(row, (long) batch * ROWS + row);
        }
        rows.setRowCount(ROWS);
        writer.writeBatch();
      }
    }
    return bytes.toByteArray();
  }

  /** The sum of the numbers of a stream. */
  public static long sum(BufferAllocator allocator, byte[] stream) throws IOException {
    long sum = 0;
    try (ArrowStreamReader reader =
        new ArrowStreamReader(new ByteArrayInputStream(stream), allocator)) {
      while (reader.loadNextBatch()) {
        BigIntVector numbers = (BigIntVector) reader.getVectorSchemaRoot().getVector("numbers");
        for (int row = 0; row < numbers.getValueCount(); row++) {
          sum += numbers.get(row);
        }
      }
    }
    return sum;
  }
}
