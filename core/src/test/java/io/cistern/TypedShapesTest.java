package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.UnionLayout;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Members that are no single value: structs in structs, sequences of them and of several
 * dimensions, unions, segments of a whole member; and interfaces that are more than accessors.
 */
class TypedShapesTest {
  private static final StructLayout POINT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_SHORT.withName("x"), ValueLayout.JAVA_SHORT.withName("y"));
  private static final StructLayout SHAPE =
      MemoryLayout.structLayout(
          MemoryLayout.paddingLayout(4).withName("spare"),
          POINT.withName("from"),
          POINT.withName("to"),
          MemoryLayout.sequenceLayout(3, POINT).withName("corners"),
          MemoryLayout.sequenceLayout(2, MemoryLayout.sequenceLayout(3, ValueLayout.JAVA_INT))
              .withName("grid"),
          ValueLayout.JAVA_INT.withName("weight"),
          ValueLayout.JAVA_INT);
  private static final UnionLayout WORD =
      MemoryLayout.unionLayout(
          ValueLayout.JAVA_INT.withName("whole"),
          MemoryLayout.sequenceLayout(4, ValueLayout.JAVA_BYTE).withName("bytes"),
          MemoryLayout.structLayout(
                  ValueLayout.JAVA_SHORT.withName("low"), ValueLayout.JAVA_SHORT.withName("high"))
              .withName("halves"));

  private final MemoryPool pool = MemoryPool.builder().tier(64, 4).build();

  interface Point {
    short x();

    Point x(short x);

    short y();

    Point y(short y);

    default int sum() {
      return x() + y();
    }
  }

  interface Weighed {
    int weight();

    Weighed weight(int weight);
  }

  interface Shape extends Weighed {
    Point from();

    Point to();

    Point corners(int index);

    MemorySegment corners();

    int grid(int row, long column);

    Shape grid(long row, int column, int value);

    MemorySegment grid();

    MemorySegment to(int... nothing);

    static int columns() {
      return 3;
    }
  }

  interface PlainShape extends Weighed {
    Point from();

    Point to();

    Point corners(long index);

    MemorySegment corners();

    int grid(int row, long column);

    PlainShape grid(long row, int column, int value);

    MemorySegment grid();

    @Override
    String toString();

    static int columns() {
      return 3;
    }
  }

  interface Word {
    int whole();

    void whole(int whole);

    byte bytes(int index);

    Halves halves();
  }

  interface Halves {
    short low();

    void low(short low);

    short high();
  }

  @AfterEach
  void close() {
    MemoryPoolContract.assertInOrder(pool);
    pool.close();
  }

  private TypedBlock<PlainShape> shape() {
    return TypedPool.of(PlainShape.class, SHAPE, pool).allocate();
  }

  private static short at(TypedBlock<?> block, long offset) {
    return block.segment().get(ValueLayout.JAVA_SHORT, offset);
  }

  @Test
  void aStructInAStructIsAViewOfItsPart() {
    try (TypedBlock<PlainShape> shape = shape()) {
      shape.value().from().x((short) 1).y((short) 2);
      shape.value().to().x((short) 3).y((short) 4);
      assertThat(at(shape, 4)).isEqualTo((short) 1);
      assertThat(at(shape, 6)).isEqualTo((short) 2);
      assertThat(at(shape, 8)).isEqualTo((short) 3);
      assertThat(at(shape, 10)).isEqualTo((short) 4);
      assertThat(shape.value().to().sum()).isEqualTo(7);
    }
  }

  @Test
  void structsOfASequenceAreReachedByIndex() {
    try (TypedBlock<PlainShape> shape = shape()) {
      for (int i = 0; i < 3; i++) {
        shape.value().corners(i).y((short) (i + 10));
      }
      for (int i = 0; i < 3; i++) {
        assertThat(at(shape, 14 + (4L * i))).isEqualTo((short) (i + 10));
      }
      for (long index : new long[] {-1, 3, 1L << 32, Long.MAX_VALUE}) {
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
            .isThrownBy(() -> shape.value().corners(index))
            .withMessage("Index " + index + " out of bounds for length 3");
      }
    }
  }

  @Test
  void sequencesOfSequencesHaveAnIndexForEach() {
    try (TypedBlock<PlainShape> shape = shape()) {
      int number = 0;
      for (int row = 0; row < 2; row++) {
        for (int column = 0; column < PlainShape.columns(); column++) {
          shape.value().grid(row, column, ++number);
        }
      }
      assertThat(shape.segment().asSlice(24, 24).toArray(ValueLayout.JAVA_INT))
          .containsExactly(1, 2, 3, 4, 5, 6);
      assertThat(shape.value().grid(1, 1L)).isEqualTo(5);
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> shape.value().grid(0, 3L));
      assertThatExceptionOfType(IndexOutOfBoundsException.class)
          .isThrownBy(() -> shape.value().grid(2, 0L));
    }
  }

  @Test
  void aWholeMemberIsASegment() {
    try (TypedBlock<PlainShape> shape = shape()) {
      shape.value().grid().fill((byte) -1);
      assertThat(shape.value().grid().byteSize()).isEqualTo(24);
      assertThat(shape.value().corners().byteSize()).isEqualTo(12);
      assertThat(shape.value().grid(1, 2L)).isEqualTo(-1);
      assertThat(shape.segment().asSlice(0, 24).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
      assertThat(shape.segment().asSlice(48).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    }
  }

  @Test
  void aSetterMayReturnTheInterfaceThatDeclaresIt() {
    try (TypedBlock<PlainShape> shape = shape()) {
      PlainShape value = shape.value();
      Weighed same = value.weight(5);
      assertThat(same).isSameAs(value);
      assertThat(shape.value()).isNotEqualTo(value);
      assertThat(same.weight()).isEqualTo(5);
    }
  }

  @Test
  void membersOfAUnionShareTheirBytes() {
    try (TypedBlock<Word> word = TypedPool.of(Word.class, WORD, pool).allocate()) {
      word.value().whole(0x01020304);
      byte[] bytes = word.segment().toArray(ValueLayout.JAVA_BYTE);
      for (int i = 0; i < 4; i++) {
        assertThat(word.value().bytes(i)).isEqualTo(bytes[i]);
      }
      word.value().halves().low((short) 0);
      assertThat(word.segment().get(ValueLayout.JAVA_SHORT, 0)).isZero();
      assertThat(word.value().halves().high()).isNotZero();
    }
  }

  @Test
  void textHasEveryNamedMember() {
    try (TypedBlock<PlainShape> shape = shape()) {
      shape.value().to().x((short) 3);
      shape.value().grid(1, 2, 9);
      String text =
          "PlainShape[from=[x=0, y=0], to=[x=3, y=0],"
              + " corners=[[x=0, y=0], [x=0, y=0], [x=0, y=0]],"
              + " grid=[[0, 0, 0], [0, 0, 9]], weight=0]";
      assertThat(shape.value()).hasToString(text);
      assertThat(shape.value().to()).hasToString("Point[x=3, y=0]");
      assertThat(shape).hasToString("TypedBlock[" + text + ", " + shape.block() + "]");
    }
  }

  @Test
  void anIndexIsNoArray() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> TypedPool.of(Shape.class, SHAPE, pool))
        .withMessage(
            Shape.class.getName()
                + ", method 'MemorySegment to(int[])': member 'to' is a struct; allowed are"
                + " 'Q to()' with an interface Q of its members, 'MemorySegment to()'");
  }

  @Test
  void oneClassServesEveryMemberOfOneKind() {
    try (TypedBlock<PlainShape> one = shape();
        TypedBlock<PlainShape> other = shape()) {
      assertThat(one.value().getClass()).isEqualTo(other.value().getClass());
      assertThat(one.value().from().getClass())
          .isEqualTo(one.value().to().getClass())
          .isEqualTo(other.value().corners(2).getClass());
      assertThat(one.value()).isNotEqualTo(other.value());
    }
  }
}
