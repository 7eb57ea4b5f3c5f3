package io.cistern.gateway.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import io.cistern.VerifyReport;
import io.cistern.config.Profile;
import io.cistern.config.Profile.Oversize;
import io.cistern.gateway.Gateway;
import io.cistern.gateway.GatewayOptions;
import io.cistern.gateway.GatewayStats;
import io.cistern.gateway.ServerKind;
import java.net.URI;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The load as a whole: it exhausts any pool, breaks every rule, and both sides agree on what
 * happened. Time budget: 30 s, most of it waiting for each thing to have happened at least once.
 */
class LoadTest {
  @ParameterizedTest
  @CsvSource({"JETTY, CLOSE", "JETTY, DROP", "NETTY, CLOSE", "NETTY, DROP"})
  void bothSidesAgree(ServerKind server, Oversize oversize) throws Exception {
    MemoryPool.Builder tiers = MemoryPool.builder().tier(2048, 4).tier(512, 8).tier(128, 16);
    OptionalLong block = oversize == Oversize.DROP ? OptionalLong.of(2048) : OptionalLong.empty();
    try (PoolManager pools = PoolManager.builder().pool("main", tiers).build()) {
      Gateway gateway =
          Gateway.open(
              pools,
              new Profile.Frames("main", block, oversize),
              GatewayOptions.onPort(0).withServer(server));
      long seed = System.nanoTime();
      System.out.println("seed " + seed);
      Load load =
          Load.start(
              new LoadOptions(
                  gateway.uri(),
                  4,
                  5000,
                  gateway.blocksForLargestFrame(),
                  gateway.frameLimitBytes(),
                  oversize,
                  seed));
      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> everythingHappened(gateway.stats(), load.stats(), oversize));
      load.close();
      gateway.close();
      agree(gateway.stats(), load.stats(), pools.pool("main").stats());
      assertThat(pools.verify()).allMatch(VerifyReport::ok);
    }
  }

  private static boolean everythingHappened(
      GatewayStats gateway, LoadStats load, Oversize oversize) {
    return gateway.framesEchoed() > 2000
        && gateway.framesDroppedExhausted() > 0
        && gateway.framesRejectedTooLarge() > 1
        && gateway.framesAborted() > 1
        && load.disconnects() > 3
        && (load.oversizedRefused() > 1 || oversize == Oversize.DROP);
  }

  private static void agree(GatewayStats gateway, LoadStats load, PoolStats pool) {
    assertThat(load.failures()).isZero();
    assertThat(load.echoMismatches()).isZero();
    assertThat(load.echoesVerified()).isEqualTo(gateway.framesEchoed());
    assertThat(gateway.framesEnded()).isEqualTo(gateway.framesReceived());
    assertThat(gateway.busyAnswers()).isEqualTo(gateway.framesDroppedExhausted());
    assertThat(pool.failed()).isEqualTo(gateway.framesDroppedExhausted());
    assertThat(pool.allocations()).isEqualTo(gateway.framesEchoed() + gateway.framesAborted());
    assertThat(pool.used()).isZero();
  }

  @Test
  void aHandfulIsNotDelayedAndWhoComesAfterWaitsForIt() {
    long start = System.nanoTime();
    new Pace(1).take(60);
    assertThat(System.nanoTime() - start).isLessThan(30_000_000_000L);
    Pace pace = new Pace(1000);
    start = System.nanoTime();
    pace.take(100);
    pace.take(1);
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(100_000_000L);
  }

  @Test
  void payloadTellsEveryWrongByte() {
    for (boolean text : new boolean[] {false, true}) {
      for (int size : new int[] {16, 17, 300, 140_000}) {
        Payload payload = new Payload(7, text, size);
        byte[] echo = payload.bytes();
        assertThat(echo).hasSize(size);
        assertThat(payload.matches(echo)).isTrue();
        assertThat(Payload.idOf(echo)).isEqualTo(7);
        echo[size - 1] ^= 1;
        assertThat(payload.matches(echo)).isFalse();
        assertThat(payload.matches(new Payload(8, text, size).bytes())).isFalse();
        assertThat(payload.matches(new Payload(7, text, size + 1).bytes())).isFalse();
      }
    }
    assertThat(Payload.idOf(new byte[15])).isEqualTo(-1);
    assertThat(Payload.idOf(new byte[16])).isEqualTo(-1);
  }

  @Test
  void optionsAreChecked() {
    URI uri = URI.create("ws://127.0.0.1:1/");
    assertThatThrownBy(() -> new LoadOptions(uri, -1, 1, 1, 16, Oversize.CLOSE, 0))
        .hasMessage("-1 clients: must be 0 or more");
    assertThatThrownBy(() -> new LoadOptions(uri, 0, 0, 1, 16, Oversize.CLOSE, 0))
        .hasMessage("rate of 0 frames/s: must be 1 or more");
    assertThatThrownBy(() -> new LoadOptions(uri, 0, 1, 0, 16, Oversize.CLOSE, 0))
        .hasMessage("0 steady frames: must be 1 or more");
    assertThatThrownBy(() -> new LoadOptions(uri, 0, 1, 1, 15, Oversize.CLOSE, 0))
        .hasMessage("largest frame of 15 B: the load needs 16 B or more");
  }
}
