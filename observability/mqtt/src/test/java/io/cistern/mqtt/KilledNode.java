package io.cistern.mqtt;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A node in a process of its own, to be killed. */
final class KilledNode implements AutoCloseable {
  private final Process process;

  private KilledNode(Process process) {
    this.process = process;
  }

  static KilledNode start(int port) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            classPath(),
            KilledNode.class.getName(),
            "" + port);
    return new KilledNode(
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start());
  }

  /** Surefire puts some of it on the module path. */
  private static String classPath() {
    return System.getProperty("java.class.path")
        + java.io.File.pathSeparator
        + System.getProperty("jdk.module.path", "");
  }

  void kill() {
    process.destroyForcibly();
  }

  @Override
  public void close() {
    kill();
  }

  /**
   * Runs until it is killed, or nobody is left to kill it.
   *
   * @param args the port of the broker
   * @throws Exception when interrupted
   */
  public static void main(String[] args) throws Exception {
    try (PoolManager manager =
            PoolManager.builder().pool("main", MemoryPool.builder().tier(64, 4)).build();
        MqttDiagnostics diagnostics =
            MqttDiagnostics.builder(manager)
                .broker("127.0.0.1", Integer.parseInt(args[0]))
                .node("victim")
                .start()) {
      ProcessHandle.current().parent().orElseThrow().onExit().get();
      System.out.println(diagnostics.isConnected());
    }
  }
}
