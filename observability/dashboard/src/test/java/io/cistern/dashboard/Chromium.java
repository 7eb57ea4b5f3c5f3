package io.cistern.dashboard;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * The system's Chromium, started without the network. Where there is none, the tests that want it
 * are skipped, or fail where nothing may be.
 */
final class Chromium implements AutoCloseable {
  /** Set where nothing may be skipped, as in CI. */
  private static final String NO_SKIPS = "NO_SKIPPED_TESTS";

  private static final List<String> FLAGS =
      List.of(
          "--no-sandbox",
          "--headless",
          "--disable-gpu",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync");

  private final Playwright playwright;
  private final Browser browser;
  private final Set<ProcessHandle> processes;
  private boolean killed;

  Chromium() {
    Path executable = executable();
    Set<ProcessHandle> before = mine();
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(new BrowserType.LaunchOptions().setExecutablePath(executable).setArgs(FLAGS));
    processes = mine();
    processes.removeAll(before);
  }

  private static Set<ProcessHandle> mine() {
    return new HashSet<>(ProcessHandle.current().descendants().toList());
  }

  private static Path executable() {
    return Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst()
        .orElseGet(Chromium::missing);
  }

  private static Path missing() {
    String what = "no Chromium is installed: apt-get install chromium";
    if (System.getenv(NO_SKIPS) != null) {
      throw new AssertionError(what);
    }
    return Assumptions.abort(what);
  }

  Browser browser() {
    return browser;
  }

  /** Its processes end at once, with the connections that they have. */
  void kill() {
    killed = true;
    processes.forEach(ProcessHandle::destroyForcibly);
  }

  @Override
  public void close() {
    if (!killed) {
      playwright.close();
    }
  }
}
