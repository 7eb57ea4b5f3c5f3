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

/** The system's Chromium, started without the network. */
final class Chromium implements AutoCloseable {
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
    Set<ProcessHandle> before = mine();
    playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    browser =
        playwright
            .chromium()
            .launch(new BrowserType.LaunchOptions().setExecutablePath(executable()).setArgs(FLAGS));
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
        .orElseThrow(
            () -> new AssertionError("no Chromium is installed: apt-get install chromium"));
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
