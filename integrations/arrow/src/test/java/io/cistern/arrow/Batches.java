package io.cistern.arrow;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.compare.Range;
import org.apache.arrow.vector.compare.RangeEqualsVisitor;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.impl.UnionListWriter;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.util.TransferPair;

/** Rows of numbers, texts, lists and words of a dictionary, with gaps: the same for a number. */
final class Batches implements AutoCloseable {
  private static final List<String> WORDS = List.of("red", "green", "blue", "infrared");
  private static final DictionaryEncoding ENCODING =
      new DictionaryEncoding(1, false, new ArrowType.Int(32, true));

  private final VarCharVector words;
  private final BigIntVector numbers;
  private final VarCharVector texts;
  private final ListVector lists;
  private final IntVector colours;
  private final VectorSchemaRoot rows;

  Batches(BufferAllocator allocator) {
    words = new VarCharVector("words", allocator);
    words.allocateNew();
    for (int word = 0; word < WORDS.size(); word++) {
      words.setSafe(word, WORDS.get(word).getBytes(UTF_8));
    }
    words.setValueCount(WORDS.size());
    numbers = new BigIntVector("numbers", allocator);
    texts = new VarCharVector("texts", allocator);
    lists = ListVector.empty("lists", allocator);
    lists.addOrGetVector(FieldType.nullable(new ArrowType.Int(32, true)));
    FieldType encoded = new FieldType(true, new ArrowType.Int(32, true), ENCODING);
    colours = (IntVector) new Field("colours", encoded, null).createVector(allocator);
    rows = VectorSchemaRoot.of(numbers, texts, lists, colours);
  }

  VectorSchemaRoot rows() {
    return rows;
  }

  MapDictionaryProvider dictionaries() {
    return new MapDictionaryProvider(new Dictionary(words, ENCODING));
  }

  void fill(int batch, int count) {
    Random random = new Random(batch);
    rows.getFieldVectors().forEach(FieldVector::reset);
    UnionListWriter list = lists.getWriter();
    list.allocate();
    for (int row = 0; row < count; row++) {
      if (random.nextInt(10) > 0) {
        numbers.setSafe(row, random.nextLong());
        texts.setSafe(row, Integer.toString(random.nextInt(), 36).getBytes(UTF_8));
        colours.setSafe(row, random.nextInt(WORDS.size()));
      }
      list.setPosition(row);
      list.startList();
      for (int i = random.nextInt(5); i > 0; i--) {
        list.writeInt(random.nextInt());
      }
      list.endList();
    }
    list.setValueCount(count);
    rows.setRowCount(count);
  }

  /** The same rows, owned by another allocator; the first one owns nothing of them any more. */
  static VectorSchemaRoot moved(VectorSchemaRoot from, BufferAllocator to) {
    List<FieldVector> moved = new ArrayList<>();
    for (FieldVector vector : from.getFieldVectors()) {
      TransferPair pair = vector.getTransferPair(to);
      pair.transfer();
      moved.add((FieldVector) pair.getTo());
    }
    return new VectorSchemaRoot(from.getSchema().getFields(), moved, from.getRowCount());
  }

  /** Fails when these are not the rows that {@link #fill} makes of the number. */
  static void check(BufferAllocator allocator, VectorSchemaRoot read, int batch, int count) {
    assertThat(read.getRowCount()).isEqualTo(count);
    try (Batches expected = new Batches(allocator)) {
      expected.fill(batch, count);
      for (int column = 0; column < expected.rows().getFieldVectors().size(); column++) {
        RangeEqualsVisitor equal =
            new RangeEqualsVisitor(expected.rows().getVector(column), read.getVector(column));
        assertThat(equal.rangeEquals(new Range(0, 0, count))).isTrue();
      }
    }
  }

  @Override
  public void close() {
    rows.close();
    words.close();
  }
}
