package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The messages in docs/troubleshooting.md are those that are thrown, but for their numbers. Budget:
 * 1 s.
 */
class TroubleshootingDocsTest {
  private static final Path PAGE = Path.of("..", "docs", "troubleshooting.md");

  private final MemoryPool frames = MemoryPool.builder().name("frames").tier(256, 1).build();

  /** A thing to do wrong, with one block live. */
  interface Mistake {
    void in(MemoryPool frames, MemoryBlock live) throws Exception;
  }

  /** What the page shows. */
  @SuppressWarnings("ImmutableEnumChecker") // the functions have no state
  enum Message {
    EXHAUSTED((frames, live) -> frames.allocate(200)),
    WAITED((frames, live) -> frames.allocate(200, Duration.ofMillis(5))),
    REFUSED_SIZE((frames, live) -> frames.allocate(5000)),
    STAYS_OPEN((frames, live) -> frames.close()),
    DOUBLE_FREE((frames, live) -> {
      live.close();
      live.close();
    }),
    STALE((frames, live) -> {
      live.close();
      try (MemoryBlock next = frames.allocate(1)) {
        assertThat(next.isLive()).isTrue();
        live.close();
      }
    }),
    FOREIGN((frames, live) -> frames.free(7)),
    INTERIOR((frames, live) -> frames.free(live.segment().asSlice(16))),
    WRONG_SIZE((frames, live) -> frames.free(live.handle(), 100)),
    FREED((frames, live) -> {
      live.close();
      live.segment();
    }),
    NOT_LIVE((frames, live) -> frames.segment(7)),
    CLOSED((frames, live) -> {
      live.close();
      frames.close();
      frames.allocate(1);
    }),
    OVER_QUOTA((frames, live) -> {
      try (PoolManager manager =
          PoolManager.builder()
              .pool("frames", MemoryPool.builder().tier(4096, 4))
              .quota("network", 4096, 0, false)
              .build()) {
        MemoryPool network =
            manager.pool("frames").chargedTo(Objects.requireNonNull(manager.quota("network")));
        try (MemoryBlock only = network.allocate(1)) {
          assertThat(only.isLive()).isTrue();
          network.allocate(1);
        }
      }
    }),
    CONFINED((frames, live) -> {
      Thread loop = Thread.ofPlatform().name("loop").unstarted(() -> {});
      Thread.currentThread().setName("other");
      try (MemoryPool pool = MemoryPool.builder().tier(1, 1).confinedTo(loop).build()) {
        pool.allocate(1);
      }
    }),
    TYPED_TOO_LARGE((frames, live) -> {
      try (MemoryPool small = MemoryPool.builder().name("frames").tier(16, 1).build()) {
        TypedPool.of(
            Reading.class, MemoryLayout.structLayout(MemoryLayout.paddingLayout(48)), small);
      }
    }),
    TYPED_MISALIGNED((frames, live) ->
        TypedPool.of(
            Reading.class,
            MemoryLayout.structLayout(ValueLayout.JAVA_LONG).withByteAlignment(16),
            frames)),
    TYPED_METHOD((frames, live) ->
        TypedPool.of(
            Wrong.class,
            MemoryLayout.structLayout(ValueLayout.JAVA_FLOAT.withName("volts")),
            frames));

    final Mistake mistake;

    Message(Mistake mistake) {
      this.mistake = mistake;
    }
  }

  interface Reading {}

  interface Wrong {
    double volts();
  }

  private String threadName = "";

  @BeforeEach
  void keepName() {
    threadName = Thread.currentThread().getName();
  }

  @AfterEach
  void close() {
    Thread.currentThread().setName(threadName);
    frames.closeNow();
  }

  /** A closed-over block that no mistake leaves behind: the pool is closed whatever is live. */
  private Throwable make(Message message) {
    MemoryBlock live = frames.allocate(200);
    ThrowingCallable mistake = () -> message.mistake.in(frames, live);
    return catchThrowable(mistake);
  }

  private static String withoutNumbers(String text) {
    return text.replaceAll("0x[0-9a-f]+|[0-9]+([.][0-9]+)?", "#")
        .replaceAll("'([A-Za-z0-9.]*[.$])?(Reading|Wrong) ", "'Reading ")
        .replaceAll("io[.]cistern[.]TroubleshootingDocsTest[$](Reading|Wrong)", "app.Reading");
  }

  @ParameterizedTest
  @EnumSource
  void thePageShowsWhatIsThrown(Message message) throws IOException {
    String thrown = Objects.toString(make(message).getMessage());
    Stream<String> lines =
        Files.readString(PAGE).lines().map(TroubleshootingDocsTest::withoutNumbers);
    assertThat(lines).as(thrown).anyMatch(line -> line.contains(withoutNumbers(thrown)));
  }
}
