package io.cistern.benchmarks.echo;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * One connection that stays open, and the same request over and over. Makes no garbage that would
 * count for the server in the same JVM.
 */
public final class EchoClient implements AutoCloseable {
  private static final int HEAD_LIMIT = 4096;
  private static final int END_OF_HEAD = 0x0D0A0D0A;
  private static final int TIMEOUT_MILLIS = 30_000;

  private final Socket socket;
  private final OutputStream out;
  private final DataInputStream in;
  private final byte[] request;
  private final byte[] body;
  private final byte[] head = new byte[HEAD_LIMIT];

  /** Bytes of the last answer's head. */
  private int expected;

  /**
   * Connects.
   *
   * @param port on the loopback address
   * @param bodyBytes of each request
   * @throws IOException when that fails
   */
  public EchoClient(int port, int bodyBytes) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    out = socket.getOutputStream();
    in = new DataInputStream(socket.getInputStream());
    byte[] start =
        ("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + bodyBytes + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    request = new byte[start.length + bodyBytes];
    body = new byte[bodyBytes];
    System.arraycopy(start, 0, request, 0, start.length);
    for (int i = 0; i < bodyBytes; i++) {
      request[start.length + i] = (byte) (31 * i + 7);
    }
  }

  /**
   * Sends the request.
   *
   * @throws IOException when the connection is broken
   */
  public void send() throws IOException {
    out.write(request);
  }

  /**
   * Sends the request but for its last byte, so that whoever gathers it must hold it.
   *
   * @throws IOException when the connection is broken
   */
  public void sendAllButOne() throws IOException {
    out.write(request, 0, request.length - 1);
  }

  /**
   * Sends that last byte.
   *
   * @throws IOException when the connection is broken
   */
  public void sendLast() throws IOException {
    out.write(request, request.length - 1, 1);
  }

  /**
   * Reads its answer, whose body is compared with what was sent at both ends.
   *
   * @throws IOException when the connection is broken, or the answer another one
   */
  public void receive() throws IOException {
    skipHead();
    in.readFully(body);
    int last = body.length - 1;
    int start = request.length - body.length;
    if (body[0] != request[start] || body[last] != request[start + last]) {
      throw new IOException("the answer is not what was sent");
    }
  }

  private void skipHead() throws IOException {
    int length = 0;
    int end = 0;
    while (end != END_OF_HEAD) {
      int next = length == 0 ? in.read(head, 0, headBytes()) : in.read(head, length, 1);
      if (next < 0 || length + next >= HEAD_LIMIT) {
        throw new EOFException("no answer");
      }
      for (int i = 0; i < next; i++) {
        end = (end << 8) | (head[length + i] & 0xFF);
      }
      length += next;
    }
    expected = length;
  }

  /** As long as the last head was, which is the shortest that an answer has. */
  private int headBytes() {
    return Math.max(1, expected);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
