package io.cistern.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cistern.MemoryBlock;
import io.cistern.gateway.load.RawClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Frames that find no block: answered, counted, never lost. Time budget: 10 s. */
@ParameterizedClass
@EnumSource
class ExhaustionTest {
  @Parameter private ServerKind server = ServerKind.JETTY;

  private static final byte[] BUSY = "busy".getBytes(StandardCharsets.US_ASCII);

  @Test
  void answersBusyAndServesAgainWhenBlocksAreFree() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      List<MemoryBlock> held = OversizeTest.hold(rig, 8);
      for (int i = 0; i < 100; i++) {
        client.send(RawClient.BINARY, true, Rig.bytes(2000));
        RawClient.Received answer = client.receive();
        assertThat(answer.opcode()).isEqualTo(RawClient.TEXT);
        assertThat(answer.payload()).isEqualTo(BUSY);
      }
      held.forEach(MemoryBlock::close);
      client.send(RawClient.BINARY, true, Rig.bytes(2000));
      assertThat(client.receive().payload()).isEqualTo(Rig.bytes(2000));
      assertThat(rig.settled().framesDroppedExhausted()).isEqualTo(100);
      assertThat(rig.settled().busyAnswers()).isEqualTo(100);
      assertThat(rig.pool().stats().failed()).isEqualTo(100);
    }
  }

  @Test
  void smallerFramesAreServedMeanwhile() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      List<MemoryBlock> held = OversizeTest.hold(rig, 8);
      client.send(RawClient.BINARY, true, Rig.bytes(200));
      assertThat(client.receive().payload()).isEqualTo(Rig.bytes(200));
      held.forEach(MemoryBlock::close);
    }
  }

  @Test
  void fragmentedFrameGetsOneAnswer() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      List<MemoryBlock> held = OversizeTest.hold(rig, 8);
      client.send(RawClient.BINARY, false, Rig.bytes(10));
      assertThat(client.receive().payload()).isEqualTo(BUSY);
      held.forEach(MemoryBlock::close);
      client.send(RawClient.CONTINUATION, false, Rig.bytes(10));
      client.send(RawClient.CONTINUATION, true, Rig.bytes(10));
      client.send(RawClient.TEXT, true, Rig.text(7));
      assertThat(client.receive().payload()).isEqualTo(Rig.text(7));
      assertThat(rig.settled().framesReceived()).isEqualTo(2);
    }
  }

  @Test
  void everyFrameOfAFloodIsAnsweredOnce() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      int frames = 2000;
      Thread sender =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  for (int i = 0; i < frames; i++) {
                    client.send(RawClient.BINARY, true, Rig.bytes(4096));
                  }
                } catch (java.io.IOException broken) {
                  throw new java.io.UncheckedIOException(broken);
                }
              });
      int echoed = 0;
      int busy = 0;
      for (int i = 0; i < frames; i++) {
        RawClient.Received answer = client.receive();
        if (answer.opcode() == RawClient.TEXT) {
          assertThat(answer.payload()).isEqualTo(BUSY);
          busy++;
        } else {
          assertThat(answer.payload()).isEqualTo(Rig.bytes(4096));
          echoed++;
        }
      }
      sender.join();
      int expectedEchoes = echoed;
      await().until(() -> rig.stats().framesEchoed() == expectedEchoes);
      assertThat(rig.settled().framesDroppedExhausted()).isEqualTo(busy);
    }
  }

  @Test
  void whoDoesNotReadIsNotReadFrom() throws Exception {
    try (Rig rig = Rig.open(server)) {
      RawClient client = rig.raw();
      Thread sender = Thread.ofVirtual().start(() -> sendUntilItBreaks(client));
      await().until(() -> rig.pool().stats().failed() > 0);
      AtomicLong received = new AtomicLong(-1);
      await()
          .pollInterval(Duration.ofMillis(300))
          .until(() ->
              received.getAndSet(rig.stats().framesReceived()) == rig.stats().framesReceived());
      client.reset();
      sender.join();
    }
  }

  private static void sendUntilItBreaks(RawClient client) {
    try {
      while (true) {
        client.send(RawClient.BINARY, true, Rig.bytes(4096));
      }
    } catch (IOException reset) {
      // By this test.
    }
  }
}
