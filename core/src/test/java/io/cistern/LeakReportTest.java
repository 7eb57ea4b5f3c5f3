package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.user.Callers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Live blocks by site, thread and label. Time budget: 1 second. */
@Timeout(30)
class LeakReportTest {
  private final MemoryPool pool = MemoryPool.builder().name("p").tier(64, 64).tier(4096, 8).build();
  private final List<AllocationTrace> traces = new ArrayList<>();

  @AfterEach
  void close() {
    pool.verify().orThrow();
    pool.closeNow();
  }

  private MemoryBlock traced(long size, String label) {
    MemoryBlock block = pool.allocate(size);
    traces.add(Traced.trace(pool, block, label));
    return block;
  }

  private LeakReport report(Duration olderThan, boolean complete) {
    return LeakReport.of("p", olderThan, complete, traces, Long.MAX_VALUE, 0, List.of());
  }

  private LeakReport complete() {
    return report(Duration.ZERO, true);
  }

  @Test
  void sitesComeLargestFirst() {
    for (int i = 0; i < 3; i++) {
      Callers.here(() -> traced(50, ""));
    }
    Callers.there(() -> traced(4000, "net"));
    LeakReport report = complete();
    assertThat(report.sites())
        .extracting(site -> site.stack().getFirst().getMethodName())
        .containsExactly("there", "here");
    LeakReport.Site small = report.sites().get(1);
    assertThat(small.blocks()).isEqualTo(3).isEqualTo(small.estimatedBlocks());
    assertThat(small.bytes()).isEqualTo(150).isEqualTo(small.estimatedBytes());
    assertThat(small.threads()).containsExactly(Thread.currentThread().getName());
    assertThat(small.labels()).containsExactly("");
    assertThat(report.sites().getFirst().labels()).containsExactly("net");
    assertThat(report.blocks()).isEqualTo(4);
    assertThat(report.bytes()).isEqualTo(4150);
    assertThat(report.labels())
        .containsExactly(
            new LeakReport.Share("net", 1, 4000, 1, 4000),
            new LeakReport.Share("", 3, 150, 3, 150));
    assertThat(report.isEmpty()).isFalse();
  }

  @Test
  void whatWasFreedIsNotInItAndASizeIsThatOfNow() {
    MemoryBlock freed = traced(10, "");
    MemoryBlock resized = traced(20, "");
    freed.close();
    assertThat(resized.tryResize(30)).isTrue();
    assertThat(complete().blocks()).isOne();
    assertThat(complete().bytes()).isEqualTo(30);
  }

  @Test
  void onlyWhatIsOldEnoughIsInIt() {
    traced(10, "old");
    Threads.until("some age", () -> traces.getFirst().ageMillis() >= 200);
    traced(10, "new");
    assertThat(report(Duration.ofMillis(200), true).labels())
        .extracting(LeakReport.Share::name)
        .containsExactly("old");
    assertThat(complete().blocks()).isEqualTo(2);
    assertThat(complete().sites())
        .anyMatch(site -> site.oldest().compareTo(Duration.ofMillis(200)) >= 0);
    assertThat(report(Duration.ofSeconds(Long.MAX_VALUE), true).isEmpty()).isTrue();
    assertThatThrownBy(() -> report(Duration.ofMillis(-1), true))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage("age of PT-0.001S: must be zero or more");
  }

  @Test
  void threadsAreToldApart() throws Exception {
    traced(60, "");
    Thread.ofPlatform().name("worker").start(() -> traced(4000, "")).join();
    assertThat(complete().threads())
        .containsExactly(
            new LeakReport.Share("worker", 1, 4000, 1, 4000),
            new LeakReport.Share(Thread.currentThread().getName(), 1, 60, 1, 60));
  }

  @Test
  void anEmptyOneSaysSo() {
    assertThat(report(Duration.ofSeconds(90), true))
        .hasToString("pool 'p': no block has been live for 90.0 s or more");
    assertThat(report(Duration.ofMillis(500), false))
        .hasToString("pool 'p': no sampled block has been live for 0.5 s or more");
    assertThat(LeakReport.of("p", Duration.ZERO, false, traces, 9, 1234, List.of()).toString())
        .endsWith(
            "or more\n  1,234 traces of live blocks were lost for want of room: the figures may be too low");
  }

  @Test
  void itReadsAsAReport() {
    StackTraceElement at = new StackTraceElement("com.acme.Codec", "decode", "Codec.java", 42);
    LeakReport.Site site =
        new LeakReport.Site(
            List.of(at, at),
            10,
            40_960,
            1000,
            4_096_000,
            Duration.ofMillis(45_320),
            List.of("a", "b", "c", "d", "e", "f", "g"),
            List.of("net"));
    LeakReport report =
        new LeakReport(
            "frames",
            Duration.ofSeconds(30),
            false,
            List.of(site),
            List.of(new LeakReport.Share("a", 10, 40_960, 1000, 4_096_000)),
            List.of(new LeakReport.Share("net", 10, 40_960, 1000, 4_096_000)),
            0,
            List.of());
    assertThat(report)
        .hasToString(
            """
            pool 'frames': 10 sampled blocks of 40,960 B live for 30.0 s or more, from 1 site
              10 blocks, 40,960 B (estimated 1,000, 4,096,000 B), oldest 45.3 s, by a, b, c, d, e and 2 threads more
                  at com.acme.Codec.decode(Codec.java:42)
                  at com.acme.Codec.decode(Codec.java:42)
              thread a: 10 blocks, 40,960 B (estimated 1,000, 4,096,000 B)
              label net: 10 blocks, 40,960 B (estimated 1,000, 4,096,000 B)\
            """);
  }

  @Test
  void itShowsTheTopAndSaysHowManyMoreThereAre() {
    List<LeakReport.Site> sites =
        IntStream.range(0, 9)
            .mapToObj(i -> {
              StackTraceElement at = new StackTraceElement("A", "m" + i, null, -1);
              return new LeakReport.Site(
                  List.of(at), 1, 8, 1, 8, Duration.ZERO, List.of("t"), List.of(""));
            })
            .toList();
    List<LeakReport.Share> threads =
        IntStream.range(0, 6).mapToObj(i -> new LeakReport.Share("t" + i, 1, 8, 1, 8)).toList();
    LeakReport report =
        new LeakReport(
            "p",
            Duration.ZERO,
            true,
            sites,
            threads,
            List.of(new LeakReport.Share("", 9, 72, 9, 72)),
            0,
            List.of());
    assertThat(report.toString())
        .startsWith("pool 'p': 9 blocks of 72 B live for 0.0 s or more, from 9 sites\n")
        .contains("at A.m4(Unknown Source)\n  and 4 sites more\n")
        .doesNotContain("A.m5", "estimated", "label")
        .endsWith("\n  thread t4: 1 block, 8 B\n  and 1 thread more");
  }

  @Test
  void itSaysWhatIsLostAndCutsLongStacks() {
    List<StackTraceElement> deep =
        IntStream.range(0, 14)
            .mapToObj(i -> new StackTraceElement("A", "m" + i, null, -1))
            .toList();
    LeakReport.Site site =
        new LeakReport.Site(deep, 3, 90, 3, 90, Duration.ZERO, List.of("t"), List.of(""));
    LeakReport report =
        new LeakReport("p", Duration.ZERO, true, List.of(), List.of(), List.of(), 0, List.of(site));
    assertThat(report.isEmpty()).isFalse();
    assertThat(report.toString())
        .startsWith(
            """
            pool 'p': no block has been live for 0.0 s or more
              lost: 3 blocks of 90 B, never freed and out of reach; used until the pool is closed
              3 blocks, 90 B, oldest 0.0 s, by t
                  at A.m0(Unknown Source)
            """)
        .endsWith("at A.m11(Unknown Source)\n      and 2 frames more");
  }
}
