package io.cistern.cli;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Waits only so long for somebody else's process: a JVM that is stopped, or a machine that does not
 * answer, would hold a call up for minutes or for ever. What does not return is left to a daemon
 * thread.
 */
final class Patience {
  private Patience() {}

  /** What may be waited for. */
  interface Call<T> {
    T call() throws IOException;
  }

  /**
   * The result of a call.
   *
   * @throws IOException what the call throws, or that it did not return in time
   */
  static <T> T within(Duration time, Call<T> call) throws IOException {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("patience")
        .start(() -> {
          try {
            result.complete(call.call());
          } catch (Throwable thrown) {
            result.completeExceptionally(thrown);
          }
        });
    try {
      return result.get(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      throw new IOException("no answer within %d s".formatted(time.toSeconds()), late);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting", interrupted);
    } catch (ExecutionException failed) {
      throw unwrapped(failed.getCause());
    }
  }

  private static IOException unwrapped(@Nullable Throwable thrown) {
    return switch (thrown) {
      case IOException refused -> refused;
      case RuntimeException unchecked -> throw unchecked;
      case Error error -> throw error;
      case null, default -> new IOException(thrown);
    };
  }
}
