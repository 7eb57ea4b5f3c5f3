package io.cistern.misuse;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what became of a misuse.
 *
 * <pre>
 * misuse ──► free all that lives ──► hand out all memory ──► verify, close
 * THROWN      REPORTED_AT_FREE        REPORTED_AT_REUSE       REPORTED       else NOT_SEEN
 * </pre>
 *
 * The outcome is the first moment at which anything was thrown or told to the pool's listener. A
 * misuse that was thrown must have changed nothing: every allocation is live, with its bytes as
 * they were, and the rest goes unnoticed.
 */
final class Aftermath {
  private final Stage stage;
  private final MemoryPool pool;

  private Aftermath(Stage stage) {
    this.stage = stage;
    this.pool = stage.pool();
  }

  /** Plays the rest and says when the misuse was noticed. */
  static Outcome of(Stage stage) {
    return new Aftermath(stage).outcome();
  }

  private Outcome outcome() {
    Optional<Throwable> thrown = stage.thrown();
    if (thrown.isEmpty()) {
      return pool.isClosed() ? Outcome.NOT_SEEN : later();
    }
    if (!pool.isClosed()) {
      expectUnharmed(thrown.get());
    }
    return Outcome.thrown(thrown.get());
  }

  private void expectUnharmed(Throwable thrown) {
    List<String> harmed = stage.living().harmed();
    Outcome later = harmed.isEmpty() ? later() : Outcome.NOT_SEEN;
    if (!harmed.isEmpty() || !later.equals(Outcome.NOT_SEEN)) {
      throw new AssertionError("thrown, and yet: " + harmed + ", " + later.text(), thrown);
    }
  }

  private Outcome later() {
    if (stage.isLost()) {
      return Outcome.REPORTED;
    }
    return during(Seen.REPORTED_AT_FREE, this::freeAll)
        .or(() -> during(Seen.REPORTED_AT_REUSE, this::handOutAll))
        .or(() -> during(Seen.REPORTED, this::verifyAndClose))
        .orElse(Outcome.NOT_SEEN);
  }

  private Optional<Outcome> during(Seen moment, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException told) {
      return Optional.of(new Outcome(moment, Outcome.thrown(told).by()));
    }
    return stage.reports() == 0 ? Optional.empty() : Optional.of(new Outcome(moment, ""));
  }

  private void freeAll() {
    stage.living().all().forEach(stage::free);
  }

  private void handOutAll() {
    List<MemoryBlock> all = new ArrayList<>();
    for (MemoryBlock next = next(); next != null; next = next()) {
      all.add(next);
    }
    all.forEach(MemoryBlock::close);
  }

  private @Nullable MemoryBlock next() {
    return pool.tryAllocate(Victim.SIZE);
  }

  private void verifyAndClose() {
    pool.verify().orThrow();
    pool.close();
  }
}
