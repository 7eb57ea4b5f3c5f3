package io.cistern.cli;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import com.sun.tools.attach.VirtualMachineDescriptor;
import io.cistern.jdk.PoolBeans;
import java.io.File;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.management.remote.JMXServiceURL;

/**
 * The JVMs of this machine that can be attached to, and which of them have managers to look at: a
 * system property says so ({@link PoolBeans#MARKER}), so that nothing is started in those that have
 * none.
 */
final class TopProcesses {
  private static final Duration PATIENCE = Duration.ofSeconds(15);
  private static final int NAME_WIDTH = 60;

  private TopProcesses() {}

  /**
   * A process.
   *
   * @param pid its number
   * @param name main class and arguments, or the program
   */
  record Found(long pid, String name) {
    @Override
    public String toString() {
      return name.isEmpty() ? Long.toString(pid) : pid + " (" + name + ")";
    }
  }

  /**
   * The only process that has managers.
   *
   * @throws UsageException when there is none, or several: they are listed
   */
  static Found only() {
    List<Found> all = all();
    return only(all.parallelStream().filter(TopProcesses::hasManagers).toList(), all);
  }

  static Found only(List<Found> candidates, List<Found> all) {
    if (candidates.size() == 1) {
      return candidates.getFirst();
    }
    if (candidates.isEmpty()) {
      throw new UsageException(
          "no JVM here has a manager to look at (PoolBeans.register(manager)); JVMs: "
              + (all.isEmpty() ? "none" : list(all)));
    }
    throw new UsageException(
        "several JVMs have managers; choose one with --pid: " + list(candidates));
  }

  private static String list(List<Found> processes) {
    return processes.stream().map(Found::toString).collect(Collectors.joining(", "));
  }

  private static List<Found> all() {
    long self = ProcessHandle.current().pid();
    return VirtualMachine.list().stream()
        .filter(machine -> machine.id().chars().allMatch(Character::isDigit))
        .map(machine -> new Found(Long.parseLong(machine.id()), name(machine)))
        .filter(found -> found.pid != self)
        .toList();
  }

  private static String name(VirtualMachineDescriptor machine) {
    return name(machine.displayName());
  }

  /** Main class or jar, without its folder, and the arguments; not longer than a line can bear. */
  static String name(String commandLine) {
    int space = commandLine.indexOf(' ');
    String program = space < 0 ? commandLine : commandLine.substring(0, space);
    String file = program.substring(program.lastIndexOf(File.separatorChar) + 1);
    String rest = commandLine.substring(program.length());
    return new Style(false, false).cut(NAME_WIDTH, Printable.of(file + rest));
  }

  private static boolean hasManagers(Found process) {
    try {
      return !Patience.within(PATIENCE, () -> marker(process)).isEmpty();
    } catch (IOException notToBeSeen) {
      return false;
    }
  }

  /** Names of its managers; empty when it has none. */
  private static String marker(Found process) throws IOException {
    VirtualMachine machine = open(process);
    try {
      return machine.getSystemProperties().getProperty(PoolBeans.MARKER, "");
    } finally {
      machine.detach();
    }
  }

  private static VirtualMachine open(Found process) throws IOException {
    try {
      return VirtualMachine.attach(Long.toString(process.pid));
    } catch (AttachNotSupportedException refused) {
      throw new IOException(refused.getMessage(), refused);
    }
  }

  /**
   * A process by its number.
   *
   * @throws UsageException when there is none
   */
  static Found byPid(long pid) {
    ProcessHandle process =
        ProcessHandle.of(pid)
            .orElseThrow(
                () -> new UsageException("--pid %d: there is no such process".formatted(pid)));
    if (pid == ProcessHandle.current().pid()) {
      throw new UsageException("--pid %d: is this command itself".formatted(pid));
    }
    return all().stream()
        .filter(found -> found.pid == pid)
        .findFirst()
        .orElseGet(() -> new Found(pid, process.info().command().orElse("")));
  }

  /**
   * Where a process answers; its management agent is started for local clients, if it was not.
   *
   * @throws UsageException when it cannot be attached to, or has no manager
   */
  static JMXServiceURL address(Found process) {
    try {
      return Patience.within(PATIENCE, () -> startAgent(process));
    } catch (IOException refused) {
      throw new UsageException(
          "process %s cannot be attached to: %s".formatted(process, reason(process, refused)));
    }
  }

  private static JMXServiceURL startAgent(Found process) throws IOException {
    if (marker(process).isEmpty()) {
      throw new UsageException(
          "process %s has no manager to look at: the program must call PoolBeans.register(manager)"
              .formatted(process));
    }
    VirtualMachine machine = open(process);
    try {
      return new JMXServiceURL(machine.startLocalManagementAgent());
    } finally {
      machine.detach();
    }
  }

  private static String reason(Found process, IOException refused) {
    Optional<String> owner = ProcessHandle.of(process.pid).flatMap(of -> of.info().user());
    Optional<String> self = ProcessHandle.current().info().user();
    return owner.isPresent() && !owner.equals(self)
        ? "it belongs to %s, you are %s".formatted(owner.get(), self.orElse("somebody else"))
        : Printable.of(Objects.toString(refused.getMessage(), refused.toString()));
  }
}
