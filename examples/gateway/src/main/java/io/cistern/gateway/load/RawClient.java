package io.cistern.gateway.load;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A WebSocket client on a bare socket, for what a well-behaved one cannot do: announce more than it
 * sends, stop in the middle of a frame's bytes, never read, reset. Closing it closes the socket,
 * without a close frame.
 *
 * <p>For one thread.
 */
public final class RawClient implements AutoCloseable {
  /** Opcode of a further fragment. */
  public static final int CONTINUATION = 0;

  /** Opcode of text. */
  public static final int TEXT = 1;

  /** Opcode of bytes. */
  public static final int BINARY = 2;

  /** Opcode of a close frame. */
  public static final int CLOSE = 8;

  /** Opcode of a ping. */
  public static final int PING = 9;

  /** Opcode of a pong. */
  public static final int PONG = 10;

  private static final byte[] MASK = {0x12, 0x34, 0x56, 0x78};
  private static final int TIMEOUT_MILLIS = 10_000;

  private final Socket socket;
  private final OutputStream out;
  private final DataInputStream in;
  private String responseHead = "";

  private RawClient(Socket socket) throws IOException {
    this.socket = socket;
    this.out = socket.getOutputStream();
    this.in = new DataInputStream(socket.getInputStream());
  }

  /**
   * A frame that was received.
   *
   * @param opcode of the protocol
   * @param last whether it is the last fragment
   * @param payload its bytes
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, compared by the caller
  public record Received(int opcode, boolean last, byte[] payload) {}

  /**
   * Connects and upgrades.
   *
   * @param uri {@code ws://host:port/}
   * @return a client that is connected
   * @throws IOException when the gateway does not answer with 101
   */
  public static RawClient connect(URI uri) throws IOException {
    Socket socket = new Socket(InetAddress.getByName(uri.getHost()), uri.getPort());
    try {
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      RawClient client = new RawClient(socket);
      client.upgrade(uri);
      return client;
    } catch (IOException refused) {
      socket.close();
      throw refused;
    }
  }

  private void upgrade(URI uri) throws IOException {
    String request =
        """
        GET / HTTP/1.1\r
        Host: %s:%d\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Extensions: permessage-deflate\r
        \r
        """
            .formatted(uri.getHost(), uri.getPort());
    out.write(request.getBytes(StandardCharsets.US_ASCII));
    StringBuilder answer = new StringBuilder();
    while (answer.indexOf("\r\n\r\n") < 0) {
      answer.append((char) in.readUnsignedByte());
    }
    responseHead = answer.toString();
    if (!responseHead.startsWith("HTTP/1.1 101 ")) {
      throw new IOException(
          "the gateway did not upgrade: "
              + responseHead.substring(0, responseHead.indexOf("\r\n")));
    }
  }

  /**
   * How the gateway answered the upgrade.
   *
   * @return status line and headers
   */
  public String responseHead() {
    return responseHead;
  }

  /**
   * A whole frame as it goes over the wire.
   *
   * @param opcode of the protocol
   * @param last whether it is the last fragment
   * @param payload its bytes
   * @return head and masked payload
   */
  public static byte[] encode(int opcode, boolean last, byte[] payload) {
    byte[] head = head(opcode, last, payload.length);
    byte[] frame = Arrays.copyOf(head, head.length + payload.length);
    System.arraycopy(masked(payload, 0, payload.length), 0, frame, head.length, payload.length);
    return frame;
  }

  /**
   * Sends bytes as they are.
   *
   * @param bytes frames, or parts of them
   * @throws IOException when the connection is broken
   */
  public void write(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  /**
   * Sends a whole frame.
   *
   * @param opcode of the protocol
   * @param last whether it is the last fragment
   * @param payload its bytes
   * @throws IOException when the connection is broken
   */
  public void send(int opcode, boolean last, byte[] payload) throws IOException {
    write(encode(opcode, last, payload));
  }

  /**
   * Sends only the head of a frame.
   *
   * @param opcode of the protocol
   * @param last whether it is the last fragment
   * @param length announced length in bytes
   * @throws IOException when the connection is broken
   */
  public void sendHeader(int opcode, boolean last, long length) throws IOException {
    write(head(opcode, last, length));
  }

  /**
   * Sends a part of a frame's payload.
   *
   * @param payload of the whole frame
   * @param from first byte to send; the mask depends on it
   * @param to first byte not to send
   * @throws IOException when the connection is broken
   */
  public void sendMasked(byte[] payload, int from, int to) throws IOException {
    write(masked(payload, from, to));
  }

  private static byte[] head(int opcode, boolean last, long length) {
    ByteBuffer head = ByteBuffer.allocate(14);
    head.put((byte) ((last ? 0x80 : 0) | opcode));
    if (length < 126) {
      head.put((byte) (0x80 | length));
    } else if (length < 1 << 16) {
      head.put((byte) (0x80 | 126)).putShort((short) length);
    } else {
      head.put((byte) (0x80 | 127)).putLong(length);
    }
    head.put(MASK);
    return Arrays.copyOf(head.array(), head.position());
  }

  private static byte[] masked(byte[] payload, int from, int to) {
    byte[] masked = new byte[to - from];
    for (int i = from; i < to; i++) {
      masked[i - from] = (byte) (payload[i] ^ MASK[i & 3]);
    }
    return masked;
  }

  /**
   * Receives one frame.
   *
   * @return the next frame, control frames included
   * @throws EOFException when the gateway has closed
   * @throws IOException when the connection is broken, or nothing arrives within 10 seconds
   */
  public Received receive() throws IOException {
    int first = in.readUnsignedByte();
    int length = in.readUnsignedByte();
    long size = length < 126 ? length : length == 126 ? in.readUnsignedShort() : in.readLong();
    byte[] payload = new byte[Math.toIntExact(size)];
    in.readFully(payload);
    return new Received(first & 0x0F, (first & 0x80) != 0, payload);
  }

  /**
   * Receives up to the close frame, and discards what comes before it.
   *
   * @return the close code
   * @throws IOException when the connection ends without one
   */
  public int receiveCloseCode() throws IOException {
    while (true) {
      Received frame = receive();
      if (frame.opcode() == CLOSE) {
        return ((frame.payload()[0] & 0xFF) << 8) | (frame.payload()[1] & 0xFF);
      }
    }
  }

  /**
   * Breaks the connection off with a TCP reset.
   *
   * @throws IOException when the socket cannot be closed
   */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
