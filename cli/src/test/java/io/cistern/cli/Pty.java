package io.cistern.cli;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jline.terminal.Size;
import org.jline.utils.ScreenTerminal;

/**
 * A command on a pseudo-terminal, as util-linux's {@code script} makes one, and the screen that a
 * person would see.
 */
final class Pty implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(100);

  private final Path folder;
  private final Process script;
  private final OutputStream keys;
  private final ScreenTerminal screen;
  private final StringBuilder raw = new StringBuilder();

  /**
   * Starts a command.
   *
   * @param folder for notes on the terminal's state
   * @param environment assignments for the shell, such as {@code TERM=dumb}
   */
  Pty(Path folder, int columns, int rows, String environment, List<String> command)
      throws IOException {
    this.folder = folder;
    this.screen = new ScreenTerminal(columns, rows);
    Path start =
        Files.writeString(
            folder.resolve("start.sh"),
            """
            trap : INT
            stty rows %d cols %d
            tty > '%s'
            stty -g > '%s'
            %s %s
            echo $? > '%s'
            stty -g > '%s'
            """
                .formatted(
                    rows,
                    columns,
                    note("tty"),
                    note("before"),
                    environment,
                    command.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" ")),
                    note("code"),
                    note("after")));
    script =
        new ProcessBuilder("script", "-q", "-f", "-c", "sh " + start, "/dev/null")
            .redirectErrorStream(true)
            .start();
    keys = script.getOutputStream();
    Thread.ofPlatform().daemon().start(this::read);
  }

  static boolean isAvailable() {
    return Files.isExecutable(Path.of("/usr/bin/script"));
  }

  private Path note(String name) {
    return folder.resolve(name + ".txt");
  }

  private void read() {
    char[] characters = new char[65_536];
    try (Reader output = script.inputReader(StandardCharsets.UTF_8)) {
      for (int n = output.read(characters); n >= 0; n = output.read(characters)) {
        String text = new String(characters, 0, n);
        synchronized (raw) {
          raw.append(text);
        }
        screen.write(text);
      }
    } catch (IOException closed) {
      // the end
    }
  }

  /** Everything that was ever written. */
  String raw() {
    synchronized (raw) {
      return raw.toString();
    }
  }

  /** What a person sees. */
  String text() {
    int columns = screen.getColumns();
    int rows = screen.getRows();
    long[] cells = new long[columns * rows];
    screen.dump(cells, new int[2]);
    StringBuilder text = new StringBuilder();
    for (int row = 0; row < rows; row++) {
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < columns; column++) {
        int c = ScreenTerminal.cellCodePoint(cells[row * columns + column]);
        line.appendCodePoint(c == 0 ? ' ' : c);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  /** Waits until the screen shows something. */
  void awaitText(String wanted) {
    await(wanted + " on the screen").atMost(PATIENCE).until(() -> text().contains(wanted));
  }

  void press(String characters) throws IOException {
    keys.write(characters.getBytes(StandardCharsets.UTF_8));
    keys.flush();
  }

  void resize(int columns, int rows) throws Exception {
    screen.setSize(Size.of(columns, rows));
    new ProcessBuilder(
            "stty",
            "-F",
            Files.readString(note("tty")).strip(),
            "rows",
            Integer.toString(rows),
            "cols",
            Integer.toString(columns))
        .start()
        .waitFor();
  }

  /** The command's exit code. */
  int awaitEnd() throws Exception {
    await("end").atMost(PATIENCE).until(() -> !script.isAlive());
    return Integer.parseInt(Files.readString(note("code")).strip());
  }

  /** The modes of the terminal, as {@code stty} writes them: before the command and after it. */
  String modes(String when) throws IOException {
    return Files.readString(note(when));
  }

  @Override
  public void close() {
    script.descendants().forEach(ProcessHandle::destroyForcibly);
    script.destroyForcibly();
  }
}
