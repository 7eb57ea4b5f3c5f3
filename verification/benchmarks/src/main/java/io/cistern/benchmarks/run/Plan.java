package io.cistern.benchmarks.run;

import io.cistern.benchmarks.pattern.Pattern;
import io.cistern.benchmarks.subject.NativeLibrary;
import io.cistern.benchmarks.subject.Sizes;
import io.cistern.benchmarks.subject.Subject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Predicate;

/**
 * What a run measures, in the order of one round. All cells are gone through once a round, so that
 * a machine that slows down slows all of them down.
 *
 * @param cells what to measure
 * @param leftOut subjects that this machine does not have, with the reason
 */
public record Plan(List<Cell> cells, List<String> leftOut) {
  private static final List<Integer> ALL_SIZES = Arrays.stream(Sizes.tiers()).boxed().toList();
  private static final List<Integer> ARENA_SIZES = List.of(100, Sizes.MIDDLE, 65536);
  private static final List<Integer> QUICK_SIZES = List.of(64, 1024, 65536);
  private static final EnumSet<Subject> QUICK_SUBJECTS =
      EnumSet.of(
          Subject.CISTERN_SHARED,
          Subject.CISTERN_CONFINED,
          Subject.CISTERN_BLOCK,
          Subject.MALLOC_FFM,
          Subject.NETTY_ADAPTIVE);
  private static final int QUICK_THREADS = 2;
  private static final List<Integer> REFUSING_BLOCKS = List.of(64, 1 << 20);

  /** Copies the lists. */
  public Plan {
    cells = List.copyOf(cells);
    leftOut = List.copyOf(leftOut);
  }

  /**
   * Everything.
   *
   * @param patterns that are wanted
   * @param subjects that are wanted
   * @return the plan
   */
  public static Plan full(Collection<Pattern> patterns, Collection<Subject> subjects) {
    return of(patterns, subjects, ALL_SIZES, threads -> true);
  }

  /**
   * The pair with few sizes, threads and subjects.
   *
   * @param subjects that are wanted; others than the quick ones are not measured
   * @return the plan
   */
  public static Plan quick(Collection<Subject> subjects) {
    EnumSet<Subject> chosen = EnumSet.copyOf(QUICK_SUBJECTS);
    chosen.retainAll(subjects);
    return of(List.of(Pattern.PAIR), chosen, QUICK_SIZES, threads -> threads <= QUICK_THREADS);
  }

  private static Plan of(
      Collection<Pattern> patterns,
      Collection<Subject> subjects,
      List<Integer> sizes,
      Predicate<Integer> threads) {
    List<Cell> cells = new ArrayList<>();
    for (Pattern pattern : Pattern.values()) {
      if (!patterns.contains(pattern)) {
        continue;
      }
      for (Subject subject : pattern.subjects()) {
        if (subjects.contains(subject) && isHere(subject)) {
          pattern.threads(subject).stream()
              .filter(threads)
              .forEach(count -> cells.addAll(cells(pattern, subject, count, sizes)));
        }
      }
    }
    return new Plan(cells, leftOut(subjects));
  }

  private static List<Cell> cells(
      Pattern pattern, Subject subject, int threads, List<Integer> sizes) {
    return switch (pattern) {
      case PAIR -> List.of(Cell.sized(pattern, subject, threads, sizes));
      case ARENA -> List.of(Cell.sized(pattern, subject, threads, ARENA_SIZES));
      case REFUSED ->
          REFUSING_BLOCKS.stream().map(blocks -> Cell.refused(subject, threads, blocks)).toList();
      default -> List.of(Cell.of(pattern, subject, threads));
    };
  }

  private static boolean isHere(Subject subject) {
    return subject.library().map(NativeLibrary::isInstalled).orElse(true);
  }

  private static List<String> leftOut(Collection<Subject> subjects) {
    return Arrays.stream(Subject.values())
        .filter(subjects::contains)
        .filter(subject -> !isHere(subject))
        .map(subject ->
            subject.id() + ": " + subject.library().orElseThrow().file() + " is not installed")
        .toList();
  }
}
