package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The figures and the message of a request that a quota refused. */
class QuotaExceededExceptionTest {
  private static final PoolListener.Exhaustion EXHAUSTION =
      new PoolListener.Exhaustion("main", 4000, 4096, 4096, 65536, 14336, 79872);

  private final Quota root = Quota.root(100_000);
  private final Quota network = root.child("network", 20_000, 0, false);
  private final Quota tcp = network.child("tcp", 16_384, 0, false);

  @Test
  void tellsTheFiguresOfTheQuota() {
    assertThat(tcp.charge(14_336)).isNull();
    assertThat(tcp.charge(4096)).isEqualTo(tcp);
    QuotaExceededException refused =
        new QuotaExceededException(tcp.figures(), 4096, EXHAUSTION, "");
    assertThat(refused)
        .hasMessage(
            "quota 'network/tcp' of 16384 B: 4096 B asked for, 14336 B used, 2048 B left (pool"
                + " 'main')");
    assertThat(refused.path()).isEqualTo("network/tcp");
    assertThat(refused.limitBytes()).isEqualTo(16_384);
    assertThat(refused.usedBytes()).isEqualTo(14_336);
    assertThat(refused.requestedBytes()).isEqualTo(4096);
    assertThat(refused.exhaustion()).isEqualTo(EXHAUSTION);
  }

  @Test
  void tellsWhatIsKeptAndHowLongItWaited() {
    network.child("udp", 1000, 600, false);
    assertThat(tcp.charge(16_000)).isNull();
    assertThat(network.charge(3401)).isEqualTo(network);
    assertThat(
            new QuotaExceededException(network.figures(), 3401, EXHAUSTION, " after waiting 5 ms"))
        .hasMessage(
            "quota 'network' of 20000 B: 3401 B asked for after waiting 5 ms, 16000 B used, 600 B"
                + " kept for guarantees, 3400 B left (pool 'main')");
  }
}
