package io.cistern.benchmarks.pattern;

import io.cistern.benchmarks.echo.EchoClient;
import io.cistern.benchmarks.echo.EchoServer;
import io.cistern.benchmarks.subject.Subject;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.runner.IterationType;

/**
 * Requests of 4 KB to an HTTP server over loopback, which sends them back: {@value #CONNECTIONS}
 * connections, on each of which one request is under way. A request's time runs from its first byte
 * out to its last byte in.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@SuppressWarnings("NullAway.Init") // JMH calls open first
public class EchoBenchmark {
  private static final int CONNECTIONS = 16;
  private static final int BODY_BYTES = 4096;

  /** Which one; {@link Subject#id()}. */
  @Param("cistern-netty")
  public String subject = "";

  private final Latencies latencies = new Latencies();
  private final EchoClient[] clients = new EchoClient[CONNECTIONS];
  private final long[] sent = new long[CONNECTIONS];
  private EchoServer server;

  /** Starts the server and connects. */
  @Setup
  public void open() throws IOException {
    server =
        EchoServer.start(
            Subject.of(subject).orElseThrow(() -> new IllegalArgumentException(subject)));
    for (int i = 0; i < CONNECTIONS; i++) {
      clients[i] = new EchoClient(server.port(), BODY_BYTES);
    }
  }

  /** Forgets what warm-up took. */
  @Setup(Level.Iteration)
  public void begin(IterationParams iteration) {
    latencies.begin(iteration.getType() == IterationType.MEASUREMENT);
  }

  /** One request on each connection. */
  @Benchmark
  @OperationsPerInvocation(CONNECTIONS)
  public void echo() throws IOException {
    for (int i = 0; i < CONNECTIONS; i++) {
      sent[i] = System.nanoTime();
      clients[i].send();
    }
    for (int i = 0; i < CONNECTIONS; i++) {
      clients[i].receive();
      latencies.record(System.nanoTime() - sent[i]);
    }
  }

  /** Disconnects, stops and checks. */
  @TearDown
  public void close() throws IOException {
    for (EchoClient client : clients) {
      client.close();
    }
    server.close();
    latencies.write();
  }
}
