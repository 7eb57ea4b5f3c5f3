package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every primitive and the address, in both byte orders, aligned and not: each method reaches the
 * bytes that {@link ByteBuffer} says, and no others. Time budget: 5 s.
 */
@ParameterizedClass(name = "{0}, padding of {1} B")
@MethodSource("places")
class TypedMembersTest {
  private static final int COUNT = 5;
  private static final int ROUNDS = 50;

  /** The members' names are those of the carriers, so that a layout can be made of the enum. */
  interface Everything {
    boolean booleanValue();

    void booleanValue(boolean value);

    boolean booleans(int index);

    void booleans(int index, boolean value);

    byte byteValue();

    void byteValue(byte value);

    byte bytes(int index);

    void bytes(int index, byte value);

    char charValue();

    void charValue(char value);

    char chars(int index);

    void chars(int index, char value);

    short shortValue();

    void shortValue(short value);

    short shorts(int index);

    void shorts(int index, short value);

    int intValue();

    void intValue(int value);

    int ints(int index);

    void ints(int index, int value);

    long longValue();

    void longValue(long value);

    long longs(int index);

    void longs(int index, long value);

    float floatValue();

    void floatValue(float value);

    float floats(int index);

    void floats(int index, float value);

    double doubleValue();

    void doubleValue(double value);

    double doubles(int index);

    void doubles(int index, double value);

    MemorySegment addressValue();

    void addressValue(MemorySegment value);

    MemorySegment addresses(int index);

    void addresses(int index, MemorySegment value);
  }

  /** A kind of value, as the layout has it and as a buffer has it. */
  @SuppressWarnings("ImmutableEnumChecker") // layouts are immutable
  enum Kind {
    BOOLEAN("boolean", "booleans", ValueLayout.JAVA_BOOLEAN) {
      @Override
      Object random(SplittableRandom random) {
        return random.nextBoolean();
      }

      @Override
      void put(ByteBuffer buffer, int at, Object value) {
        buffer.put(at, (byte) (((Boolean) value) ? 1 : 0));
      }
    },
    BYTE("byte", "bytes", ValueLayout.JAVA_BYTE) {
      @Override
      Object random(SplittableRandom random) {
        return (byte) random.nextInt();
      }

      @Override
      void put(ByteBuffer buffer, int at, Object value) {
        buffer.put(at, (Byte) value);
      }
    },
    CHAR("char", "chars", ValueLayout.JAVA_CHAR) {
      @Override
      Object random(SplittableRandom random) {
        return (char) random.nextInt();
      }

      @Override
      void put(ByteBuffer buffer, int at, Object value) {
        buffer.putChar(at, (Character) value);
      }
    },
    SHORT("short", "shorts", ValueLayout.JAVA_SHORT) {
      @Override
      Object random(SplittableRandom random) {
        return (short) random.nextInt();
      }

      @Override
      void put(ByteBuffer buffer, int at, Object value) {
        buffer.putShort(at, (Short) value);
      }
    },
    INT("int", "ints", ValueLayout.JAVA_INT) {
      @Override
      Object random(SplittableRandom random) {
        return random.nextInt();
      }

      @Override
      void put(ByteBuffer buffer, int at, Object value) {
        buffer.putInt(at, (Integer) value);
      }
    },
    LONG("long", "longs", ValueLayout.JAVA_LONG) {
      @Override
      Object random(SplittableRandom random) {
        return random.nextLong();
      }

      @Override
      void put(ByteBuffer buffer, int at, Object value) {
        buffer.putLong(at, (Long) value);
      }
    },
    FLOAT("float", "floats", ValueLayout.JAVA_FLOAT) {
      @Override
      Object random(SplittableRandom random) {
        return (float) random.nextDouble(-1e30, 1e30);
      }

      @Override
      void put(ByteBuffer buffer, int at, Object value) {
        buffer.putFloat(at, (Float) value);
      }
    },
    DOUBLE("double", "doubles", ValueLayout.JAVA_DOUBLE) {
      @Override
      Object random(SplittableRandom random) {
        return random.nextDouble(-1e300, 1e300);
      }

      @Override
      void put(ByteBuffer buffer, int at, Object value) {
        buffer.putDouble(at, (Double) value);
      }
    },
    ADDRESS("address", "addresses", ValueLayout.ADDRESS) {
      @Override
      Object random(SplittableRandom random) {
        return MemorySegment.ofAddress(random.nextLong(1L << 47));
      }

      @Override
      void put(ByteBuffer buffer, int at, Object value) {
        buffer.putLong(at, ((MemorySegment) value).address());
      }
    };

    final String value;
    final String values;
    final ValueLayout layout;

    Kind(String name, String values, ValueLayout layout) {
      this.value = name + "Value";
      this.values = values;
      this.layout = layout;
    }

    abstract Object random(SplittableRandom random);

    abstract void put(ByteBuffer buffer, int at, Object value);
  }

  private final ByteOrder order;
  private final GroupLayout layout;
  private final MemoryPool pool;
  private final SplittableRandom random = Seed.random("TypedMembersTest");

  TypedMembersTest(ByteOrder order, int padding) {
    this.order = order;
    this.layout = layout(order, padding);
    this.pool = MemoryPool.builder().tier(layout.byteSize(), 2).alignment(16).build();
  }

  static Stream<Object[]> places() {
    return Stream.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)
        .flatMap(order -> Stream.of(0, 1, 3, 8).map(padding -> new Object[] {order, padding}));
  }

  /** Members in the order of the enum from a padding on; packed, unless the padding is 8. */
  private static GroupLayout layout(ByteOrder order, int padding) {
    List<MemoryLayout> members = new ArrayList<>();
    long offset = padding;
    if (padding > 0) {
      members.add(MemoryLayout.paddingLayout(padding));
    }
    for (Kind kind : Kind.values()) {
      ValueLayout value = kind.layout.withOrder(order);
      if (padding != 8) {
        value = value.withByteAlignment(1);
      }
      long gap = -offset & (value.byteAlignment() - 1);
      if (gap > 0) {
        members.add(MemoryLayout.paddingLayout(gap));
      }
      members.add(value.withName(kind.value));
      members.add(MemoryLayout.sequenceLayout(COUNT, value).withName(kind.values));
      offset += gap + value.byteSize() * (1 + COUNT);
    }
    return MemoryLayout.structLayout(members.toArray(MemoryLayout[]::new));
  }

  @AfterEach
  void close() {
    MemoryPoolContract.assertInOrder(pool);
    pool.close();
  }

  private int offset(String member) {
    return (int) layout.byteOffset(MemoryLayout.PathElement.groupElement(member));
  }

  @ParameterizedTest
  @EnumSource
  void whatIsWrittenLiesWhereTheLayoutSays(Kind kind) {
    ByteBuffer expected = ByteBuffer.allocate((int) layout.byteSize()).order(order);
    try (TypedBlock<Everything> block = TypedPool.of(Everything.class, layout, pool).allocate()) {
      for (int round = 0; round < ROUNDS; round++) {
        Object value = kind.random(random);
        int index = random.nextInt(COUNT);
        set(block.value(), kind.value, value);
        setAt(block.value(), kind, index, value);
        kind.put(expected, offset(kind.value), value);
        kind.put(expected, place(kind, index), value);
        assertThat(block.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(expected.array());
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatLiesThereIsRead(Kind kind) {
    ByteBuffer source = ByteBuffer.allocate((int) layout.byteSize()).order(order);
    try (TypedBlock<Everything> block = TypedPool.of(Everything.class, layout, pool).allocate()) {
      for (int round = 0; round < ROUNDS; round++) {
        Object one = kind.random(random);
        Object other = kind.random(random);
        int index = random.nextInt(COUNT);
        kind.put(source, offset(kind.value), one);
        kind.put(source, place(kind, index), other);
        block.segment().copyFrom(MemorySegment.ofArray(source.array()));
        assertThat(get(block.value(), kind.value)).isEqualTo(one);
        assertThat(getAt(block.value(), kind, index)).isEqualTo(other);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void anIndexOutOfRangeIsRefusedAndChangesNothing(Kind kind) {
    try (TypedBlock<Everything> block = TypedPool.of(Everything.class, layout, pool).allocate()) {
      for (int index : new int[] {-1, COUNT, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
        String message = "Index %d out of bounds for length %d".formatted(index, COUNT);
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
            .isThrownBy(() -> getAt(block.value(), kind, index))
            .withMessage(message);
        assertThatExceptionOfType(IndexOutOfBoundsException.class)
            .isThrownBy(() -> setAt(block.value(), kind, index, kind.random(random)))
            .withMessage(message);
      }
      assertThat(block.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    }
  }

  private int place(Kind kind, int index) {
    return (int) (offset(kind.values) + (index * kind.layout.byteSize()));
  }

  private static void set(Everything object, String member, Object value) {
    invoke(object, member, MethodType.methodType(void.class, carrier(value)), value);
  }

  private static Object get(Everything object, String member) {
    Kind kind =
        Stream.of(Kind.values()).filter(each -> each.value.equals(member)).findAny().orElseThrow();
    return invoke(object, member, MethodType.methodType(kind.layout.carrier()));
  }

  private static void setAt(Everything object, Kind kind, int index, Object value) {
    MethodType type = MethodType.methodType(void.class, int.class, carrier(value));
    invoke(object, kind.values, type, index, value);
  }

  private static Object getAt(Everything object, Kind kind, int index) {
    return invoke(
        object, kind.values, MethodType.methodType(kind.layout.carrier(), int.class), index);
  }

  private static Class<?> carrier(Object value) {
    return value instanceof MemorySegment
        ? MemorySegment.class
        : MethodType.methodType(value.getClass()).unwrap().returnType();
  }

  private static Object invoke(
      Everything object, String name, MethodType type, Object... arguments) {
    try {
      MethodHandle method =
          MethodHandles.lookup().findVirtual(Everything.class, name, type).bindTo(object);
      return method.invokeWithArguments(arguments);
    } catch (RuntimeException | Error thrown) {
      throw thrown;
    } catch (Throwable impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
