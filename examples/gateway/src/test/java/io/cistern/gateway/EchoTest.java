package io.cistern.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryBlock;
import io.cistern.config.Profile;
import io.cistern.config.Profile.Oversize;
import io.cistern.gateway.load.RawClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What fits comes back as it was sent, out of the tier that fits. Time budget: 10 s. */
@ParameterizedClass
@EnumSource
class EchoTest {
  @Parameter private ServerKind server = ServerKind.JETTY;

  @ParameterizedTest
  @CsvSource({
    "0, 256",
    "1, 256",
    "255, 256",
    "256, 256",
    "257, 1024",
    "1024, 1024",
    "1025, 4096",
    "4095, 4096",
    "4096, 4096"
  })
  void takesTheTierThatFits(int size, long tier) throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      for (int opcode : new int[] {RawClient.BINARY, RawClient.TEXT}) {
        byte[] payload = opcode == RawClient.TEXT ? Rig.text(size) : Rig.bytes(size);
        client.send(opcode, true, payload);
        RawClient.Received echo = client.receive();
        assertThat(echo.opcode()).isEqualTo(opcode);
        assertThat(echo.last()).isTrue();
        assertThat(echo.payload()).isEqualTo(payload);
      }
      assertThat(rig.allocations(tier)).isEqualTo(2);
      assertThat(rig.pool().stats().allocations()).isEqualTo(2);
    }
  }

  @Test
  void takesTheFrameBlockWhereTheProfileHasOne() throws Exception {
    try (Rig rig = Rig.withFrameBlock(server, 1024);
        RawClient client = rig.raw()) {
      for (int size : new int[] {0, 1, 300, 1024}) {
        client.send(RawClient.BINARY, true, Rig.bytes(size));
        assertThat(client.receive().payload()).isEqualTo(Rig.bytes(size));
      }
      assertThat(rig.gateway.frameLimitBytes()).isEqualTo(1024);
      assertThat(rig.allocations(1024)).isEqualTo(4);
      assertThat(rig.pool().stats().allocations()).isEqualTo(4);
    }
  }

  @Test
  void echoesInTheOrderInWhichFramesWereSent() throws Exception {
    try (Rig rig = Rig.open(server);
        HttpSocket client = new HttpSocket(rig.uri())) {
      List<Object> sent = new ArrayList<>();
      List<Object> received = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        sent.add("frame " + i);
        client.send("frame " + i);
        if (i % 5 == 4) {
          for (int j = 0; j < 5; j++) {
            received.add(client.receive());
          }
        }
      }
      assertThat(received).isEqualTo(sent);
      assertThat(rig.settled().framesEchoed()).isEqualTo(500);
      assertThat(rig.settled().bytesReceived()).isEqualTo(10 * 7 + 90 * 8 + 400 * 9);
    }
  }

  @Test
  void checksumIsThatOfAllFrames() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      int expected = 0;
      for (int size : new int[] {0, 10, 1000, 4096}) {
        client.send(RawClient.BINARY, true, Rig.bytes(size));
        client.receive();
        java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
        crc.update(Rig.bytes(size));
        expected ^= (int) crc.getValue();
      }
      assertThat(rig.settled().checksum()).isEqualTo(expected).isNotZero();
    }
  }

  @Test
  void assemblesFragmentsInOneBlockOfTheLargestTier() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      byte[] whole = Rig.bytes(90);
      client.send(RawClient.BINARY, false, java.util.Arrays.copyOfRange(whole, 0, 30));
      client.send(RawClient.CONTINUATION, false, java.util.Arrays.copyOfRange(whole, 30, 30));
      client.send(RawClient.CONTINUATION, false, java.util.Arrays.copyOfRange(whole, 30, 80));
      rig.awaitUsed(1);
      client.send(RawClient.CONTINUATION, true, java.util.Arrays.copyOfRange(whole, 80, 90));
      assertThat(client.receive().payload()).isEqualTo(whole);
      assertThat(rig.allocations(4096)).isEqualTo(1);
      assertThat(rig.settled().framesReceived()).isEqualTo(1);
    }
  }

  @Test
  void fragmentsMayFillTheBlockToTheLastByte() throws Exception {
    try (Rig rig = Rig.open(server);
        HttpSocket client = new HttpSocket(rig.uri())) {
      byte[] whole = Rig.bytes(4096);
      client.socket.sendBinary(ByteBuffer.wrap(whole, 0, 4095), false).join();
      client.socket.sendBinary(ByteBuffer.wrap(whole, 4095, 1), true).join();
      assertThat(client.receive()).isEqualTo(whole);
    }
  }

  @Test
  void answersPingsBetweenFragments() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      client.send(RawClient.TEXT, false, Rig.text(5));
      client.send(RawClient.PING, true, Rig.bytes(125));
      RawClient.Received pong = client.receive();
      assertThat(pong.opcode()).isEqualTo(RawClient.PONG);
      assertThat(pong.payload()).isEqualTo(Rig.bytes(125));
      client.send(RawClient.CONTINUATION, true, Rig.text(5));
      assertThat(client.receive().payload()).isEqualTo(Rig.text(10));
    }
  }

  @Test
  void charactersMayBeCutByFragments() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      byte[] whole = "é漢😀".getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < whole.length; i++) {
        client.send(
            i == 0 ? RawClient.TEXT : RawClient.CONTINUATION,
            i == whole.length - 1,
            new byte[] {whole[i]});
      }
      assertThat(client.receive().payload()).isEqualTo(whole);
    }
  }

  @Test
  void textThatIsNotUtf8ClosesWith1007() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      client.send(RawClient.TEXT, true, new byte[] {'a', (byte) 0xC3});
      assertThat(client.receiveCloseCode()).isEqualTo(1007);
      assertThat(rig.settled().framesAborted()).isEqualTo(1);
    }
  }

  @Test
  void closeIsAnsweredWhenAllEchoesAreWritten() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      ByteArrayOutputStream atOnce = new ByteArrayOutputStream();
      for (int i = 0; i < 40; i++) {
        atOnce.writeBytes(RawClient.encode(RawClient.BINARY, true, Rig.bytes(i)));
      }
      atOnce.writeBytes(RawClient.encode(RawClient.CLOSE, true, new byte[] {3, (byte) 0xE8}));
      client.write(atOnce.toByteArray());
      for (int i = 0; i < 40; i++) {
        assertThat(client.receive().payload()).isEqualTo(Rig.bytes(i));
      }
      assertThat(client.receiveCloseCode()).isEqualTo(1000);
      rig.awaitConnections(0);
      assertThat(rig.settled().framesEchoed()).isEqualTo(40);
    }
  }

  @Test
  void endsOnceWhateverIsReported() throws Exception {
    try (Rig rig = Rig.open(server)) {
      Counters counters = new Counters();
      FrameBlocks blocks =
          new FrameBlocks(
              rig.pool(), new Profile.Frames("main", OptionalLong.empty(), Oversize.CLOSE));
      MemoryBlock block = rig.pool().allocate(10);
      Assembly.Complete frame =
          new Assembly.Complete((byte) RawClient.BINARY, block, block.byteBuffer());
      Echo echo =
          new Echo(new Connection(rig.gateway, counters, blocks, new NoWire()), counters, frame);
      echo.done();
      echo.failed(new IOException("late"));
      echo.done();
      assertThat(counters.snapshot(0).framesEchoed()).isEqualTo(1);
      assertThat(counters.snapshot(0).framesAborted()).isZero();
      assertThat(counters.snapshot(0).echoing()).isZero();
    }
  }

  @Test
  void offersNoCompression() throws Exception {
    try (Rig rig = Rig.open(server);
        RawClient client = rig.raw()) {
      assertThat(client.responseHead())
          .startsWith("HTTP/1.1 101 ")
          .doesNotContainIgnoringCase("permessage-deflate");
    }
  }

  @Test
  void tellsBrowsersWhatItIs() throws Exception {
    try (Rig rig = Rig.open(server);
        HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest page =
          HttpRequest.newBuilder(java.net.URI.create("http" + rig.uri().toString().substring(2)))
              .build();
      var response = http.send(page, BodyHandlers.ofString());
      assertThat(response.statusCode()).isEqualTo(426);
      assertThat(response.body()).contains("connect with a WebSocket client");
    }
  }

  /** Of a client that is not there. */
  private record NoWire() implements Wire {
    @Override
    public void demand() {}

    @Override
    public void send(byte opCode, ByteBuffer payload, Written written) {}

    @Override
    public void sendClose(int code, String reason) {}

    @Override
    public void abort() {}
  }
}
