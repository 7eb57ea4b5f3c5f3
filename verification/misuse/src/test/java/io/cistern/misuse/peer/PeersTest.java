package io.cistern.misuse.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.TestInstance.Lifecycle.PER_CLASS;

import io.cistern.misuse.DocsPage;
import io.cistern.misuse.peer.PeerOutcome.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same misuse done to others, in some 70 JVMs of their own, two at a time. Time budget: 30 s on
 * two cores.
 */
@TestInstance(PER_CLASS)
class PeersTest {
  private final Map<PeerKind, Map<String, PeerOutcome>> outcomes = new EnumMap<>(PeerKind.class);

  /** The C library first: its JVMs are the most, and some take their time to die. */
  @BeforeAll
  void run(@TempDir Path scratch) throws Exception {
    Map<PeerKind, Future<Map<String, PeerOutcome>>> runs = new EnumMap<>(PeerKind.class);
    Deque<PeerKind> kinds = new ArrayDeque<>(List.of(PeerKind.values()));
    try (ExecutorService two = Executors.newFixedThreadPool(2)) {
      for (PeerKind kind = kinds.pollLast(); kind != null; kind = kinds.pollLast()) {
        runs.put(kind, two.submit(new PeerRun(kind, scratch)::run));
      }
    }
    for (PeerKind kind : runs.keySet()) {
      outcomes.put(kind, Objects.requireNonNull(runs.get(kind)).get());
    }
  }

  private PeerOutcome of(PeerKind kind, String name) {
    return Objects.requireNonNull(Objects.requireNonNull(outcomes.get(kind)).get(name));
  }

  @Test
  void everythingWasRun() {
    for (PeerKind kind : PeerKind.values()) {
      assertThat(outcomes.get(kind))
          .as(kind.text())
          .containsOnlyKeys(kind.cases().stream().map(PeerCase::name).toList());
    }
  }

  @Test
  void misusedFreesAreThrownByCisternAlone() {
    for (PeerCase one : PeerMisuses.cases()) {
      if (one.name().matches("(double free|stale free|interior address|memory that).*")) {
        PeerOutcome refused = new PeerOutcome(Kind.THROWN, "InvalidFreeException");
        assertThat(of(PeerKind.CISTERN, one.name())).as(one.name()).isEqualTo(refused);
        assertThat(of(PeerKind.CISTERN_GUARDED, one.name())).as(one.name()).isEqualTo(refused);
      }
    }
    for (PeerKind kind : List.of(PeerKind.NETTY_POOLED, PeerKind.NETTY_ADAPTIVE, PeerKind.JETTY)) {
      assertThat(of(kind, "stale free, in one of 64 tries").kind())
          .as(kind.text())
          .isEqualTo(Kind.WRONG);
    }
  }

  /** It has nothing to throw with. */
  @Test
  void theCLibraryThrowsNothing() {
    assertThat(Objects.requireNonNull(outcomes.get(PeerKind.GLIBC)).values())
        .extracting(PeerOutcome::kind)
        .contains(Kind.ABORTED, Kind.WRONG)
        .doesNotContain(Kind.THROWN);
  }

  @Test
  void thePageSaysSo() throws IOException {
    DocsPage.check("peers", new PeerTable(outcomes).text(), PeerTable::comparable);
  }

  @Test
  void howAJvmEndedIsRead() {
    String thrown = "outcome\tTHROWN\tIllegalStateException\n";
    PeerOutcome first = new PeerOutcome(Kind.THROWN, "IllegalStateException");
    assertThat(PeerRun.outcomes(0, "noise\n" + thrown)).containsExactly(first);
    assertThat(PeerRun.outcomes(134, thrown))
        .containsExactly(first, new PeerOutcome(Kind.ABORTED, "SIGABRT"));
    assertThat(PeerRun.outcomes(1, "#  SIGSEGV (0xb) at pc=0x1, pid=2, tid=3\n"))
        .containsExactly(new PeerOutcome(Kind.ABORTED, "SIGSEGV"));
    assertThat(PeerRun.outcomes(137, ""))
        .containsExactly(new PeerOutcome(Kind.ABORTED, "signal 9"));
    assertThatThrownBy(() -> PeerRun.outcomes(1, thrown)).hasMessageStartingWith("exit code 1: ");
    assertThatThrownBy(() -> PeerRun.outcomes(0, "nothing")).hasMessage("exit code 0: nothing");
  }

  @Test
  void whoIsHarmedBehindABlockMayDiffer() {
    String row = "| overflow by 8 B through a bare address | not seen | x |";
    String harmed = row.replace("not seen", "**wrong**: another owner's bytes were changed");
    assertThat(PeerTable.comparable(row))
        .isEqualTo(PeerTable.comparable(harmed))
        .isNotEqualTo(PeerTable.comparable(row.replace("not seen", "`Error`")));
  }

  @Test
  void onlyTheCLibrarysColumnMayDiffer() {
    String one = "x.\n\n| a | b | c |\nThe C library was glibc 1.";
    assertThat(PeerTable.comparable(one))
        .isEqualTo(PeerTable.comparable(one.replace("c |", "d |").replace("1.", "2.")))
        .isNotEqualTo(PeerTable.comparable(one.replace("b", "d")));
  }
}
