package io.cistern.benchmarks.burst;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * One server in a process of its own. It tells its port, then for each line that it reads how much
 * it has taken; at the end of its input it stops, and fails when something is live or not sound.
 */
final class BurstServer {
  private BurstServer() {}

  static void main(String[] args) throws IOException {
    BurstSubject.Running running =
        BurstSubject.of(args[0]).orElseThrow(() -> new IllegalArgumentException(args[0])).start();
    System.out.println(running.server().port());
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (in.readLine() != null) {
      System.out.println(running.takenBytes().getAsLong());
    }
    running.server().close();
  }
}
