package io.cistern.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.Test;

/** What waits for one client is bounded: at the bound nothing more is read from it. Budget: 1 s. */
class OutboxTest {
  private static final ByteBuffer MESSAGE = ByteBuffer.allocate(1);

  /** A client that takes messages only when told to. */
  private static final class Deaf implements Link {
    final Deque<Runnable> underWay = new ArrayDeque<>();
    int demands;

    @Override
    public void send(boolean isText, ByteBuffer payload, Runnable sent) {
      underWay.add(sent);
    }

    @Override
    public void demand() {
      demands++;
    }

    @Override
    public void close(int code, String reason) {}
  }

  private final Deaf deaf = new Deaf();
  private final Outbox outbox = new Outbox();

  @Test
  void oneMessageIsUnderWayAtATime() {
    outbox.open(deaf);
    assertThat(outbox.isIdle()).isTrue();
    outbox.send(true, MESSAGE);
    outbox.send(true, MESSAGE);
    assertThat(deaf.underWay).hasSize(1);
    assertThat(outbox.isIdle()).isFalse();
    deaf.underWay.remove().run();
    assertThat(deaf.underWay).hasSize(1);
    deaf.underWay.remove().run();
    assertThat(outbox.isIdle()).isTrue();
  }

  @Test
  void nothingIsReadWhileAsManyAnswersWaitAsMay() {
    outbox.open(deaf);
    for (int i = 0; i < Outbox.MOST; i++) {
      outbox.send(true, MESSAGE);
      outbox.demand();
    }
    assertThat(deaf.demands).isEqualTo(Outbox.MOST);
    outbox.send(true, MESSAGE);
    outbox.demand();
    assertThat(deaf.demands).isEqualTo(Outbox.MOST);
    deaf.underWay.remove().run();
    deaf.underWay.remove().run();
    assertThat(deaf.demands).isEqualTo(Outbox.MOST + 1);
  }

  @Test
  void whatIsSentBeforeTheConnectionStandsWaitsForIt() {
    outbox.send(true, MESSAGE);
    assertThat(deaf.underWay).isEmpty();
    outbox.open(deaf);
    outbox.send(true, MESSAGE);
    assertThat(deaf.underWay).hasSize(1);
  }
}
