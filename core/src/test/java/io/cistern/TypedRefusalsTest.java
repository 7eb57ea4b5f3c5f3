package io.cistern;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Interfaces that do not fit their layout: the message says which method, what was found, what is
 * allowed.
 */
class TypedRefusalsTest {
  private static final StructLayout READING =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_FLOAT.withName("volts"),
          MemoryLayout.paddingLayout(4).withName("spare"),
          MemoryLayout.sequenceLayout(8, ValueLayout.JAVA_INT).withName("samples"),
          MemoryLayout.structLayout(ValueLayout.JAVA_INT.withName("x")).withName("position"),
          MemoryLayout.sequenceLayout(
                  2, MemoryLayout.structLayout(ValueLayout.JAVA_INT.withName("x")))
              .withName("corners"));
  private static final String VOLTS =
      "member 'volts' is a value of type float; allowed are 'float volts()', 'void volts(float)', '%s volts(float)'";
  private static final String SAMPLES =
      "member 'samples' is a sequence of 8, each a value of type int; allowed are 'int samples(int)',"
          + " 'void samples(int, int)', '%s samples(int, int)', 'MemorySegment samples()'; an index is an int or a long";
  private static final String POSITION =
      "member 'position' is a struct; allowed are 'Q position()' with an interface Q of its members, 'MemorySegment position()'";
  private static final String CORNERS =
      "member 'corners' is a sequence of 2, each a struct; allowed are 'Q corners(int)' with an interface Q of its"
          + " members, 'MemorySegment corners()'; an index is an int or a long";

  interface NoMember {
    int volt();
  }

  interface Padding {
    int spare();
  }

  interface WrongGetter {
    double volts();
  }

  interface WrongSetter {
    void volts(double volts);
  }

  interface BoxedGetter {
    Float volts();
  }

  interface WrongResult {
    int volts(float volts);
  }

  interface OtherResult {
    Runnable volts(float volts);
  }

  interface ObjectResult {
    Object volts(float volts);
  }

  interface TooMany {
    void volts(float volts, float more);
  }

  interface SegmentOfValue {
    MemorySegment volts();
  }

  interface IndexOfValue {
    float volts(int index);
  }

  interface NoIndex {
    int samples();
  }

  interface ShortIndex {
    int samples(short index);
  }

  interface TwoIndices {
    int samples(int row, int column);
  }

  interface WrongElement {
    long samples(int index);
  }

  interface StructAsValue {
    int position();
  }

  interface StructSet {
    void position(NoMember position);
  }

  interface StructIndex {
    NoMember position(int index);
  }

  interface StructsNoIndex {
    NoMember corners();
  }

  interface GenericMethod {
    <X> float volts();
  }

  interface Inherited<V> {
    V volts();
  }

  interface OfGeneric extends Inherited<Float> {}

  interface Generic<V> {
    float volts();
  }

  interface Nested {
    NoMember position();
  }

  sealed interface Sealed {
    float volts();

    /** So that it may be sealed. */
    record Only(float volts) implements Sealed {}
  }

  @interface Annotation {}

  abstract static class NoInterface {
    abstract float volts();
  }

  static Stream<Arguments> methods() {
    return Stream.of(
        refused(
            NoMember.class,
            "int volt()",
            "the layout has no such member; it has volts, samples, position, corners"),
        refused(
            Padding.class,
            "int spare()",
            "the layout has no such member; it has volts, samples, position, corners"),
        refused(WrongGetter.class, "double volts()", VOLTS),
        refused(WrongSetter.class, "void volts(double)", VOLTS),
        refused(BoxedGetter.class, "Float volts()", VOLTS),
        refused(WrongResult.class, "int volts(float)", VOLTS),
        refused(OtherResult.class, "Runnable volts(float)", VOLTS),
        refused(ObjectResult.class, "Object volts(float)", VOLTS),
        refused(TooMany.class, "void volts(float, float)", VOLTS),
        refused(SegmentOfValue.class, "MemorySegment volts()", VOLTS),
        refused(IndexOfValue.class, "float volts(int)", VOLTS),
        refused(NoIndex.class, "int samples()", SAMPLES),
        refused(ShortIndex.class, "int samples(short)", SAMPLES),
        refused(TwoIndices.class, "int samples(int, int)", SAMPLES),
        refused(WrongElement.class, "long samples(int)", SAMPLES),
        refused(StructAsValue.class, "int position()", POSITION),
        refused(StructSet.class, "void position(NoMember)", POSITION),
        refused(StructIndex.class, "NoMember position(int)", POSITION),
        refused(StructsNoIndex.class, "NoMember corners()", CORNERS),
        refused(OfGeneric.class, "Object volts()", VOLTS));
  }

  private static Arguments refused(Class<?> type, String method, String why) {
    return Arguments.of(
        type,
        "%s, method '%s': %s"
            .formatted(type.getName(), method, why.formatted(type.getSimpleName())));
  }

  private static void assertRefused(Class<?> type, GroupLayout layout, String message) {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> TypedPool.of(type, layout, 1))
        .withMessage(message);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void aMethodThatFitsNoMember(Class<?> type, String message) {
    assertRefused(type, READING, message);
  }

  @Test
  void aGenericMethod() {
    assertRefused(
        GenericMethod.class,
        READING,
        GenericMethod.class.getName()
            + ", method 'float volts()': is generic; "
            + VOLTS.formatted("GenericMethod"));
  }

  @Test
  void aMethodOfANestedInterface() {
    assertRefused(
        Nested.class,
        READING,
        NoMember.class.getName()
            + ", method 'int volt()': the layout has no such member; it has x");
  }

  @Test
  void aLayoutWithoutNames() {
    assertRefused(
        NoMember.class,
        MemoryLayout.structLayout(ValueLayout.JAVA_INT),
        NoMember.class.getName()
            + ", method 'int volt()': the layout has no such member; it has none with a name");
  }

  @Test
  void whatIsNoPlainInterface() {
    assertRefused(
        NoInterface.class,
        READING,
        NoInterface.class.getName()
            + " is no interface: give one whose methods are named as the members");
    assertRefused(
        Annotation.class,
        READING,
        Annotation.class.getName()
            + " is no interface: give one whose methods are named as the members");
    assertRefused(
        Generic.class,
        READING,
        Generic.class.getName()
            + " is generic, in 1 type parameters: members are of fixed types, so it must have none");
    assertRefused(
        Sealed.class,
        READING,
        Sealed.class.getName() + " is sealed: nothing can be generated that implements it");
  }

  @Test
  void aLayoutThatIsNoObject() {
    assertRefused(
        Nested.class,
        MemoryLayout.structLayout(),
        Nested.class.getName() + " has a layout of 0 B: an object takes at least 1");
    assertRefused(
        Nested.class,
        MemoryLayout.structLayout(
            ValueLayout.JAVA_INT.withName("x"), ValueLayout.JAVA_INT.withName("x")),
        Nested.class.getName() + " has a layout with two members 'x': names must differ");
  }

  @Test
  void aPoolWhoseBlocksAreTooSmall() {
    try (MemoryPool pool = MemoryPool.builder().name("small").tier(16, 1).build()) {
      assertThatExceptionOfType(IllegalArgumentException.class)
          .isThrownBy(() -> TypedPool.of(Plain.class, READING, pool))
          .withMessage(
              "layout of %s takes 52 B: pool 'small' serves from 1 to 16 B"
                  .formatted(Plain.class.getName()));
    }
  }

  interface Plain {
    float volts();
  }

  @Test
  void aCountThatNoPoolCanHave() {
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> TypedPool.of(Plain.class, READING, 0))
        .withMessage("0 blocks of 52 B: with 1 tiers the count must be from 1 to 16777216");
  }
}
