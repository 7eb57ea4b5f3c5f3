package io.cistern.gateway;

import java.nio.ByteBuffer;

/**
 * What a client is connected by: a server's side of one TCP connection after the upgrade. Nothing
 * is read before it is asked for. All methods may be called by any thread, and none waits.
 */
interface Wire {
  /** What becomes of a frame that is to be written: exactly one of these is called, once. */
  interface Written {
    /** It is written, and its payload not used any more. */
    void done();

    /** It will not be written, and its payload is not used any more. */
    void failed(Throwable cause);
  }

  /** Asks for the next piece of a frame. */
  void demand();

  /**
   * Writes a frame. A client that does not take it within the frame time-out is cut off, and then
   * this has failed.
   */
  void send(byte opCode, ByteBuffer payload, Written written);

  /** Says goodbye; reading goes on until the client has closed its side. */
  void sendClose(int code, String reason);

  /** Ends the TCP connection at once. */
  void abort();
}
