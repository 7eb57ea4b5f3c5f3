package io.cistern.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.CheckLevel;
import io.cistern.CheckSettings;
import io.cistern.Damage;
import io.cistern.InvalidFreeException;
import io.cistern.LeakReport;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolListener;
import io.cistern.PoolStats;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the levels CHECKED and GUARDED find, and in which words they say so. */
class ChecksTest {
  private static final byte WRONG = 0x11;

  private final List<Damage> damages = new ArrayList<>();
  private final List<PoolListener.Lost> lost = new ArrayList<>();

  private final PoolListener listener =
      new PoolListener() {
        @Override
        public void onDamage(Damage damage) {
          damages.add(damage);
        }

        @Override
        public void onLost(Lost block) {
          lost.add(block);
        }
      };

  private MemoryPool open(UnaryOperator<MemoryPool.Builder> kind) {
    return kind.apply(MemoryPool.builder().name("p").checks(CheckLevel.CHECKED).listener(listener))
        .build();
  }

  private static void write(MemoryPool pool, long at) {
    pool.region().set(ValueLayout.JAVA_BYTE, at, WRONG);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 7, 56, 63, 64, 100, 119})
  void whatIsWrittenBehindABlockIsToldWhenItIsFreed(long beyond) {
    try (MemoryPool pool = open(b -> b.tier(256, 10))) {
      MemoryBlock block = pool.allocate(200);
      write(pool, pool.offset(block.handle()) + 200 + beyond);
      assertThat(pool.verify().findings())
          .containsExactly(
              "bytes %1$d to %1$d behind %2$s are nobody's, and were written to"
                  .formatted(beyond + 1, describe(block)));
      assertThat(damages).isEmpty();
      block.close();
      assertThat(damages).hasSize(1);
      Damage damage = damages.getFirst();
      assertThat(damage.kind()).isEqualTo(Damage.Kind.OVERFLOW);
      assertThat(damage.firstByte()).isEqualTo(200 + beyond).isEqualTo(damage.lastByte());
      assertThat(damage.allocated().getFirst().getMethodName())
          .isEqualTo("whatIsWrittenBehindABlockIsToldWhenItIsFreed");
      assertThat(damage.toString())
          .startsWith(
              "%s was written to %d byte%s behind its end at 200; allocated by"
                  .formatted(describe(block), beyond + 1, beyond == 0 ? "" : "s"));
      assertThat(pool.verify().ok()).as("mended").isTrue();
      assertThat(pool.stats().checks().damages()).isEqualTo(1);
    }
  }

  private static String describe(MemoryBlock block) {
    String text = block.toString();
    return text.substring(text.indexOf('[') + 1, text.indexOf("'", text.indexOf("'") + 1) + 1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 8, 64})
  void whatIsWrittenBeforeABlockIsToldToo(long before) {
    for (boolean variable : new boolean[] {false, true}) {
      damages.clear();
      try (MemoryPool pool = open(b -> variable ? b.variable(4096) : b.tier(256, 10))) {
        MemoryBlock first = pool.allocate(256);
        MemoryBlock second = pool.allocate(256);
        for (MemoryBlock block : List.of(first, second)) {
          write(pool, pool.offset(block.handle()) - before);
          block.close();
        }
        assertThat(damages).hasSize(2).extracting(Damage::kind).containsOnly(Damage.Kind.UNDERFLOW);
        assertThat(damages).extracting(Damage::lastByte).containsOnly(-before);
        assertThat(damages.getFirst().toString())
            .contains(
                "was written to %d byte%s before its start"
                    .formatted(before, before == 1 ? "" : "s"));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 100, 199})
  void whatIsWrittenAfterAFreeIsToldWhenTheBlockIsTakenAgain(long at) {
    for (boolean variable : new boolean[] {false, true}) {
      damages.clear();
      try (MemoryPool pool = open(b -> variable ? b.variable(200) : b.tier(200, 1))) {
        MemoryBlock block = pool.allocate(200);
        MemorySegment kept = block.segment();
        block.close();
        kept.set(ValueLayout.JAVA_BYTE, at, WRONG);
        assertThat(pool.verify().findings())
            .hasSize(1)
            .allMatch(found -> found.contains("was written to after it was freed, at byte " + at));
        pool.allocate(200).close();
        assertThat(damages).hasSize(1);
        Damage damage = damages.getFirst();
        assertThat(damage.kind()).isEqualTo(Damage.Kind.WRITE_AFTER_FREE);
        assertThat(damage.firstByte()).isEqualTo(at);
        assertThat(damage.freed().getFirst().getMethodName())
            .isEqualTo("whatIsWrittenAfterAFreeIsToldWhenTheBlockIsTakenAgain");
      }
    }
  }

  @Test
  void whatIsWrittenAfterTheLastFreeIsToldWhenThePoolIsClosed() {
    MemoryPool pool = open(b -> b.tier(64, 10));
    MemoryBlock block = pool.allocate(64);
    MemorySegment kept = block.segment();
    block.close();
    kept.set(ValueLayout.JAVA_BYTE, 5, WRONG);
    pool.close();
    assertThat(damages).extracting(Damage::kind).containsExactly(Damage.Kind.WRITE_AFTER_FREE);
  }

  @Test
  void aFreedBlockIsTheLastToBeTakenAgain() {
    try (MemoryPool pool = open(b -> b.tier(64, 10))) {
      MemoryBlock first = pool.allocate(64);
      long number = first.handle() >>> 32;
      first.close();
      List<MemoryBlock> nine = new ArrayList<>();
      for (int i = 0; i < 9; i++) {
        nine.add(pool.allocate(64));
        assertThat(nine.getLast().handle() >>> 32).isNotEqualTo(number);
      }
      try (MemoryBlock last = pool.allocate(64)) {
        assertThat(last.handle() >>> 32).isEqualTo(number);
        assertThat(pool.tryAllocate(64)).isNull();
      }
      nine.forEach(MemoryBlock::close);
    }
  }

  @Test
  void aDoubleFreeNamesTheFirstFree() {
    try (MemoryPool pool = open(b -> b.tier(64, 10))) {
      MemoryBlock block = pool.allocate(64);
      block.close();
      assertThatThrownBy(block::close)
          .isExactlyInstanceOf(InvalidFreeException.class)
          .hasMessageStartingWith("DOUBLE_FREE: ")
          .cause()
          .hasMessage("freed by thread '%s' here", Thread.currentThread().getName());
    }
  }

  @Test
  void theReportIsComplete() {
    try (MemoryPool pool = open(b -> b.tier(64, 100).labels())) {
      List<MemoryBlock> live = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        live.add(pool.labelled("sensors").allocate(10));
      }
      LeakReport report = pool.report(Duration.ZERO);
      assertThat(report.complete()).isTrue();
      assertThat(report.blocks()).isEqualTo(50);
      assertThat(report.sites()).hasSize(1);
      assertThat(report.sites().getFirst().labels()).containsExactly("sensors");
      live.forEach(MemoryBlock::close);
      assertThat(pool.report(Duration.ZERO).isEmpty()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aBlockThatNobodyCanCloseIsToldAndItsMemoryNotReused(boolean variable) {
    MemoryPool pool = open(b -> variable ? b.variable(640, 10) : b.tier(64, 10).labels());
    MemorySegment kept = forget(pool);
    Awaitility.await()
        .atMost(20, TimeUnit.SECONDS)
        .until(() -> {
          System.gc();
          pool.allocate(64).close();
          return !lost.isEmpty();
        });
    assertThat(lost.getFirst().allocated().getFirst().getMethodName()).isEqualTo("forget");
    assertThat(lost.getFirst().bytes()).isEqualTo(64);
    assertThat(pool.stats().checks().lost()).isEqualTo(1);
    assertThat(pool.stats().used()).isEqualTo(1);
    kept.fill(WRONG);
    List<MemoryBlock> rest = new ArrayList<>();
    for (MemoryBlock block = pool.tryAllocate(64); block != null; block = pool.tryAllocate(64)) {
      rest.add(block);
    }
    assertThat(rest).hasSize(9);
    rest.forEach(MemoryBlock::close);
    assertThat(damages).isEmpty();
    assertThat(pool.verify().ok()).isTrue();
    pool.close();
    assertThat(kept.scope().isAlive()).isFalse();
  }

  @Test
  void whatIsKnownByItsHandleIsNotLostWithItsObject() {
    try (MemoryPool pool = open(b -> b.tier(64, 10))) {
      long handle = named(pool);
      for (int i = 0; i < 5; i++) {
        System.gc();
        pool.allocate(64).close();
      }
      assertThat(lost).isEmpty();
      pool.free(handle);
    }
  }

  private static long named(MemoryPool pool) {
    return pool.allocate(64).handle();
  }

  private static MemorySegment forget(MemoryPool pool) {
    return pool.allocate(64).segment();
  }

  @Test
  void atLevelGuardedAUseAfterFreeThrowsAtTheUse() {
    try (MemoryPool pool = open(b -> b.tier(64, 10).checks(CheckLevel.GUARDED))) {
      MemoryBlock block = pool.allocate(64);
      MemorySegment segment = block.segment();
      MemorySegment slice = segment.asSlice(8, 8);
      ByteBuffer buffer = block.byteBuffer();
      MemorySegment byHandle = pool.segment(block.handle());
      buffer.put(0, WRONG);
      assertThat(slice.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 0xA5);
      block.close();
      for (MemorySegment view : List.of(segment, slice, byHandle)) {
        assertThatThrownBy(() -> view.get(ValueLayout.JAVA_BYTE, 0))
            .isExactlyInstanceOf(IllegalStateException.class)
            .hasMessage("Already closed");
      }
      assertThatThrownBy(() -> buffer.get(0)).isInstanceOf(IllegalStateException.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theLevelIsInTheFigures(CheckLevel level) {
    try (MemoryPool pool = MemoryPool.builder().tier(64, 10).checks(level).build()) {
      PoolStats.Checks checks = pool.stats().checks();
      assertThat(checks.level()).isEqualTo(level);
      assertThat(checks.extraBytes()).isEqualTo(level == CheckLevel.STANDARD ? 0 : 704);
      assertThat(pool.stats().regionBytes()).isEqualTo(640);
    }
  }

  @Test
  void settingsAreChecked() {
    CheckSettings settings = CheckSettings.of(CheckLevel.CHECKED);
    assertThat(settings).isEqualTo(new CheckSettings(CheckLevel.CHECKED, 64, 0xA5, 1 << 24));
    assertThatThrownBy(() -> settings.withRedZone(12))
        .hasMessage("red zone of 12 B: must be a multiple of 8 from 0 to 65536");
    assertThatThrownBy(() -> settings.withRedZone(-8)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> settings.withPoison(0))
        .hasMessage("poison of 0: must be from 1 to 255");
    assertThatThrownBy(() -> settings.withPoison(256)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> settings.withQuarantine(-1))
        .hasMessage("quarantine of -1 blocks: must be 0 or more");
    assertThatThrownBy(() -> MemoryPool.builder().leakSamples(-1))
        .hasMessage("-1 leak samples a second: must be from 0 to 100000");
  }

  @Test
  void anotherPatternAndQuarantine() {
    CheckSettings settings =
        CheckSettings.of(CheckLevel.CHECKED).withPoison(0x5A).withQuarantine(2).withRedZone(8);
    try (MemoryPool pool = open(b -> b.tier(64, 10).checks(settings))) {
      assertThat(pool.region().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 0x5A);
      List<Long> freed = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        freed.add(pool.allocateHandle(64));
      }
      freed.forEach(pool::free);
      long next = pool.allocateHandle(64);
      assertThat(next >>> 32).as("left the quarantine of two").isEqualTo(freed.getFirst() >>> 32);
      pool.free(next);
    }
  }
}
