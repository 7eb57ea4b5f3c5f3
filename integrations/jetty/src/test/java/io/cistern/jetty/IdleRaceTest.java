package io.cistern.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A race of Jetty 12.1.12 that releases a buffer of an HTTP/1.1 connection twice, and what becomes
 * of it here. When a request's body has been idle for the connector's idle timeout, the scheduler's
 * thread reads what is left of it; when the next bytes come at that moment, a thread of the server
 * reads too. Both find the same buffer in the connection's field, and both release it. Clients that
 * send just then make that happen some times a minute; on most runs of three seconds it does not.
 *
 * <p>Whether it happens or not: what the pool refuses is exactly what was released too often, and
 * what is live in it is exactly what Jetty never released, which the same race makes happen too.
 * Time budget: 12 seconds.
 *
 * <p>Longer: {@code -Drace.seconds=60}.
 */
@Timeout(120)
class IdleRaceTest {
  private static final int IDLE_MILLIS = 5;
  private static final int CLIENTS = 100;
  private static final int PIECES = 4;
  private static final Duration LASTING = Duration.ofSeconds(Long.getLong("race.seconds", 3));

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusesWhatIsReleasedTwice(boolean direct) throws Exception {
    CisternByteBufferPool buffers = new CisternByteBufferPool();
    Witness witness = new Witness(buffers);
    load(witness, direct);
    System.out.println((direct ? "direct: " : "heap: ") + witness);
    assertThat(witness.refused()).isEqualTo(witness.mistakes());
    assertThat(buffers.getRefusedCount()).isEqualTo(witness.mistakes());
    Awaitility.await()
        .untilAsserted(() ->
            assertThat(buffers.getUsedDirectByteBufferCount())
                .isEqualTo(direct ? witness.live() : 0));
    buffers.pools().forEach(pool -> pool.verify().orThrow());
    buffers.pools().forEach(MemoryPool::closeNow);
  }

  /** The same on Jetty's own pool: prints how often. */
  @Test
  void happensOnJettysOwnPool() throws Exception {
    Witness witness = new Witness(new ArrayByteBufferPool());
    load(witness, true);
    System.out.println("Jetty's own pool: " + witness);
    assertThat(witness.acquired()).isPositive();
  }

  private static void load(Witness witness, boolean direct) throws Exception {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random seeds = new Random(seed);
    long end = System.nanoTime() + LASTING.toNanos();
    try (TestServer server = new TestServer(witness, direct, IDLE_MILLIS);
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < CLIENTS; i++) {
        Random random = new Random(seeds.nextLong());
        threads.execute(() -> {
          while (System.nanoTime() < end) {
            hesitate(server.port, random);
          }
        });
      }
    }
  }

  /** Sends the pieces of a body about as far apart as the server waits. */
  private static void hesitate(int port, Random random) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setTcpNoDelay(true);
      socket.setSoLinger(random.nextBoolean(), 0);
      OutputStream out = socket.getOutputStream();
      out.write(
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n"
              .getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < PIECES; i++) {
        out.write(new byte[1 + random.nextInt(100)]);
        LockSupport.parkNanos(
            (long)
                ((IDLE_MILLIS - 1 + 2.5 * random.nextDouble()) * Duration.ofMillis(1).toNanos()));
      }
    } catch (IOException reset) {
      // the server was faster
    }
  }
}
