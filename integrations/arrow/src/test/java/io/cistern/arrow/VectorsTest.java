package io.cistern.arrow;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.arrow.Memory.Opened;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Vectors on our memory hold what those on Arrow's own hold: to the byte, as streams and as files,
 * written and read again. Nothing is live afterwards. Time budget: 5 seconds.
 */
@Timeout(60)
class VectorsTest {
  private static final int BATCHES = 3;
  private static final int ROWS = 5000;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ARROW")
  void streamsAreThoseOfArrowsOwnMemoryToTheByte(Memory memory) throws IOException {
    try (Opened ours = memory.open();
        Opened theirs = Memory.ARROW.open()) {
      byte[] stream = stream(ours.root());
      assertThat(stream).isEqualTo(stream(theirs.root()));
      assertThat(read(ours.root(), stream)).isEqualTo(BATCHES);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "ARROW")
  void filesAreThoseOfArrowsOwnMemoryToTheByte(Memory memory) throws IOException {
    try (Opened ours = memory.open();
        Opened theirs = Memory.ARROW.open()) {
      Path file = file(ours.root(), folder.resolve("ours.arrow"));
      Path expected = file(theirs.root(), folder.resolve("theirs.arrow"));
      assertThat(Files.mismatch(file, expected)).isEqualTo(-1);
      try (FileChannel channel = FileChannel.open(file);
          ArrowFileReader reader = new ArrowFileReader(channel, ours.root())) {
        assertThat(reader.getRecordBlocks()).hasSize(BATCHES);
        for (int batch = BATCHES - 1; batch >= 0; batch--) {
          assertThat(reader.loadRecordBatch(reader.getRecordBlocks().get(batch))).isTrue();
          Batches.check(ours.root(), reader.getVectorSchemaRoot(), batch, ROWS);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void batchesThatChangeHandsBetweenAllocatorsStayWhole(Memory memory) throws IOException {
    try (Opened opened = memory.open();
        BufferAllocator reading = opened.root().newChildAllocator("reading", 0, 1 << 24);
        BufferAllocator keeping = opened.root().newChildAllocator("keeping", 0, 1 << 24)) {
      byte[] stream = stream(opened.root());
      try (VectorSchemaRoot kept = moved(reading, keeping, stream)) {
        assertThat(reading.getAllocatedMemory()).isZero();
        Batches.check(keeping, kept, 0, ROWS);
      }
    }
  }

  private static VectorSchemaRoot moved(BufferAllocator from, BufferAllocator to, byte[] stream)
      throws IOException {
    try (ArrowReader reader = new ArrowStreamReader(new ByteArrayInputStream(stream), from)) {
      reader.loadNextBatch();
      return Batches.moved(reader.getVectorSchemaRoot(), to);
    }
  }

  private static byte[] stream(BufferAllocator allocator) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (Batches batches = new Batches(allocator);
        ArrowStreamWriter writer =
            new ArrowStreamWriter(batches.rows(), batches.dictionaries(), bytes)) {
      for (int batch = 0; batch < BATCHES; batch++) {
        batches.fill(batch, ROWS);
        writer.writeBatch();
      }
      writer.end();
    }
    return bytes.toByteArray();
  }

  private static Path file(BufferAllocator allocator, Path path) throws IOException {
    try (FileChannel channel =
            FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        Batches batches = new Batches(allocator);
        ArrowFileWriter writer =
            new ArrowFileWriter(batches.rows(), batches.dictionaries(), channel)) {
      for (int batch = 0; batch < BATCHES; batch++) {
        batches.fill(batch, ROWS);
        writer.writeBatch();
      }
      writer.end();
    }
    return path;
  }

  private static int read(BufferAllocator allocator, byte[] stream) throws IOException {
    int batches = 0;
    try (ArrowReader reader = new ArrowStreamReader(new ByteArrayInputStream(stream), allocator)) {
      for (; reader.loadNextBatch(); batches++) {
        Batches.check(allocator, reader.getVectorSchemaRoot(), batches, ROWS);
      }
      assertThat(reader.getDictionaryVectors()).hasSize(1);
    }
    return batches;
  }
}
