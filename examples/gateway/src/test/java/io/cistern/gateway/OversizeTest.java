package io.cistern.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cistern.MemoryBlock;
import io.cistern.gateway.load.RawClient;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that are too large: refused with code 1009, or dropped. Time budget: 15 s. */
@ParameterizedClass
@EnumSource
class OversizeTest {
  @Parameter private ServerKind server = ServerKind.JETTY;

  @ParameterizedTest
  @ValueSource(ints = {4097, 5000, 65_536, 200_000, 3_000_000})
  void closesWith1009(int size) throws Exception {
    try (Rig rig = Rig.open(server);
        HttpSocket client = new HttpSocket(rig.uri())) {
      client.send("before");
      client.send(Rig.bytes(size));
      assertThat(client.receive()).isEqualTo("before");
      assertThat(client.closeCode()).isEqualTo(1009);
      rig.awaitConnections(0);
      assertThat(rig.settled().framesRejectedTooLarge()).isEqualTo(1);
      assertThat(rig.settled().framesReceived()).isEqualTo(2);
      assertThat(rig.settled().bytesReceived())
          .as("Netty refuses a frame by its head")
          .isEqualTo(server == ServerKind.JETTY ? 6 + size : 6);
    }
  }

  @Test
  void closesWhenFragmentsAddUpToTooMuch() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      client.send(RawClient.BINARY, false, Rig.bytes(4096));
      rig.awaitUsed(1);
      client.send(RawClient.CONTINUATION, false, Rig.bytes(1));
      assertThat(client.receiveCloseCode()).isEqualTo(1009);
      rig.awaitUsed(0);
      assertThat(rig.settled().framesRejectedTooLarge()).isEqualTo(1);
      assertThat(rig.settled().framesAborted()).isZero();
    }
  }

  @Test
  void saysHowMuchIsServed() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      client.send(RawClient.BINARY, true, Rig.bytes(4097));
      byte[] close = client.receive().payload();
      assertThat(new String(close, 2, close.length - 2, java.nio.charset.StandardCharsets.UTF_8))
          .isEqualTo("frames of up to 4096 B are served");
    }
  }

  @Test
  void framesBehindItAreNotServed() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      client.send(RawClient.BINARY, true, Rig.bytes(4097));
      client.send(RawClient.BINARY, true, Rig.bytes(10));
      assertThat(client.receiveCloseCode()).isEqualTo(1009);
      client.send(RawClient.CLOSE, true, new byte[] {3, (byte) 0xF1});
      rig.awaitConnections(0);
      assertThat(rig.settled().framesReceived()).isEqualTo(1);
    }
  }

  @Test
  void whoStaysAfterwardsIsCutOff() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      client.send(RawClient.BINARY, true, Rig.bytes(4097));
      assertThat(client.receiveCloseCode()).isEqualTo(1009);
      rig.awaitConnections(0);
    }
  }

  @Test
  void frameThatAnnouncesMoreThan2GibClosesWith1009() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      client.sendHeader(RawClient.BINARY, true, 3L << 30);
      client.sendMasked(Rig.bytes(100), 0, 100);
      assertThat(client.receiveCloseCode()).isEqualTo(1009);
      await().until(() -> rig.stats().framesRejectedTooLarge() == 1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {4097, 200_000, 3_000_000})
  void dropsWhereTheProfileSaysSo(int size) throws Exception {
    if (server == ServerKind.NETTY && size > 4 * 4096) {
      closesAlsoWhereItWouldDrop(size);
      return;
    }
    try (Rig rig = Rig.dropping(server);
        HttpSocket client = new HttpSocket(rig.uri())) {
      client.send(Rig.bytes(size));
      client.send("after");
      assertThat(client.receive()).isEqualTo("after");
      assertThat(rig.settled().framesRejectedTooLarge()).isEqualTo(1);
      assertThat(rig.settled().framesEchoed()).isEqualTo(1);
      assertThat(rig.settled().connections()).isEqualTo(1);
    }
  }

  /** Netty gathers a frame before it can be dropped, and does so up to four times the limit. */
  private void closesAlsoWhereItWouldDrop(int size) throws Exception {
    try (Rig rig = Rig.dropping(server);
        HttpSocket client = new HttpSocket(rig.uri())) {
      client.send(Rig.bytes(size));
      assertThat(client.closeCode()).isEqualTo(1009);
      assertThat(rig.settled().framesRejectedTooLarge()).isEqualTo(1);
    }
  }

  @Test
  void dropsWhatDoesNotFitTheFrameBlock() throws Exception {
    try (Rig rig = Rig.withFrameBlock(server, 1024);
        RawClient client = rig.raw()) {
      client.send(RawClient.BINARY, true, Rig.bytes(1025));
      client.send(RawClient.BINARY, false, Rig.bytes(1000));
      client.send(RawClient.CONTINUATION, false, Rig.bytes(25));
      client.send(RawClient.CONTINUATION, true, Rig.bytes(9));
      client.send(RawClient.TEXT, true, Rig.text(3));
      assertThat(client.receive().payload()).isEqualTo(Rig.text(3));
      assertThat(rig.settled().framesRejectedTooLarge()).isEqualTo(2);
    }
  }

  @Test
  void tooLargeIsToldAlsoWhenThePoolIsExhausted() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      List<MemoryBlock> held = hold(rig, 8);
      client.send(RawClient.BINARY, false, Rig.bytes(4096));
      assertThat(client.receive().payload())
          .isEqualTo("busy".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      client.send(RawClient.CONTINUATION, false, Rig.bytes(1));
      assertThat(client.receiveCloseCode()).isEqualTo(1009);
      held.forEach(MemoryBlock::close);
      assertThat(rig.settled().framesDroppedExhausted()).isEqualTo(1);
      assertThat(rig.settled().framesRejectedTooLarge()).isZero();
    }
  }

  @Test
  void floodOfThemDoesNotFloodTheLog() {
    OversizeWarnings warnings = new OversizeWarnings(4096);
    long now = System.nanoTime();
    assertThat(warnings.due(now)).isEqualTo(1);
    for (int i = 0; i < 1000; i++) {
      assertThat(warnings.due(now + TimeUnit.SECONDS.toNanos(59))).isZero();
    }
    assertThat(warnings.due(now + TimeUnit.SECONDS.toNanos(60))).isEqualTo(1001);
    assertThat(warnings.due(now + TimeUnit.SECONDS.toNanos(61))).isZero();
  }

  static List<MemoryBlock> hold(Rig rig, int largest) {
    List<MemoryBlock> held = new ArrayList<>();
    for (int i = 0; i < largest; i++) {
      held.add(rig.pool().allocate(4096));
    }
    return held;
  }
}
