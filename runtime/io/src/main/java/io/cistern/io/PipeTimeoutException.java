package io.cistern.io;

import java.io.IOException;

/** The other side of a pipe did nothing for as long as was to be waited; nothing was moved. */
public final class PipeTimeoutException extends IOException {
  private static final long serialVersionUID = 1L;

  PipeTimeoutException(String message) {
    super(message);
  }
}
