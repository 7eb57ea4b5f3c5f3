package io.cistern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * The ladder of rooms (docs/architecture.md): a module may depend on modules above it, never on one
 * below. Read from the poms, so a dependency that is declared and not used counts too. Budget: 2 s.
 */
class LadderTest {
  /** All rooms there will be, top to bottom; those that hold nothing yet are skipped. */
  private static final List<String> LADDER =
      List.of(
          "core",
          "config",
          "testkit",
          "runtime/events",
          "runtime/tasks",
          "runtime/io",
          "runtime/numeric",
          "observability/jdk",
          "observability/micrometer",
          "observability/mqtt",
          "observability/dashboard",
          "integrations/netty",
          "integrations/jetty",
          "integrations/arrow",
          "integrations/spring",
          "tools/guard",
          "tools/simulator",
          "verification/benchmarks",
          "verification/concurrency",
          "verification/acceptance",
          "verification/misuse",
          "examples/gateway",
          "examples/netty-http",
          "examples/jetty-server",
          "examples/arrow-pipeline",
          "examples/spring-boot",
          "examples/all-on-one-budget",
          "cli");

  static final Path ROOT = root();

  @Test
  void everyModuleHasItsPlaceOnTheLadderAndIsBuiltInThatOrder() {
    assertThat(modules()).isNotEmpty().isSubsetOf(LADDER);
    assertThat(modules()).isSortedAccordingTo((a, b) -> LADDER.indexOf(a) - LADDER.indexOf(b));
  }

  @TestFactory
  List<DynamicTest> dependsOnRoomsAboveItAlone() {
    List<DynamicTest> tests = new ArrayList<>();
    for (String module : modules()) {
      tests.add(DynamicTest.dynamicTest(module, () -> assertThat(wrongSteps(module)).isEmpty()));
    }
    return tests;
  }

  @Test
  void aStepDownwardsIsSeen() {
    assertThat(wrongStep("config", "cli")).contains("config depends on cli, which is below it");
    assertThat(wrongStep("config", "config")).isPresent();
    assertThat(wrongStep("cli", "config")).isEmpty();
    assertThat(dependencies("config")).contains("core");
  }

  private static List<String> wrongSteps(String module) {
    return dependencies(module).stream()
        .flatMap(dependency -> wrongStep(module, dependency).stream())
        .toList();
  }

  private static Optional<String> wrongStep(String module, String dependency) {
    return LADDER.indexOf(dependency) < LADDER.indexOf(module)
        ? Optional.empty()
        : Optional.of(module + " depends on " + dependency + ", which is below it");
  }

  private static List<String> modules() {
    return texts(parse(ROOT.resolve("pom.xml")), "module");
  }

  /** Rooms whose artifacts a module declares as dependencies. */
  private static List<String> dependencies(String module) {
    NodeList declared = parse(ROOT.resolve(module, "pom.xml")).getElementsByTagName("dependency");
    List<String> rooms = new ArrayList<>();
    for (int i = 0; i < declared.getLength(); i++) {
      Element dependency = (Element) declared.item(i);
      if (text(dependency, "groupId").equals("io.cistern")) {
        rooms.add(room(text(dependency, "artifactId")));
      }
    }
    return rooms;
  }

  private static String room(String artifact) {
    return modules().stream()
        .filter(module -> artifactOf(module).equals(artifact))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no module has the artifact " + artifact));
  }

  private static String artifactOf(String module) {
    NodeList ids = parse(ROOT.resolve(module, "pom.xml")).getDocumentElement().getChildNodes();
    for (int i = 0; i < ids.getLength(); i++) {
      if (ids.item(i).getNodeName().equals("artifactId")) {
        return ids.item(i).getTextContent().strip();
      }
    }
    throw new AssertionError(module + " has no artifactId");
  }

  private static List<String> texts(Document document, String tag) {
    NodeList nodes = document.getElementsByTagName(tag);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      texts.add(nodes.item(i).getTextContent().strip());
    }
    return texts;
  }

  private static String text(Element parent, String tag) {
    return parent.getElementsByTagName(tag).item(0).getTextContent().strip();
  }

  private static Document parse(Path pom) {
    try {
      return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(pom.toFile());
    } catch (Exception unreadable) {
      throw new AssertionError(pom + ": " + unreadable.getMessage(), unreadable);
    }
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !isRoot(folder)) {
      folder = folder.getParent();
    }
    return Optional.ofNullable(folder).orElseThrow();
  }

  private static boolean isRoot(Path folder) {
    try {
      Path pom = folder.resolve("pom.xml");
      return Files.exists(pom) && Files.readString(pom).contains("<modules>");
    } catch (IOException unreadable) {
      return false;
    }
  }
}
