package io.cistern.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The timing of one trace on one subject: a lane a thread, and rounds in which all of them replay
 * side by side. Only replays are timed; what is still held after one is freed in between.
 */
final class TimedRounds implements AutoCloseable {
  private final Trace trace;
  private final Player player;
  private final List<Lane> lanes;
  private final ExecutorService threads;
  private final List<Double> nsPerOp = new ArrayList<>();
  private long refused;

  TimedRounds(Trace trace, Player player, Subject subject, Memory memory, int threads) {
    this.trace = trace;
    this.player = player;
    this.lanes = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      lanes.add(memory.lane(trace.blocks()));
    }
    this.threads = Executors.newFixedThreadPool(threads, subject.threads());
  }

  /** What one thread did in a round. */
  private record Share(long nanos, long replays, long refused) {}

  /** Replays for a time, at least once on each thread. */
  void warmUp(long nanos) {
    play(nanos);
  }

  /** A round that counts. */
  void round(long nanos) {
    List<Share> shares = play(nanos);
    refused += shares.stream().mapToLong(Share::refused).sum();
    double time =
        shares.stream()
            .mapToDouble(share -> (double) share.nanos / share.replays)
            .average()
            .orElseThrow();
    nsPerOp.add(time / trace.operations());
  }

  private List<Share> play(long nanos) {
    CyclicBarrier start = new CyclicBarrier(lanes.size());
    List<Future<Share>> futures =
        lanes.stream().map(lane -> threads.submit(() -> play(lane, nanos, start))).toList();
    List<Share> shares = new ArrayList<>();
    for (Future<Share> future : futures) {
      shares.add(get(future));
    }
    return shares;
  }

  private Share play(Lane lane, long nanos, CyclicBarrier start) throws Exception {
    start.await();
    long took = 0;
    long replays = 0;
    long refusals = 0;
    while (replays == 0 || took < nanos) {
      long begin = System.nanoTime();
      refusals += player.play(trace, lane);
      took += System.nanoTime() - begin;
      replays++;
      lane.clear();
    }
    return new Share(took, replays, refusals);
  }

  private static Share get(Future<Share> future) {
    try {
      return future.get();
    } catch (ExecutionException failed) {
      throw new IllegalStateException("a replay failed", failed.getCause());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("a replay was interrupted", interrupted);
    }
  }

  /** Nanoseconds an operation: the median of the rounds so far; NaN before the first. */
  double median() {
    List<Double> sorted = nsPerOp.stream().sorted().toList();
    return sorted.isEmpty() ? Double.NaN : sorted.get(sorted.size() / 2);
  }

  /** Requests that were refused in the rounds that count. */
  long refused() {
    return refused;
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
