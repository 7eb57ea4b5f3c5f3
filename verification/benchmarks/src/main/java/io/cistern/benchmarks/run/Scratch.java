package io.cistern.benchmarks.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What a run leaves behind: nothing. All temporary files of this JVM and its forks lie in one
 * folder; when the run ends, in whatever way short of a kill that cannot be caught, forks that
 * still live are killed and the folder is deleted.
 */
public final class Scratch implements AutoCloseable {
  private static final long PATIENCE_MS = 10_000;
  private static final long BETWEEN_KILLS_MS = 20;

  private static final String TMPDIR = "java.io.tmpdir";

  private final String formerTmpdir = System.getProperty(TMPDIR);
  private final Path folder;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(this::onShutdown, "end of forks");
  private volatile boolean stopped;

  private Scratch(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes the folder and has this JVM and JMH put their files into it. To be called before JMH
   * makes its first file. JMH's lock, which lies in that folder then, could keep no other run away
   * and is not used.
   *
   * @return open scratch space
   * @throws IOException when no folder can be made
   */
  public static Scratch open() throws IOException {
    Scratch scratch = new Scratch(Files.createTempDirectory("cistern-bench"));
    System.setProperty(TMPDIR, scratch.folder.toString());
    System.setProperty("jmh.ignoreLock", "true");
    Runtime.getRuntime().addShutdownHook(scratch.hook);
    return scratch;
  }

  /**
   * Ends this JVM when another process, which started it, is gone.
   *
   * @param pid process id
   */
  public void endWith(long pid) {
    Thread.ofPlatform()
        .daemon()
        .name("end with parent")
        .start(() -> {
          ProcessHandle.of(pid).ifPresent(parent -> parent.onExit().join());
          System.exit(1);
        });
  }

  /**
   * Where files may go.
   *
   * @return a folder
   */
  public Path folder() {
    return folder;
  }

  /**
   * Whether somebody wants the run to end, so that forks fail.
   *
   * @return true from then on
   */
  public boolean isStopped() {
    return stopped;
  }

  private void onShutdown() {
    stopped = true;
    long last = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
    try {
      do {
        ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
      } while (!ended.await(BETWEEN_KILLS_MS, TimeUnit.MILLISECONDS) && System.nanoTime() < last);
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
    delete();
  }

  private void delete() {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException busy) {
      throw new UncheckedIOException(folder + " cannot be deleted", busy);
    }
  }

  /** Ends the run. */
  @Override
  public void close() {
    ended.countDown();
    System.setProperty(TMPDIR, formerTmpdir);
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException shuttingDown) {
      return; // the hook deletes the folder
    }
    delete();
  }
}
