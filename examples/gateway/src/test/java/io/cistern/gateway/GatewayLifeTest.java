package io.cistern.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.config.Profile;
import io.cistern.config.Profile.Oversize;
import io.cistern.gateway.load.RawClient;
import java.net.BindException;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Opening and closing, in order and in disorder. Time budget: 15 s. */
@ParameterizedClass
@EnumSource
class GatewayLifeTest {
  @Parameter private ServerKind server = ServerKind.JETTY;

  @Test
  void clientsAreSentAwayWith1001() throws Exception {
    try (Rig rig = Rig.open(server);
        HttpSocket client = new HttpSocket(rig.uri())) {
      client.send("hello");
      assertThat(client.receive()).isEqualTo("hello");
      rig.gateway.close();
      assertThat(client.closeCode()).isEqualTo(1001);
    }
  }

  @Test
  void closesWithClientsThatNeitherReadNorClose() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient silent = rig.raw();
        RawClient unfinished = rig.raw()) {
      unfinished.send(RawClient.BINARY, false, Rig.bytes(10));
      rig.awaitUsed(1);
      rig.awaitConnections(2);
      long start = System.nanoTime();
      rig.gateway.close();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
      assertThat(rig.pool().stats().used()).isZero();
      assertThat(rig.settled().framesAborted()).isEqualTo(1);
      assertThat(silent.receiveCloseCode()).isEqualTo(1001);
    }
  }

  @Test
  void refusesClientsOnceClosed() throws Exception {
    try (Rig rig = Rig.open(server)) {
      rig.gateway.close();
      rig.gateway.close();
      assertThatThrownBy(rig::raw).isInstanceOf(java.io.IOException.class);
    }
  }

  @Test
  void portInUseIsABindException() throws Exception {
    try (Rig rig = Rig.open(server);
        PoolManager pools = pools()) {
      assertThatThrownBy(() ->
              Gateway.open(
                  pools, frames(OptionalLong.empty()), GatewayOptions.onPort(rig.uri().getPort())))
          .isInstanceOf(BindException.class);
    }
  }

  @Test
  void frameBlockMustFitThePool() {
    try (PoolManager pools = pools()) {
      assertThatThrownBy(
              () -> Gateway.open(pools, frames(OptionalLong.of(65)), GatewayOptions.onPort(0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("frame block of 65 B: the largest block of pool 'main' has 64 B");
    }
  }

  @Test
  void optionsAreChecked() {
    assertThatThrownBy(() -> GatewayOptions.onPort(-1))
        .hasMessage("port -1: must be from 0 (any free one) to 65535");
    assertThatThrownBy(() -> GatewayOptions.onPort(65_536))
        .hasMessage("port 65536: must be from 0 (any free one) to 65535");
    assertThatThrownBy(() -> GatewayOptions.onPort(0).withFrameTimeout(Duration.ZERO))
        .hasMessage("frameTimeout of PT0S: must be at least 1 ms");
  }

  private static PoolManager pools() {
    return PoolManager.builder().pool("main", MemoryPool.builder().tier(64, 1)).build();
  }

  private static Profile.Frames frames(OptionalLong block) {
    return new Profile.Frames("main", block, Oversize.CLOSE);
  }
}
