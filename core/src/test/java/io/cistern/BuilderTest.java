package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a builder refuses, one by one, with the value and what is allowed; and the edges it takes.
 */
class BuilderTest {
  private static Arguments wrong(String message, UnaryOperator<MemoryPool.Builder> recipe) {
    return Arguments.of(message, recipe);
  }

  static Stream<Arguments> refusals() {
    return Stream.of(
        wrong("0 tiers: must be from 1 to 64", b -> b),
        wrong("65 tiers: must be from 1 to 64", b -> tiers(b, 65)),
        wrong("tier of 0 B: a block must be from 1 to 1073741824 B", b -> b.tier(0, 1)),
        wrong("tier of -1 B: a block must be from 1 to 1073741824 B", b -> b.tier(-1, 1)),
        wrong(
            "tier of 1073741825 B: a block must be from 1 to 1073741824 B",
            b -> b.tier((1L << 30) + 1, 1)),
        wrong(
            "tier of 4294967304 B: a block must be from 1 to 1073741824 B",
            b -> b.tier((1L << 32) + 8, 1)),
        wrong(
            "tier of 9223372036854775807 B: a block must be from 1 to 1073741824 B",
            b -> b.tier(8, 1).tier(Long.MAX_VALUE, 1)),
        wrong("two tiers of 64 B", b -> b.tier(64, 1).tier(32, 1).tier(64, 2)),
        wrong(
            "0 blocks of 64 B: with 1 tiers the count must be from 1 to 16777216",
            b -> b.tier(64, 0)),
        wrong(
            "-3 blocks of 64 B: with 1 tiers the count must be from 1 to 16777216",
            b -> b.tier(64, -3)),
        wrong(
            "16777217 blocks of 64 B: with 1 tiers the count must be from 1 to 16777216",
            b -> b.tier(64, (1 << 24) + 1)),
        wrong(
            "8388609 blocks of 8 B: with 2 tiers the count must be from 1 to 8388608",
            b -> b.tier(64, 1).tier(8, (1 << 23) + 1)),
        wrong("alignment of 0 B: must be a power of two from 1 to 4096", b -> b.alignment(0)),
        wrong("alignment of 3 B: must be a power of two from 1 to 4096", b -> b.alignment(3)),
        wrong("alignment of 8192 B: must be a power of two from 1 to 4096", b -> b.alignment(8192)),
        wrong(
            "alignment of -9223372036854775808 B: must be a power of two from 1 to 4096",
            b -> b.alignment(Long.MIN_VALUE)),
        wrong(
            "alignment of 4294967304 B: must be a power of two from 1 to 4096",
            b -> b.alignment((1L << 32) + 8)),
        wrong(thresholds("0.0", "95.0"), b -> b.thresholds(0, 95)),
        wrong(thresholds("-1.0", "95.0"), b -> b.thresholds(-1, 95)),
        wrong(thresholds("95.0", "80.0"), b -> b.thresholds(95, 80)),
        wrong(thresholds("80.0", "80.0"), b -> b.thresholds(80, 80)),
        wrong(thresholds("80.0", "100.1"), b -> b.thresholds(80, 100.1)),
        wrong(thresholds("NaN", "95.0"), b -> b.thresholds(Double.NaN, 95)),
        wrong(thresholds("80.0", "NaN"), b -> b.thresholds(80, Double.NaN)));
  }

  private static String thresholds(String low, String critical) {
    return "thresholds of %s %% and %s %%: must be 0 < low < critical <= 100"
        .formatted(low, critical);
  }

  private static MemoryPool.Builder tiers(MemoryPool.Builder builder, int count) {
    LongStream.rangeClosed(1, count).forEach(size -> builder.tier(size, 1));
    return builder;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusals")
  void refuses(String message, UnaryOperator<MemoryPool.Builder> recipe) {
    MemoryPool.Builder builder = recipe.apply(MemoryPool.builder());
    if (!message.contains("tier") && !message.contains("block")) {
      builder.tier(64, 1);
    }
    assertThatThrownBy(builder::build)
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
    assertThatThrownBy(builder::regionBytes)
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\t\n"})
  void refusesABlankName(String name) {
    assertThatThrownBy(() -> MemoryPool.builder().name(name))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage("name is blank: give the pool a name that messages can show");
  }

  @Test
  @SuppressWarnings("NullAway") // null on purpose
  void refusesNullWhereItIsGiven() {
    MemoryPool.Builder builder = MemoryPool.builder();
    assertThatThrownBy(() -> builder.tier(1, 1, null)).hasMessage("label");
    assertThatThrownBy(() -> builder.spill(null)).hasMessage("spill");
    assertThatThrownBy(() -> builder.zeroing(null)).hasMessage("zeroing");
    assertThatThrownBy(() -> builder.listener(null)).hasMessage("listener");
    assertThatThrownBy(() -> builder.confinedTo(null)).hasMessage("owner");
  }

  @Test
  void takesTheEdges() {
    assertTaken(MemoryPool.builder().tier(1, 1));
    assertTaken(tiers(MemoryPool.builder(), 64));
    assertTaken(MemoryPool.builder().tier(8, 1).alignment(1));
    assertTaken(MemoryPool.builder().tier(8, 1).alignment(4096));
    assertTaken(MemoryPool.builder().tier(8, 1).thresholds(0.001, 100));
    assertTaken(MemoryPool.builder().tier(1, 1 << 23).tier(2, 1));
  }

  private static void assertTaken(MemoryPool.Builder builder) {
    assertThatCode(() -> builder.build().close()).doesNotThrowAnyException();
  }

  @Test
  void aBuilderMakesAsManyPoolsAsAsked() {
    MemoryPool.Builder builder = MemoryPool.builder().name("twin").tier(8, 1);
    try (MemoryPool one = builder.build();
        MemoryPool two = builder.build();
        MemoryBlock ofOne = one.allocate(8);
        MemoryBlock ofTwo = two.allocate(8)) {
      assertThat(ofOne.handle()).isNotEqualTo(ofTwo.handle());
      assertThat(one.region().address()).isNotEqualTo(two.region().address());
    }
  }

  @Test
  void defaults() {
    try (MemoryPool pool = MemoryPool.builder().tier(60, 1).tier(120, 1).tier(240, 1).build()) {
      assertThat(pool.name()).isEqualTo("pool");
      assertThat(pool.region().byteSize()).isEqualTo(64 + 120 + 240);
      try (MemoryBlock first = pool.allocate(1);
          MemoryBlock spilled = pool.allocate(1)) {
        assertThat(spilled.handle()).isNotEqualTo(first.handle());
        assertThat(pool.tryAllocate(1)).as("spills to the next tier only").isNull();
      }
    }
  }

  /** The shortest program there is, as the class's documentation has it. */
  @Test
  void theFirstProgram() {
    try (MemoryPool pool = MemoryPool.builder().tier(256, 32).tier(4096, 8).build();
        MemoryBlock block = pool.allocate(200)) {
      block.segment().setString(0, "hello");
      assertThat(block.segment().getString(0)).isEqualTo("hello");
    }
  }
}
