package io.cistern.benchmarks.echo;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;

/**
 * Arrow has no server, so this is a plain one, with a virtual thread for each connection: the body
 * of a request is read into one buffer of Arrow's and sent back out of it. Where there is no buffer
 * for it, the connection ends.
 */
final class ArrowEcho implements EchoServer {
  private static final int PIECE_BYTES = 16 << 10;
  private static final int BACKLOG = 1000;
  private static final String LENGTH = "Content-Length: ";

  private final BufferAllocator allocator;
  private final Runnable atEnd;
  private final ServerSocket listening;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  ArrowEcho(BufferAllocator allocator, Runnable atEnd) {
    this.allocator = allocator;
    this.atEnd = atEnd;
    try {
      listening = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    threads.execute(this::accept);
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket connection = listening.accept();
        threads.execute(() -> serve(connection));
      } catch (IOException closed) {
        // the loop ends
      }
    }
  }

  private void serve(Socket connection) {
    try (connection) {
      DataInputStream in = new DataInputStream(connection.getInputStream());
      OutputStream out = connection.getOutputStream();
      while (true) {
        echo(in, out, length(in));
      }
    } catch (IOException | OutOfMemoryException ended) {
      // by the client, or for want of memory
    }
  }

  private void echo(DataInputStream in, OutputStream out, int length) throws IOException {
    byte[] piece = new byte[PIECE_BYTES];
    try (ArrowBuf body = allocator.buffer(length)) {
      for (int at = 0; at < length; at += piece.length) {
        int count = Math.min(piece.length, length - at);
        in.readFully(piece, 0, count);
        body.setBytes(at, piece, 0, count);
      }
      out.write(
          "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
              .formatted(length)
              .getBytes(StandardCharsets.US_ASCII));
      for (int at = 0; at < length; at += piece.length) {
        int count = Math.min(piece.length, length - at);
        body.getBytes(at, piece, 0, count);
        out.write(piece, 0, count);
      }
    }
  }

  /** Of the next request's body, after whose head the stream is then. */
  private static int length(DataInputStream in) throws IOException {
    int length = 0;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      if (line.startsWith(LENGTH)) {
        length = Integer.parseInt(line.substring(LENGTH.length()));
      }
    }
    return length;
  }

  private static String line(DataInputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("no more requests");
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }

  @Override
  public int port() {
    return listening.getLocalPort();
  }

  @Override
  public void close() {
    try {
      listening.close();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
    threads.close();
    allocator.close();
    atEnd.run();
  }
}
