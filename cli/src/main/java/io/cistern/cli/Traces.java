package io.cistern.cli;

import io.cistern.simulator.Trace;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The trace files of a command line, all read before anything is done with one. */
final class Traces {
  private Traces() {}

  /**
   * Reads traces.
   *
   * @param files as they were given
   * @param notices gets what is odd about them
   * @throws UsageException when there is no such file
   */
  static List<Trace> read(List<String> files, PrintWriter notices) throws IOException {
    List<Trace> traces = new ArrayList<>();
    for (String file : files) {
      Trace trace = read(file);
      trace.notices().forEach(notices::println);
      traces.add(trace);
    }
    notices.flush();
    return traces;
  }

  private static Trace read(String name) throws IOException {
    try {
      Path file = Path.of(name);
      if (!Files.exists(file)) {
        throw new UsageException(name + ": there is no such file");
      }
      if (Files.isDirectory(file)) {
        throw new UsageException(name + ": is a folder, a trace file is needed");
      }
      return Trace.read(file);
    } catch (InvalidPathException wrong) {
      throw new UsageException(name + ": is no file name: " + wrong.getReason());
    } catch (AccessDeniedException denied) {
      throw new UsageException(name + ": cannot be read: access denied");
    }
  }
}
