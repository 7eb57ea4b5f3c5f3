package io.cistern.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Where a report goes as JSON: a file, or standard output for {@code -}. */
final class JsonTarget {
  private static final String STDOUT = "-";

  private final String target;

  private JsonTarget(String target) {
    this.target = target;
  }

  /**
   * Checks the target before the work begins, so that hours of it are not lost to a misspelt
   * folder.
   *
   * @throws UsageException when nothing can be written there
   */
  static JsonTarget of(String target) {
    if (!target.equals(STDOUT)) {
      OutputFile.of("--json", target);
    }
    return new JsonTarget(target);
  }

  /** Whether the report takes standard output for itself. */
  boolean isStdout() {
    return target.equals(STDOUT);
  }

  /** Writes a report. */
  void write(Object report, PrintWriter out) throws IOException {
    JsonMapper mapper = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    String json = mapper.writeValueAsString(report) + "\n";
    if (isStdout()) {
      out.print(json);
      out.flush();
    } else {
      Files.writeString(Path.of(target), json, StandardCharsets.UTF_8);
    }
  }
}
