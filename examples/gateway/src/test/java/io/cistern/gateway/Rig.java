package io.cistern.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.PoolStats;
import io.cistern.VerifyReport;
import io.cistern.config.Profile;
import io.cistern.config.Profile.Oversize;
import io.cistern.gateway.load.RawClient;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * A gateway on a free port, over a pool of 8 blocks of 4096 B, 16 of 1024 B and 32 of 256 B.
 * Closing it closes the books: every frame has had its end, no block is live, every pool verifies.
 */
final class Rig implements AutoCloseable {
  private static final String POOL = "main";

  private final PoolManager pools;
  final Gateway gateway;

  private Rig(PoolManager pools, Gateway gateway) {
    this.pools = pools;
    this.gateway = gateway;
  }

  static Rig open(ServerKind server) throws IOException {
    return open(
        new Profile.Frames(POOL, OptionalLong.empty(), Oversize.CLOSE),
        GatewayOptions.onPort(0).withServer(server));
  }

  static Rig dropping(ServerKind server) throws IOException {
    return open(
        new Profile.Frames(POOL, OptionalLong.empty(), Oversize.DROP),
        GatewayOptions.onPort(0).withServer(server));
  }

  static Rig withFrameBlock(ServerKind server, long block) throws IOException {
    return open(
        new Profile.Frames(POOL, OptionalLong.of(block), Oversize.DROP),
        GatewayOptions.onPort(0).withServer(server));
  }

  static Rig withFrameTimeout(ServerKind server, Duration timeout) throws IOException {
    return open(
        new Profile.Frames(POOL, OptionalLong.empty(), Oversize.CLOSE),
        GatewayOptions.onPort(0).withServer(server).withFrameTimeout(timeout));
  }

  static Rig withIdleTimeout(ServerKind server, Duration timeout) throws IOException {
    return open(
        new Profile.Frames(POOL, OptionalLong.empty(), Oversize.CLOSE),
        GatewayOptions.onPort(0).withServer(server).withIdleTimeout(timeout));
  }

  private static Rig open(Profile.Frames frames, GatewayOptions options) throws IOException {
    PoolManager pools =
        PoolManager.builder()
            .pool(POOL, MemoryPool.builder().tier(4096, 8).tier(1024, 16).tier(256, 32))
            .build();
    return new Rig(pools, Gateway.open(pools, frames, options));
  }

  URI uri() {
    return gateway.uri();
  }

  MemoryPool pool() {
    return pools.pool(POOL);
  }

  RawClient raw() throws IOException {
    return RawClient.connect(uri());
  }

  GatewayStats stats() {
    return gateway.stats();
  }

  /** The figures once every frame that was received has had its end. */
  GatewayStats settled() {
    await()
        .until(() -> stats().framesEnded() == stats().framesReceived() && stats().echoing() == 0);
    return stats();
  }

  /** Allocations of the tier with blocks of this size. */
  long allocations(long blockSize) {
    return pool().stats().tiers().stream()
        .filter(tier -> tier.blockSizeBytes() == blockSize)
        .mapToLong(PoolStats.Tier::allocations)
        .sum();
  }

  void awaitConnections(int connections) {
    await().until(() -> stats().connections() == connections);
  }

  void awaitUsed(int blocks) {
    await().until(() -> pool().stats().used() == blocks);
  }

  static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (31 * i + size);
    }
    return bytes;
  }

  static byte[] text(int size) {
    byte[] text = new byte[size];
    Arrays.fill(text, (byte) 'x');
    return text;
  }

  @Override
  public void close() {
    gateway.close();
    GatewayStats frames = stats();
    assertThat(frames.framesEnded()).as("%s", frames).isEqualTo(frames.framesReceived());
    assertThat(frames.echoing()).isZero();
    assertThat(frames.connections()).isZero();
    PoolStats pool = pool().stats();
    assertThat(pool.failed()).isEqualTo(frames.framesDroppedExhausted());
    assertThat(pool.violations()).isZero();
    assertThat(pool.used()).isZero();
    assertThat(pools.verify()).allMatch(VerifyReport::ok);
    pools.close();
  }
}
