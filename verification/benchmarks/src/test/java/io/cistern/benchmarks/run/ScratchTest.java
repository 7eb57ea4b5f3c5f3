package io.cistern.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Temporary files. Time budget: 1 s. */
class ScratchTest {
  @Test
  void theFolderIsForTemporaryFilesAndGoesWithThem() throws IOException {
    String before = System.getProperty("java.io.tmpdir");
    Path folder;
    try (Scratch scratch = Scratch.open()) {
      folder = scratch.folder();
      assertThat(System.getProperty("java.io.tmpdir")).isEqualTo(folder.toString());
      Files.writeString(Files.createDirectory(folder.resolve("deep")).resolve("file"), "x");
      assertThat(scratch.isStopped()).isFalse();
    }
    assertThat(folder).doesNotExist();
    assertThat(System.getProperty("java.io.tmpdir")).isEqualTo(before);
  }
}
