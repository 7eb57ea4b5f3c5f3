package io.cistern.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.benchmarks.pattern.Pattern;
import io.cistern.benchmarks.subject.NativeLibrary;
import io.cistern.benchmarks.subject.Subject;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is measured. Time budget: 1 s. */
class PlanTest {
  private static final Set<Subject> ALL = Set.of(Subject.values());

  @Test
  void quickIsTheMeanOfThreeSizesAtOneAndTwoThreads() {
    List<Cell> cells = Plan.quick(ALL).cells();
    assertThat(cells)
        .hasSize(10)
        .allSatisfy(cell -> assertThat(cell.pattern()).isEqualTo(Pattern.PAIR))
        .allSatisfy(cell -> assertThat(cell.sizes()).containsExactly(64, 1024, 65536));
    assertThat(cells.stream().map(cell -> cell.subject().id() + " " + cell.threads()))
        .containsExactlyInAnyOrder(
            "cistern-shared 1",
            "cistern-shared 2",
            "cistern-confined 1",
            "cistern-confined 2",
            "cistern-block 1",
            "cistern-block 2",
            "malloc-ffm 1",
            "malloc-ffm 2",
            "netty-adaptive 1",
            "netty-adaptive 2");
  }

  @Test
  void fullHasEveryPatternThreadCountAndSubjectOnce() {
    Plan plan = Plan.full(Set.of(Pattern.values()), ALL);
    assertThat(plan.cells()).doesNotHaveDuplicates();
    assertThat(plan.cells().stream().map(Cell::pattern).distinct())
        .containsExactly(Pattern.values());
    assertThat(threads(plan, Pattern.PAIR)).containsExactlyInAnyOrder(1, 2, 4, 8);
    assertThat(threads(plan, Pattern.HANDOFF)).containsExactly(2);
    Stream<Subject> here =
        Stream.of(Subject.values())
            .filter(subject -> subject.library().stream().allMatch(NativeLibrary::isInstalled));
    assertThat(plan.cells().stream().map(Cell::subject).distinct())
        .containsExactlyInAnyOrderElementsOf(here.toList());
    assertThat(plan.leftOut().size())
        .isEqualTo(ALL.size() - (int) plan.cells().stream().map(Cell::subject).distinct().count());
  }

  private static List<Integer> threads(Plan plan, Pattern pattern) {
    return plan.cells().stream()
        .filter(cell -> cell.pattern() == pattern)
        .map(Cell::threads)
        .distinct()
        .toList();
  }

  @Test
  void onlyWhatIsWantedIsMeasured() {
    Plan plan =
        Plan.full(Set.of(Pattern.REFUSED), Set.of(Subject.CISTERN_SHARED, Subject.MALLOC_FFM));
    assertThat(plan.cells().stream().map(Cell::toString))
        .containsExactly(
            "refused of 64 blocks, 1 thread, cistern-shared",
            "refused of 1048576 blocks, 1 thread, cistern-shared",
            "refused of 64 blocks, 2 threads, cistern-shared",
            "refused of 1048576 blocks, 2 threads, cistern-shared");
  }

  @Test
  void whatOnlyItsOwnThreadCanFreeIsNotHandedOff() {
    assertThat(Pattern.HANDOFF.subjects())
        .contains(Subject.CISTERN_SHARED, Subject.MALLOC_FFM)
        .doesNotContain(Subject.CISTERN_CONFINED, Subject.ARENA_CONFINED);
  }

  @Test
  void theNamesAreThoseThatReadersOfReportsKnow() {
    assertThat(Stream.of(Subject.values()).map(Subject::id))
        .contains(
            "cistern-shared",
            "cistern-confined",
            "cistern-block",
            "malloc-ffm",
            "mimalloc-ffm",
            "jemalloc-ffm",
            "netty-pooled",
            "netty-adaptive",
            "netty-pooled-plain",
            "netty-adaptive-plain",
            "jetty",
            "arena-confined",
            "arena-auto",
            "direct",
            "arrow",
            "kafka");
    assertThat(Stream.of(Pattern.values()).map(Pattern::id))
        .containsExactly(
            "pair",
            "batch",
            "mixed",
            "handoff",
            "refused",
            "stats",
            "snapshot",
            "usage",
            "arena",
            "latency",
            "echo");
  }
}
