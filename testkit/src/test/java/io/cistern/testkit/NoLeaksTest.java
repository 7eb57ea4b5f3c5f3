package io.cistern.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.CheckLevel;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Which tests fail, and with what; each of the classes in here is run by JUnit. Budget: 4 s. */
@Timeout(60)
class NoLeaksTest {
  private static MemoryPool.Builder small(CheckLevel level) {
    return MemoryPool.builder().name("p").tier(64, 8).checks(level);
  }

  // --- parameters -----------------------------------------------------------------------------

  @NoLeaks
  static class Given {
    private static final List<MemoryPool> POOLS = new ArrayList<>();

    @BeforeEach
    void before(MemoryPool pool) {
      POOLS.add(pool);
      pool.allocate(1).close();
    }

    @Test
    void frees(MemoryPool pool) {
      assertThat(pool).isSameAs(POOLS.getLast());
      assertThat(pool.stats().checks().level()).isEqualTo(CheckLevel.CHECKED);
      assertThat(pool.maxSize()).isEqualTo(65_536);
      pool.allocate(200).close();
    }

    @Test
    void leaks(MemoryPool pool) {
      pool.allocateHandle(200);
      pool.allocateHandle(300);
    }
  }

  @Test
  void aTestThatLeavesBlocksOfItsPoolLiveFails() {
    Given.POOLS.clear();
    Outcome outcome = Outcome.of(Given.class);
    assertThat(outcome.passed()).containsExactly("frees(MemoryPool)");
    assertThat(outcome.failed()).containsExactly("leaks(MemoryPool)");
    assertThat(outcome.messages()).hasSize(1);
    assertThat(outcome.messages().getFirst())
        .startsWith(
            """
            leaks(MemoryPool) left 2 blocks live in pool 'test' (0 before, 2 after)
            pool 'test': 2 blocks of 500 B live for 0.0 s or more, from 2 sites
              1 block, 300 B, oldest \
            """)
        .contains("s, by " + Thread.currentThread().getName() + "\n      at ")
        .contains("NoLeaksTest$Given.leaks(NoLeaksTest.java:")
        .doesNotContain("not every stack");
    assertThat(Given.POOLS).hasSize(2).doesNotHaveDuplicates().allMatch(MemoryPool::isClosed);
  }

  // --- fields ---------------------------------------------------------------------------------

  @NoLeaks
  static class Fields {
    private final MemoryPool mine = small(CheckLevel.STANDARD).build();
    private final PoolManager manager =
        PoolManager.builder().pool("m", MemoryPool.builder().variable(4096)).build();
    private final MemoryBlock early = mine.allocate(8);

    @AfterEach
    void close() {
      if (early.isLive()) {
        early.close();
      }
    }

    @Test
    void frees() {
      mine.allocate(9).close();
    }

    @Test
    void leavesOneOfItsManager() {
      manager.pool("m").allocate(100);
    }
  }

  @Test
  void poolsInFieldsAreLookedAtAfterTheMethodsThatRunAfterEach() {
    Outcome outcome = Outcome.of(Fields.class);
    assertThat(outcome.passed()).containsExactly("frees()");
    assertThat(outcome.messages()).hasSize(1);
    assertThat(outcome.messages().getFirst())
        .startsWith("leavesOneOfItsManager() left 1 blocks live in pool 'm' (0 before, 1 after)\n")
        .endsWith("\n  not every stack is known: build the pool with checks(CheckLevel.CHECKED)");
  }

  @NoLeaks
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  static class Shared {
    private final MemoryPool pool = small(CheckLevel.CHECKED).build();
    private final MemoryBlock ofAll = pool.allocate(8);

    @Test
    void frees() {
      pool.allocate(8).close();
    }

    @AfterAll
    void close() {
      ofAll.close();
      pool.close();
    }
  }

  @Test
  void whatWasLiveBeforeATestIsNoLeakOfIt() {
    Outcome outcome = Outcome.of(Shared.class);
    assertThat(outcome.failed()).isEmpty();
    assertThat(outcome.passed()).containsExactly("frees()");
  }

  // --- the class as a whole -------------------------------------------------------------------

  @NoLeaks
  static class LeaksForAll {
    private static MemoryPool pool = small(CheckLevel.CHECKED).build();

    @BeforeAll
    static void before() {
      pool = small(CheckLevel.CHECKED).build();
      pool.allocate(8);
    }

    @Test
    void isFine() {
      pool.allocate(8).close();
    }
  }

  @Test
  void whatIsLeftOfMethodsThatRunOnceIsOfTheClass() {
    Outcome outcome = Outcome.of(LeaksForAll.class);
    assertThat(outcome.passed()).containsExactly("isFine()");
    assertThat(outcome.failed()).hasSize(1).allMatch(name -> name.endsWith("LeaksForAll"));
    assertThat(outcome.messages().getFirst())
        .contains("LeaksForAll left 1 blocks live in pool 'p'");
    LeaksForAll.pool.closeNow();
  }

  @NoLeaks
  static class LeaksInOne {
    private static MemoryPool pool = small(CheckLevel.CHECKED).build();

    @BeforeAll
    static void before() {
      pool = small(CheckLevel.CHECKED).build();
    }

    @Test
    void leaks() {
      pool.allocate(8);
    }
  }

  @Test
  void aLeakIsToldOnce() {
    Outcome outcome = Outcome.of(LeaksInOne.class);
    assertThat(outcome.failed()).containsExactly("leaks()");
    LeaksInOne.pool.closeNow();
  }

  // --- all that are open ----------------------------------------------------------------------

  @NoLeaks
  static class Hidden {
    @Test
    void forgetsAPoolOfItsOwn() {
      small(CheckLevel.CHECKED).name("hidden").build().allocate(5);
    }

    @Test
    void closesWhatItOpens() {
      try (MemoryPool pool = small(CheckLevel.CHECKED).build();
          MemoryBlock block = pool.allocate(5)) {
        assertThat(block.isLive()).isTrue();
      }
    }

    @Test
    void discardsWhatIsLive() {
      MemoryPool pool = small(CheckLevel.CHECKED).build();
      pool.allocate(5);
      pool.closeNow();
    }
  }

  @Test
  void poolsThatWereOpenedMeanwhileAreLookedAt() {
    Outcome outcome = Outcome.of(Hidden.class);
    assertThat(outcome.failed()).containsExactly("forgetsAPoolOfItsOwn()");
    assertThat(outcome.passed())
        .containsExactlyInAnyOrder("closesWhatItOpens()", "discardsWhatIsLive()");
    assertThat(outcome.messages().getFirst()).contains("left 1 blocks live in pool 'hidden'");
    assertThat(
            Outcome.of(
                    Hidden.class,
                    Map.of(
                        "junit.jupiter.execution.parallel.enabled",
                        "true",
                        "junit.jupiter.execution.parallel.mode.default",
                        "concurrent"))
                .failed())
        .isEmpty();
  }

  // --- damage, verify, methods, nested --------------------------------------------------------

  @NoLeaks
  static class Damaging {
    private final MemoryPool pool = small(CheckLevel.CHECKED).build();

    @AfterEach
    void close() {
      pool.close();
    }

    @Test
    void writesBehindItsBlock(MemoryPool given) {
      try (MemoryBlock block = given.allocate(40)) {
        given.region().set(ValueLayout.JAVA_BYTE, given.offset(block.handle()) + 40, (byte) 1);
      }
    }
  }

  @Test
  void damageFails() {
    Outcome outcome = Outcome.of(Damaging.class);
    assertThat(outcome.failed()).containsExactly("writesBehindItsBlock(MemoryPool)");
    assertThat(outcome.messages().getFirst())
        .startsWith(
            "writesBehindItsBlock(MemoryPool) wrote to memory of pool 'test' that it did not own, in 1 places")
        .contains(
            "was written to 1 byte behind its end", "NoLeaksTest$Damaging.writesBehindItsBlock(");
  }

  /** A field of each test's own that only points to what all share. */
  @NoLeaks
  static class Alias {
    private static final MemoryPool SHARED = small(CheckLevel.CHECKED).build();
    private static MemoryBlock ofAll = SHARED.allocate(8);

    private final MemoryPool pool = SHARED;

    @BeforeAll
    static void before() {
      if (!ofAll.isLive()) {
        ofAll = SHARED.allocate(8);
      }
    }

    @Test
    void frees() {
      pool.allocate(8).close();
    }

    @AfterAll
    static void after() {
      ofAll.close();
    }
  }

  @Test
  void aFieldMayPointToWhatAllShare() {
    Outcome outcome = Outcome.of(Alias.class);
    assertThat(outcome.failed()).isEmpty();
    assertThat(outcome.passed()).containsExactly("frees()");
  }

  static class OneMethod {
    @Test
    @NoLeaks
    void isWatched() {
      small(CheckLevel.CHECKED).build().allocate(5);
    }

    @Test
    void isNot() {
      small(CheckLevel.CHECKED).build().allocate(5);
    }
  }

  @Test
  void itMayBeOnOneMethod() {
    Outcome outcome = Outcome.of(OneMethod.class);
    assertThat(outcome.failed()).containsExactly("isWatched()");
    assertThat(outcome.passed()).containsExactly("isNot()");
  }

  @NoLeaks
  static class Outer {
    final MemoryPool outer = small(CheckLevel.CHECKED).name("outer").build();

    @Nested
    class Inner {
      @Test
      void leaks() {
        outer.allocate(3);
      }
    }
  }

  @Test
  void aNestedTestHasThePoolsAroundIt() {
    Outcome outcome = Outcome.of(Outer.class);
    assertThat(outcome.failed()).containsExactly("leaks()");
    assertThat(outcome.messages()).hasSize(1);
    assertThat(outcome.messages().getFirst()).contains("in pool 'outer' (0 before, 1 after)");
  }

  @NoLeaks
  static class FailsAnyway {
    @Test
    void failsAndLeaks(MemoryPool pool) {
      pool.allocate(3);
      throw new IllegalStateException("the test's own");
    }
  }

  @Test
  void whatATestFailsOfIsNotReplaced() {
    Outcome outcome = Outcome.of(FailsAnyway.class);
    assertThat(outcome.messages()).hasSize(2);
    assertThat(outcome.messages().getFirst()).isEqualTo("the test's own");
    assertThat(outcome.messages().get(1)).contains("left 1 blocks live in pool 'test'");
  }

  @NoLeaks
  static class NotInAConstructor {
    NotInAConstructor(MemoryPool pool) {
      assertThat(pool).isNotNull();
    }

    @Test
    void isNotReached() {}
  }

  @Test
  void aPoolIsOfOneTestAndNotOfItsConstructor() {
    Outcome outcome = Outcome.of(NotInAConstructor.class);
    assertThat(outcome.passed()).isEmpty();
    assertThat(outcome.messages().getFirst()).contains("No ParameterResolver registered");
  }

  /** It may also be registered as an object. */
  static class Registered {
    @RegisterExtension static final NoLeaksExtension LEAKS = new NoLeaksExtension();

    @Test
    void leaks(MemoryPool pool) {
      pool.allocate(3);
    }
  }

  @Test
  void theExtensionMayBeRegisteredAsAField() {
    assertThat(Outcome.of(Registered.class).failed()).containsExactly("leaks(MemoryPool)");
  }
}
