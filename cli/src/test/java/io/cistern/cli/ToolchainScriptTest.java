package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The script with which {@code ./cistern} and {@code ./verify} find JDK and Maven. Time budget: 5
 * s.
 */
@Timeout(30)
@EnabledOnOs({OS.LINUX, OS.MAC})
class ToolchainScriptTest {
  private record Result(int exit, String text) {}

  private static Result sh(String script) throws Exception {
    Path toolchain = Path.of("..", ".ci", "toolchain.sh").toAbsolutePath().normalize();
    Process process =
        new ProcessBuilder("sh", "-euc", ". '" + toolchain + "'\n" + script)
            .redirectErrorStream(true)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Result(process.waitFor(), text.strip());
  }

  @ParameterizedTest
  @CsvSource({"3.8.7, 0", "3.8.6, 1", "3.9, 0", "4.0.0, 0", "3.10.0, 0", "2.9.9, 1", "3.8, 1"})
  void mavenVersions(String version, int exit) throws Exception {
    assertThat(sh("is_at_least " + version + " 3.8.7").exit()).isEqualTo(exit);
  }

  @Test
  void readsTheReleaseOfAJdk(@TempDir Path jdk) throws Exception {
    assertThat(sh("jdk_release '" + jdk + "'").text()).isEmpty();
    Files.createDirectories(jdk.resolve("bin"));
    assertThat(Files.createFile(jdk.resolve("bin/javac")).toFile().setExecutable(true)).isTrue();
    Files.writeString(jdk.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"25.0.3\"\n");
    assertThat(sh("jdk_release '" + jdk + "'").text()).isEqualTo("25");
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"27-ea\"\n");
    assertThat(sh("jdk_release '" + jdk + "'").text()).isEqualTo("27");
    assertThat(sh("least_jdk=27; JAVA_HOME='" + jdk + "'; need_jdk; echo \"$JAVA_HOME\"").text())
        .isEqualTo(jdk.toString());
  }

  @Test
  void prefersTheJdkOfJavaHome() throws Exception {
    String home = System.getProperty("java.home");
    assertThat(sh("JAVA_HOME='" + home + "'; need_jdk; echo \"$JAVA_HOME\"").text())
        .isEqualTo(home);
  }

  @Test
  void saysWhatToInstall() throws Exception {
    Result jdk = sh("least_jdk=999; need_jdk");
    assertThat(jdk.exit()).isEqualTo(2);
    assertThat(jdk.text())
        .startsWith("A JDK 999 or later is needed, and none was found")
        .contains("apt install");
    Result maven = sh("least_maven=999.0.0; need_maven");
    assertThat(maven.exit()).isEqualTo(2);
    assertThat(maven.text())
        .startsWith("Maven 999.0.0 or later is needed")
        .contains("apt install maven");
  }
}
