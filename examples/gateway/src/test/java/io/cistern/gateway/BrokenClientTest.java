package io.cistern.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.cistern.gateway.load.RawClient;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients that go away or hang: they leak nothing, and hold nothing for long. Time budget: 15 s.
 */
@ParameterizedClass
@EnumSource
class BrokenClientTest {
  @Parameter private ServerKind server = ServerKind.JETTY;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void vanishesBetweenFragments(boolean reset) throws Exception {
    try (Rig rig = Rig.open(server)) {
      RawClient client = rig.raw();
      client.send(RawClient.BINARY, false, Rig.bytes(1000));
      rig.awaitUsed(1);
      end(client, reset);
      rig.awaitConnections(0);
      assertThat(rig.pool().stats().used()).isZero();
      assertThat(rig.settled().framesAborted()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void vanishesInTheMiddleOfAFramesBytes(boolean reset) throws Exception {
    try (Rig rig = Rig.open(server)) {
      RawClient client = rig.raw();
      client.sendHeader(RawClient.BINARY, true, 4096);
      client.sendMasked(Rig.bytes(4096), 0, 1000);
      boolean inPieces = server == ServerKind.JETTY; // Netty hands in whole frames
      rig.awaitConnections(1);
      rig.awaitUsed(inPieces ? 1 : 0);
      end(client, reset);
      rig.awaitConnections(0);
      assertThat(rig.pool().stats().used()).isZero();
      assertThat(rig.settled().framesAborted()).isEqualTo(inPieces ? 1 : 0);
      assertThat(rig.settled().bytesReceived()).isEqualTo(inPieces ? 1000 : 0);
    }
  }

  @Test
  void vanishesInTheMiddleOfAFramesHead() throws Exception {
    try (Rig rig = Rig.open(server)) {
      RawClient client = rig.raw();
      rig.awaitConnections(1);
      client.sendHeader(RawClient.BINARY, true, 4096);
      client.close();
      rig.awaitConnections(0);
      assertThat(rig.settled().framesReceived()).isZero();
    }
  }

  @Test
  void manyVanishAtOnce() throws Exception {
    try (Rig rig = Rig.open(server)) {
      for (int round = 0; round < 50; round++) {
        RawClient client = rig.raw();
        client.send(RawClient.BINARY, true, Rig.bytes(200));
        assertThat(client.receive().payload()).isEqualTo(Rig.bytes(200));
        client.send(RawClient.BINARY, true, Rig.bytes(300));
        client.send(RawClient.BINARY, false, Rig.bytes(1000));
        end(client, round % 2 == 0);
      }
      rig.awaitConnections(0);
      await().until(() -> rig.pool().stats().used() == 0);
      assertThat(rig.settled().connectionsOpened()).isEqualTo(50);
    }
  }

  @Test
  void frameThatIsNotCompletedInTimeLosesItsBlock() throws Exception {
    try (Rig rig = Rig.withFrameTimeout(server, Duration.ofMillis(300));
        RawClient client = rig.raw()) {
      client.send(RawClient.BINARY, false, Rig.bytes(10));
      rig.awaitUsed(1);
      client.send(RawClient.PING, true, Rig.bytes(0));
      assertThat(client.receive().opcode()).isEqualTo(RawClient.PONG);
      assertThat(client.receiveCloseCode()).isEqualTo(1008);
      assertThat(rig.pool().stats().used()).isZero();
      assertThat(rig.settled().framesAborted()).isEqualTo(1);
    }
  }

  @Test
  void silentConnectionIsClosed() throws Exception {
    try (Rig rig = Rig.withIdleTimeout(server, Duration.ofMillis(300));
        RawClient client = rig.raw()) {
      assertThat(client.receiveCloseCode()).isEqualTo(1001);
      rig.awaitConnections(0);
    }
  }

  @Test
  void whoNeverReadsIsCutOff() throws Exception {
    try (Rig rig = Rig.withFrameTimeout(server, Duration.ofMillis(500));
        RawClient client = rig.raw();
        RawClient other = rig.raw()) {
      rig.awaitConnections(2);
      AtomicInteger sent = new AtomicInteger();
      while (rig.stats().connections() == 2) {
        client.send(RawClient.BINARY, true, Rig.bytes(4096));
        sent.incrementAndGet();
        await()
            .pollInterval(Duration.ofMillis(1))
            .until(
                () -> rig.stats().framesEchoed() == sent.get() || rig.stats().connections() == 1);
      }
      assertThat(rig.settled().framesAborted()).isEqualTo(1);
      assertThat(rig.stats().framesEchoed()).isEqualTo(sent.get() - 1);
      rig.awaitUsed(0);
      other.send(RawClient.TEXT, true, Rig.text(10));
      assertThat(other.receive().payload()).isEqualTo(Rig.text(10));
    }
  }

  @Test
  void brokenProtocolEndsTheConnectionAndLeaksNothing() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      client.send(RawClient.BINARY, false, Rig.bytes(10));
      rig.awaitUsed(1);
      client.send(RawClient.BINARY, true, Rig.bytes(10));
      assertThat(client.receiveCloseCode()).isEqualTo(1002);
      rig.awaitConnections(0);
      assertThat(rig.pool().stats().used()).isZero();
    }
  }

  private static void end(RawClient client, boolean reset) throws IOException {
    if (reset) {
      client.reset();
    } else {
      client.close();
    }
  }
}
