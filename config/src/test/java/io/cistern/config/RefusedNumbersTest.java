package io.cistern.config;

import static io.cistern.config.Texts.assertBroken;

import org.junit.jupiter.api.Test;

/**
 * Every number that a profile may get wrong, one by one, with the whole message. Time budget: 2 s.
 */
class RefusedNumbersTest {
  private static final String COUNT = "must be from 1 to 16777216";
  private static final String WHOLE_COUNT = "must be a whole number from 1 to 16777216";
  private static final String SIZE = "must be from 1 B to 1 GiB";
  private static final String ANY_SIZE =
      "must be a size from 1 B to 1 GiB, such as 4096 or \"4 KiB\"";
  private static final String PERCENT = "must be a number above 0 and at most 100";

  private static void count(String given, String rule) {
    assertBroken(
        "count = 16",
        "count = " + given,
        "test.conf:8: pools.main.tiers[1].count = " + given + ": " + rule);
  }

  private static void size(String given, String rule) {
    assertBroken(
        "size = 1024",
        "size = " + given,
        "test.conf:8: pools.main.tiers[1].size = " + given + ": " + rule);
  }

  private static void low(String given, String rule) {
    assertBroken(
        "lowPercent = 80",
        "lowPercent = " + given,
        "test.conf:5: pools.main.lowPercent = " + given + ": " + rule);
  }

  private static void critical(String given, String rule) {
    assertBroken(
        "lowPercent = 80",
        "lowPercent = 80, criticalPercent = " + given,
        "test.conf:5: pools.main.criticalPercent = " + given + ": " + rule);
  }

  private static void alignment(String given) {
    assertBroken(
        "spill = next",
        "alignment = " + given,
        "test.conf:4: pools.main.alignment = " + given + ": must be a power of two from 1 to 4096");
  }

  private static void budget(String given, String rule) {
    assertBroken(
        "budget = 164 KiB", "budget = " + given, "test.conf:1: budget = " + given + ": " + rule);
  }

  @Test
  void countOfZero() {
    count("0", COUNT);
  }

  @Test
  void negativeCount() {
    count("-16", COUNT);
  }

  @Test
  void countAboveTheLimit() {
    count("16777217", COUNT);
  }

  @Test
  void countBeyondAllIntegers() {
    count("1e30", COUNT);
  }

  @Test
  void countBeyondAllNumbers() {
    count("1e400", COUNT);
  }

  @Test
  void countWithAFractionIsNotCutDown() {
    count("8.5", WHOLE_COUNT);
  }

  @Test
  void countThatIsAWord() {
    count("many", WHOLE_COUNT);
  }

  @Test
  void countThatIsNull() {
    count("null", WHOLE_COUNT);
  }

  @Test
  void countWithAUnit() {
    count("16 KiB", WHOLE_COUNT);
  }

  @Test
  void moreBlocksThanTheHandlesOfOnePoolCanTellApart() {
    assertBroken(
        "count = 16",
        "count = 16777216",
        "test.conf:6: pools.main.tiers = [{\"count\":8,\"label\":\"frames\",\"size\":4096},{\"count\":16777216,…:"
            + " 16777216 blocks of 1024 B: with 2 tiers the count must be from 1 to 8388608");
  }

  @Test
  void sizeOfZero() {
    size("0", SIZE);
  }

  @Test
  void negativeSize() {
    size("-1 KiB", SIZE);
  }

  @Test
  void sizeAboveTheLimit() {
    size("1073741825", SIZE);
  }

  @Test
  void sizeBeyondAllIntegers() {
    size("9 YiB", SIZE);
  }

  @Test
  void sizeWithAnUnknownUnit() {
    size("4 KB", ANY_SIZE);
  }

  @Test
  void sizeWithAFractionOfAByteIsNotCutDown() {
    size("4.3 KiB", ANY_SIZE);
  }

  @Test
  void sizeThatIsAList() {
    size("[1024]", ANY_SIZE);
  }

  @Test
  void sizeThatIsNull() {
    size("null", ANY_SIZE);
  }

  @Test
  void twoTiersOfOneSize() {
    size("4 KiB", "must differ from every other tier's, and equals pools.main.tiers[0].size");
  }

  @Test
  void lowThresholdOfZero() {
    low("0", PERCENT);
  }

  @Test
  void lowThresholdAboveAHundred() {
    low("100.5", PERCENT);
  }

  @Test
  void lowThresholdThatIsAWord() {
    low("high", PERCENT);
  }

  @Test
  void lowThresholdAboveTheUsualCriticalOne() {
    low("95", "must be below criticalPercent, which is 95");
  }

  @Test
  void criticalThresholdAboveAHundred() {
    critical("101", PERCENT);
  }

  @Test
  void criticalThresholdBelowTheLowOne() {
    critical("70", "must be above lowPercent, which is 80");
  }

  @Test
  void criticalThresholdEqualToTheLowOne() {
    critical("80", "must be above lowPercent, which is 80");
  }

  @Test
  void aRefusedThresholdIsNotComparedWithTheOther() {
    assertBroken(
        "lowPercent = 80",
        "lowPercent = 200\n    criticalPercent = 70",
        "test.conf:5: pools.main.lowPercent = 200: " + PERCENT);
  }

  @Test
  void alignmentThatIsNoPowerOfTwo() {
    alignment("12");
  }

  @Test
  void alignmentOfZero() {
    alignment("0");
  }

  @Test
  void alignmentAboveTheLimit() {
    alignment("8192");
  }

  @Test
  void alignmentThatIsAWord() {
    alignment("page");
  }

  @Test
  void alignmentBelowTheSizeOfTheNumbers() {
    assertBroken(
        "count = 20",
        "count = 20, alignment = 4",
        "test.conf:11: pools.vectors.alignment = 4: must be a power of two from 8 to 4096");
  }

  @Test
  void budgetOfZero() {
    budget("0", "must be from 1 B to 1 PiB");
  }

  @Test
  void budgetAboveTheLimit() {
    budget("2 PiB", "must be from 1 B to 1 PiB");
  }

  @Test
  void budgetThatIsAWord() {
    budget("plenty", "must be a size from 1 B to 1 PiB, such as 4096 or \"4 KiB\"");
  }

  @Test
  void budgetSmallerThanThePools() {
    budget(
        "60 KiB",
        "must be at least 65152 B, which the pools need (main 49152 B, vectors 16000 B), and is 61440 B");
  }

  @Test
  void budgetSmallerThanThePoolsWithTheSpaceThatAlignmentTakes() {
    assertBroken(
        "type = double, count = 20 }",
        "type = double, count = 20, alignment = 4096 }\n  four { tiers = [{ size = 32 KiB, count = 2 }] }",
        "test.conf:1: budget = 164 KiB: must be at least 196608 B, which the pools need"
            + " (main 49152 B, vectors 81920 B, four 65536 B), and is 167936 B");
  }
}
