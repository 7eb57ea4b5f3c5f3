package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whose work an operation counts, and what it says at its end. Time budget: 2 seconds. */
@Timeout(30)
class OperationsTest {
  private final List<Boolean> tracking = new CopyOnWriteArrayList<>();
  private final Operations operations = new Operations("p", tracking::add);
  private final Thread self = Thread.currentThread();
  private final LogLines log = new LogLines();

  @AfterEach
  void listenNoMore() {
    log.close();
  }

  @Test
  void itCountsWhatItsThreadDoes() {
    Operation operation = operations.open("load");
    operations.allocated(self, 100);
    operations.allocated(self, 200);
    operations.freed(self, 100);
    operations.allocated(self, 50);
    operations.failed(self);
    OperationChange change = operation.change();
    assertThat(change.pool()).isEqualTo("p");
    assertThat(change.operation()).isEqualTo("load");
    assertThat(change.allocatedBlocks()).isEqualTo(3);
    assertThat(change.allocatedBytes()).isEqualTo(350);
    assertThat(change.freedBlocks()).isOne();
    assertThat(change.freedBytes()).isEqualTo(100);
    assertThat(change.blocks()).isEqualTo(2);
    assertThat(change.bytes()).isEqualTo(250);
    assertThat(change.peakBytes()).isEqualTo(300);
    assertThat(change.failures()).isOne();
    operation.close();
  }

  @Test
  void whatIsFreedOfOthersIsAChangeDownwards() {
    try (Operation operation = operations.open("purge")) {
      operations.freed(self, 64);
      operations.freed(self, 64);
      operations.allocated(self, 64);
      assertThat(operation.change().bytes()).isEqualTo(-64);
      assertThat(operation.change().blocks()).isEqualTo(-1);
      assertThat(operation.change().peakBytes()).isZero();
    }
  }

  @Test
  void theLineHasAllFigures() {
    OperationChange change =
        new OperationChange(
            "p", "load", Duration.ofNanos(12_345_678), 5, 20_480, 2, 8192, 16_384, 1);
    assertThat(change)
        .hasToString(
            "operation 'load' in pool 'p': +3 blocks, +12,288 B, peak +16,384 B, 1 failures in 12.3 ms"
                + " (allocated 5 blocks, 20,480 B; freed 2 blocks, 8,192 B)");
  }

  @Test
  void closingLogsOneLineAndEndsTheCounting() {
    Operation operation = operations.open("load");
    operations.allocated(self, 100);
    operation.close();
    OperationChange atTheEnd = operation.change();
    operations.allocated(self, 100);
    operation.close();
    assertThat(operation.change()).isEqualTo(atTheEnd);
    assertThat(operation).hasToString(atTheEnd.toString());
    assertThat(log.with("operation")).containsExactly("INFO " + atTheEnd);
  }

  @Test
  void thePoolTakesItsSlowPathFromTheFirstToTheLast() {
    assertThat(operations.isAnyOpen()).isFalse();
    Operation first = operations.open("first");
    Operation second = operations.open("second");
    assertThat(tracking).containsExactly(true);
    first.close();
    first.close();
    assertThat(operations.isAnyOpen()).isTrue();
    assertThat(tracking).containsExactly(true);
    second.close();
    assertThat(tracking).containsExactly(true, false);
    operations.open("third").close();
    assertThat(tracking).containsExactly(true, false, true, false);
  }

  @Test
  void operationsInOneAnotherEachCount() {
    try (Operation outer = operations.open("outer")) {
      operations.allocated(self, 1);
      Operation inner = operations.open("inner");
      operations.allocated(self, 10);
      Operation overlapping = operations.open("overlapping");
      inner.close();
      operations.allocated(self, 100);
      overlapping.close();
      operations.allocated(self, 1000);
      assertThat(outer.change().bytes()).isEqualTo(1111);
      assertThat(inner.change().bytes()).isEqualTo(10);
      assertThat(overlapping.change().bytes()).isEqualTo(100);
    }
  }

  @Test
  void otherThreadsCountOnceTheyAreIncluded() {
    Thread other = Thread.ofVirtual().unstarted(() -> {});
    try (Operation operation = operations.open("load")) {
      operations.allocated(other, 1);
      assertThat(operation.include(other).include(other).include(self)).isSameAs(operation);
      operations.allocated(other, 10);
      operations.freed(other, 2);
      operations.failed(other);
      operations.allocated(self, 100);
      assertThat(operation.change().bytes()).isEqualTo(108);
      assertThat(operation.change().failures()).isOne();
    }
  }

  @Test
  void anyThreadMayCloseIt() throws Exception {
    Operation operation = operations.open("load");
    operations.allocated(self, 5);
    Threads.elsewhere(() -> {
      operation.close();
      return null;
    });
    operations.allocated(self, 5);
    assertThat(operation.change().bytes()).isEqualTo(5);
    assertThat(tracking).containsExactly(true, false);
    assertThatThrownBy(() -> operation.include(self))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("operation 'load' in pool 'p' is closed: no thread can be included");
  }

  @Test
  void aForgottenOneDoesNotSlowThePoolForEver() {
    forget();
    Threads.until(
        "it was collected",
        () -> {
          System.gc();
          return !operations.isAnyOpen();
        });
    assertThat(tracking).containsExactly(true, false);
    Threads.until("its line", () -> !log.with("forgotten").isEmpty());
    assertThat(log.with("forgotten"))
        .hasSize(1)
        .allMatch(line ->
            line.startsWith("WARNING never closed: operation 'forgotten' in pool 'p': +1 blocks"));
  }

  @SuppressWarnings("MustBeClosedChecker")
  private void forget() {
    Operation operation = operations.open("forgotten");
    operations.allocated(self, 7);
    assertThat(operation.change().bytes()).isEqualTo(7);
  }

  @Test
  void namesAreOneLine() {
    for (String wrong : List.of("", " ", "a\nb", "x".repeat(101))) {
      assertThatThrownBy(() -> operations.open(wrong))
          .isExactlyInstanceOf(IllegalArgumentException.class)
          .hasMessage("operation '%s': must be one line of 1 to 100 characters".formatted(wrong));
    }
    assertThat(tracking).isEmpty();
  }

  @Test
  void figuresOfManyThreadsAreExact() throws Exception {
    CountDownLatch included = new CountDownLatch(4);
    int each = 20_000;
    try (Operation operation = operations.open("load")) {
      Threads.together(
          4,
          Thread.ofPlatform(),
          thread -> {
            operation.include(Thread.currentThread());
            included.countDown();
            included.await();
            IntStream.range(0, each)
                .forEach(i -> {
                  operations.allocated(Thread.currentThread(), 8);
                  operations.freed(Thread.currentThread(), 8);
                });
            if (thread % 2 == 0) {
              operations.open("inner").close();
            }
          });
      assertThat(operation.change().allocatedBytes()).isEqualTo(4L * each * 8);
      assertThat(operation.change().bytes()).isZero();
      assertThat(operation.change().peakBytes()).isBetween(8L, 32L);
    }
    assertThat(operations.isAnyOpen()).isFalse();
    assertThat(tracking).containsExactly(true, false);
  }
}
