package io.cistern.misuse.peer;

import io.cistern.misuse.peer.PeerOutcome.Kind;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.util.List;

/**
 * The JVM in which cases are done to one allocator. It may not survive that, and goes on to the
 * next case, with a fresh allocator, only as long as each was thrown and harmed nobody: what is
 * done after any other outcome would be done to memory that may be damaged.
 */
final class PeerChild {
  /** What comes before an outcome in its output. */
  static final String MARK = "outcome\t";

  private PeerChild() {}

  /**
   * Does them and prints what came of each. On a thread as Netty has them, on which its caches
   * work; to the others it is like any.
   *
   * @param args the name of a {@link PeerKind}, and the number of its first case
   */
  public static void main(String[] args) {
    PeerKind kind = PeerKind.valueOf(args[0]);
    int first = Integer.parseInt(args[1]);
    new FastThreadLocalThread(() -> run(kind, first)).start();
  }

  private static void run(PeerKind kind, int first) {
    List<PeerCase> cases = kind.cases();
    boolean sound = true;
    for (PeerCase one : cases.subList(first, cases.size())) {
      if (sound) {
        PeerOutcome outcome = run(kind, one);
        System.out.println(MARK + outcome.line());
        sound = outcome.kind() == Kind.THROWN;
      }
    }
    System.out.flush();
    Runtime.getRuntime().halt(0); // whatever is damaged is of no interest from here on
  }

  private static PeerOutcome run(PeerKind kind, PeerCase one) {
    PeerStage stage = new PeerStage(kind.open());
    stage.warmUp();
    try {
      one.misuse().commit(stage);
    } catch (Throwable failed) {
      throw new IllegalStateException(one.name(), failed);
    }
    return stage.outcome();
  }
}
