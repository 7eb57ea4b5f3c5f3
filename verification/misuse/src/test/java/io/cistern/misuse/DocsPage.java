package io.cistern.misuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * docs/checks.md, of which parts are what the tests observed: between two comments with a name.
 * With {@code -Dmisuse.docs=write} they are written, else compared.
 */
public final class DocsPage {
  private static final Path PAGE = root().resolve("docs").resolve("checks.md");

  private DocsPage() {}

  /**
   * Writes a part, or throws when it is another one.
   *
   * @param name of the part
   * @param text what was observed
   * @param comparable what is compared of a text: without what may differ from run to run
   * @throws IOException when the page cannot be read or written
   * @throws AssertionError when the page says something else, with both texts
   */
  public static void check(String name, String text, UnaryOperator<String> comparable)
      throws IOException {
    String page = Files.readString(PAGE);
    Matcher part = part(page, name);
    if ("write".equals(System.getProperty("misuse.docs"))) {
      String now = page.substring(0, part.start(1)) + "\n" + text + "\n";
      Files.writeString(PAGE, now + page.substring(part.end(1)));
    } else if (!comparable.apply(part.group(1).strip()).equals(comparable.apply(text.strip()))) {
      throw new AssertionError(
          "docs/checks.md, part '%s', is not what was observed; -Dmisuse.docs=write writes it:%n%s"
              .formatted(name, text));
    }
  }

  private static Matcher part(String page, String name) {
    Matcher part =
        Pattern.compile(
                "<!-- %s:begin -->(.*)<!-- %s:end -->".formatted(name, name), Pattern.DOTALL)
            .matcher(page);
    if (!part.find()) {
      throw new AssertionError("docs/checks.md has no part '" + name + "'");
    }
    return part;
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.exists(folder.resolve("docs").resolve("checks.md"))) {
      folder = folder.getParent();
    }
    return Optional.ofNullable(folder).orElseThrow();
  }
}
