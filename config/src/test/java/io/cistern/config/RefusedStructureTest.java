package io.cistern.config;

import static io.cistern.config.Texts.assertBroken;
import static io.cistern.config.Texts.assertRefused;
import static java.util.stream.Collectors.joining;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Keys and sections that a profile may get wrong, one by one, with the whole message. Time budget:
 * 2 s.
 */
class RefusedStructureTest {
  private static final String POOL_KEYS =
      "alignment, checks, criticalPercent, enabled, fallback, kind, labels, lowPercent, regions, reserve, resizable, spill, tiers, zeroing";
  private static final String BLOCKS_KEYS =
      "alignment, checks, count, criticalPercent, enabled, fallback, kind, label, labels, lowPercent, regions, reserve, resizable, shape, type, zeroing";

  @Test
  void unknownKeyOfTheProfile() {
    assertBroken(
        "frames {",
        "colour = red\nframes {",
        "test.conf:13: colour = red: unknown key. Known here: budget, buffers, fallback, frames, pools, pressure, quotas");
  }

  @Test
  void unknownKeyOfAPoolThatIsCloseToAKnownOne() {
    assertBroken(
        "spill = next",
        "spil = next",
        "test.conf:4: pools.main.spil = next: unknown key. Did you mean 'spill'? Known here: "
            + POOL_KEYS);
  }

  @Test
  void unknownKeyOfATier() {
    assertBroken(
        "label = patterns",
        "lable = patterns",
        "test.conf:8: pools.main.tiers[1].lable = patterns:"
            + " unknown key. Did you mean 'label'? Known here: count, label, size");
  }

  @Test
  void unknownKeyOfTheFrames() {
    assertBroken(
        "pool = main",
        "pool = main, size = 3",
        "test.conf:13: frames.size = 3: unknown key. Known here: block, oversize, pool");
  }

  @Test
  void keyOfTheOtherKindOfPool() {
    assertBroken(
        "count = 20",
        "count = 20, spill = any",
        "test.conf:11: pools.vectors.spill = any: unknown key. Known here: " + BLOCKS_KEYS);
  }

  @Test
  void keysThatDoNotExistYetAreNotIgnored() {
    assertBroken(
        "spill = next",
        "spill = next, growth = 64 KiB",
        "test.conf:4: pools.main.growth = 64 KiB: unknown key. Known here: " + POOL_KEYS);
  }

  @Test
  void unknownKeyWithASection() {
    assertBroken(
        "frames {",
        "alerts { a = 1 }\nframes {",
        "test.conf:13: alerts = {\"a\":1}: unknown key. Known here: budget, buffers, fallback, frames, pools, pressure, quotas");
  }

  @Test
  void missingBudget() {
    assertBroken(
        "budget = 164 KiB\n",
        "\n",
        "test.conf:1: budget: missing; must be a size from 1 B to 1 PiB, such as 4096 or \"4 KiB\"");
  }

  @Test
  void missingPools() {
    assertRefused("budget = 1 KiB", "test.conf:1: pools: missing; must be a section in braces");
  }

  @Test
  void missingTiers() {
    assertRefused(
        "budget = 1 KiB\npools {\n  main { spill = off }\n}",
        "test.conf:3: pools.main.tiers: missing; must be a list of at least one element");
  }

  @Test
  void missingSize() {
    assertBroken(
        "size = 1024, ",
        "",
        "test.conf:8: pools.main.tiers[1].size: missing;"
            + " must be a size from 1 B to 1 GiB, such as 4096 or \"4 KiB\"");
  }

  @Test
  void missingCount() {
    assertBroken(
        "count = 16, ",
        "",
        "test.conf:8: pools.main.tiers[1].count: missing; must be a whole number from 1 to 16777216");
  }

  @Test
  void missingShape() {
    assertBroken(
        "shape = [10, 10], ",
        "",
        "test.conf:11: pools.vectors.shape: missing; must be a list of at least one element");
  }

  @Test
  void noPools() {
    assertRefused(
        "budget = 1 KiB\npools {}",
        "test.conf:2: pools = {}: must hold from 1 to 255 pools, and holds 0");
  }

  @Test
  void morePoolsThanHandlesCanTellApart() {
    String pools =
        IntStream.range(0, 256)
            .mapToObj("p%03d { tiers = [{ size = 1, count = 1 }] }\n"::formatted)
            .collect(joining());
    assertRefused(
        "budget = 1 KiB\npools {\n" + pools + "}",
        "test.conf:2: pools = %s…: must hold from 1 to 255 pools, and holds 256"
            .formatted(
                "{\"p000\":{\"tiers\":[{\"count\":1,\"size\":1}]},\"p001\":{\"tiers\":[{\"count\":1"
                    .substring(0, 60)));
  }

  @Test
  void poolsThatAreAList() {
    assertRefused(
        "budget = 1 KiB, pools = [1]", "test.conf:1: pools = [1]: must be a section in braces");
  }

  @Test
  void poolThatIsANumber() {
    assertRefused(
        "budget = 1 KiB\npools { main = 3 }",
        "test.conf:2: pools.main = 3: must be a section in braces");
  }

  @Test
  void poolWithANameThatOverridesCouldNotSpell() {
    assertRefused(
        "budget = 1 KiB\npools { \"a.b\" { tiers = [{ size = 1, count = 1 }] } }",
        "test.conf:2: pools.a.b = {\"tiers\":[{\"count\":1,\"size\":1}]}:"
            + " a pool's name must be a letter followed by letters, digits, '-' or '_'");
  }

  @Test
  void tiersThatAreNoList() {
    assertRefused(
        "budget = 1 KiB\npools { main { tiers = 4 } }",
        "test.conf:2: pools.main.tiers = 4: must be a list of at least one element");
  }

  @Test
  void noTiers() {
    assertRefused(
        "budget = 1 KiB\npools { main { tiers = [] } }",
        "test.conf:2: pools.main.tiers = []: must be a list of at least one element");
  }

  @Test
  void tierThatIsANumber() {
    assertRefused(
        "budget = 1 KiB\npools { main { tiers = [\n4096] } }",
        "test.conf:3: pools.main.tiers[0] = 4096: must be a section in braces");
  }

  @Test
  void moreTiersThanAPoolMayHave() {
    String tiers =
        IntStream.rangeClosed(1, 65)
            .mapToObj("{ size = %d, count = 1 }\n"::formatted)
            .collect(joining());
    assertRefused(
        "budget = 1 MiB\npools { main { tiers = [" + tiers + "] } }",
        "test.conf:2: pools.main.tiers = "
            + "[{\"count\":1,\"size\":1},{\"count\":1,\"size\":2},{\"count\":1,\"size\":3}"
                .substring(0, 60)
            + "…: 65 tiers: must be from 1 to 64");
  }

  @Test
  void labelThatIsAList() {
    assertBroken(
        "label = patterns",
        "label = [1]",
        "test.conf:8: pools.main.tiers[1].label = [1]: must be text of one line");
  }

  @Test
  void labelOfTwoLines() {
    assertBroken(
        "label = patterns",
        "label = \"a\\nb\"",
        "test.conf:8: pools.main.tiers[1].label = a\nb: must be text of one line");
  }

  @Test
  void unknownKind() {
    assertBroken(
        "kind = blocks",
        "kind = varied",
        "test.conf:11: pools.vectors.kind = varied: must be one of tiered, blocks, variable");
  }

  @Test
  void unknownSpill() {
    assertBroken(
        "spill = next",
        "spill = yes",
        "test.conf:4: pools.main.spill = yes: must be one of off, next, any");
  }

  @Test
  void spillThatIsABoolean() {
    assertBroken(
        "spill = next",
        "spill = true",
        "test.conf:4: pools.main.spill = true: must be one of off, next, any");
  }

  @Test
  void unknownZeroing() {
    assertBroken(
        "spill = next",
        "zeroing = always",
        "test.conf:4: pools.main.zeroing = always: must be one of off, on-allocate, on-free");
  }

  @Test
  void unknownTypeOfNumbers() {
    assertBroken(
        "type = double",
        "type = long",
        "test.conf:11: pools.vectors.type = long: must be one of double, float, int");
  }

  @Test
  void shapeWithZero() {
    assertBroken(
        "[10, 10]",
        "[10, 0]",
        "test.conf:11: pools.vectors.shape[1] = 0: must be from 1 to 1073741824");
  }

  @Test
  void shapeWithAFraction() {
    assertBroken(
        "[10, 10]",
        "[10.5]",
        "test.conf:11: pools.vectors.shape[0] = 10.5: must be a whole number from 1 to 1073741824");
  }

  @Test
  void shapeThatIsANumber() {
    assertBroken(
        "[10, 10]",
        "100",
        "test.conf:11: pools.vectors.shape = 100: must be a list of at least one element");
  }

  @Test
  void shapeWithoutDimensions() {
    assertBroken(
        "[10, 10]",
        "[]",
        "test.conf:11: pools.vectors.shape = []: must be a list of at least one element");
  }

  @Test
  void shapeWithTooManyDimensions() {
    assertBroken(
        "[10, 10]",
        "[1,1,1,1,1,1,1,1,1]",
        "test.conf:11: pools.vectors.shape = [1,1,1,1,1,1,1,1,1]: must have from 1 to 8 dimensions, and has 9");
  }

  @Test
  void shapeWhoseBlocksAreTooLarge() {
    assertBroken(
        "[10, 10]",
        "[1073741824,1073741824,1073741824]",
        "test.conf:11: pools.vectors.shape = [1073741824,1073741824,1073741824]:"
            + " must give blocks of at most 1 GiB, and gives 9903520314283042199192993792 B");
  }

  @Test
  void framesFromAPoolThatDoesNotExist() {
    assertBroken(
        "pool = main", "pool = mian", "test.conf:13: frames.pool = mian: must be one of main");
  }

  @Test
  void framesFromAPoolOfNumbers() {
    assertBroken(
        "pool = main",
        "pool = vectors",
        "test.conf:13: frames.pool = vectors: must be one of main");
  }

  @Test
  void framesWhereNoPoolHasTiers() {
    assertRefused(
        "budget = 1 KiB\npools { v { kind = blocks, shape = [1], count = 1 } }\nframes { pool = v }",
        "test.conf:3: frames.pool = v: must be a pool with tiers, and there is none");
  }

  @Test
  void framesThatDoNotSayFromWhichOfTwoPools() {
    assertRefused(
        """
        budget = 1 KiB
        pools { a { tiers = [{ size = 1, count = 1 }] }, b { tiers = [{ size = 1, count = 1 }] } }
        frames { oversize = drop }
        """,
        "test.conf:3: frames.pool: missing; must be one of a, b");
  }

  @Test
  void framesThatAreAWord() {
    assertBroken(
        "frames { pool = main }",
        "frames = main",
        "test.conf:13: frames = main: must be a section in braces");
  }

  @Test
  void frameBlockLargerThanTheLargestTier() {
    assertBroken(
        "pool = main",
        "pool = main, block = 8 KiB",
        "test.conf:13: frames.block = 8 KiB: must be the block size of a tier of pool 'main': 4 KiB, 1 KiB");
  }

  @Test
  void frameBlockBetweenTwoTiers() {
    assertBroken(
        "pool = main",
        "pool = main, block = 2000",
        "test.conf:13: frames.block = 2000: must be the block size of a tier of pool 'main': 4 KiB, 1 KiB");
  }

  @Test
  void frameBlockThatIsNoSize() {
    assertBroken(
        "pool = main",
        "pool = main, block = large",
        "test.conf:13: frames.block = large: must be a size from 1 B to 1 GiB, such as 4096 or \"4 KiB\"");
  }

  @Test
  void unknownOversize() {
    assertBroken(
        "pool = main",
        "pool = main, oversize = cut",
        "test.conf:13: frames.oversize = cut: must be one of close, drop");
  }
}
