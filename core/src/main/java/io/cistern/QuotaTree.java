package io.cistern;

import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * What the quotas of one tree share: the table of their numbers, and the rules for a node that is
 * added. Adding takes the lock of this object; finding a node by its number takes none.
 */
final class QuotaTree {
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*");
  private static final Quota[] NONE = {};

  private volatile Quota[] nodes = NONE;
  private int count;

  /** The number of the node that is added next. Under the lock. */
  int nextNumber() {
    return count;
  }

  /** Under the lock. The write at the end publishes the element to those who read without it. */
  void add(Quota quota) {
    Quota[] all = nodes;
    all = count < all.length ? all : Arrays.copyOf(all, Math.clamp(2L * count, 8, Quota.MAX));
    all[count] = quota;
    count++;
    nodes = all;
  }

  /** The node with a number; throws IndexOutOfBoundsException when there is none. */
  Quota byNumber(int number) {
    Quota[] all = nodes;
    if (number < 0 || number >= all.length || all[number] == null) {
      throw new IndexOutOfBoundsException("there is no quota of number " + number);
    }
    return all[number];
  }

  /** Throws, with the figures, what {@link Quota#child} says. Under the lock. */
  void check(Quota parent, String name, long limit, long guaranteed) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "quota name '%s': a letter, then letters, digits, '_' and '-'".formatted(name));
    }
    String quota = "quota '" + parent.pathOf(name) + "'";
    checkNotNegative(parent.pathOf(name), "limit", limit);
    checkNotNegative(parent.pathOf(name), "guarantee", guaranteed);
    if (guaranteed > limit) {
      throw new IllegalArgumentException(
          "%s: a guarantee of %d B is more than the limit of %d B"
              .formatted(quota, guaranteed, limit));
    }
    if (parent.children().stream().anyMatch(other -> other.name().equals(name))) {
      throw new IllegalArgumentException(quota + ": there is one of that name");
    }
    checkGuarantees(quota, parent, guaranteed);
    if (count == Quota.MAX) {
      throw new IllegalStateException(
          "%s: there are %d quotas, the most".formatted(quota, Quota.MAX));
    }
  }

  private static void checkGuarantees(String quota, Quota parent, long guaranteed) {
    long others = parent.children().stream().mapToLong(Quota::guaranteedBytes).sum();
    if (guaranteed > parent.limitBytes() - others) {
      throw new IllegalArgumentException(
          "%s: a guarantee of %d B, with %d B of the others, is more than the limit %d B of quota '%s'"
              .formatted(quota, guaranteed, others, parent.limitBytes(), parent.path()));
    }
  }

  static void checkNotNegative(String path, String what, long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException(
          "quota '%s': a %s of %d B, at least 0 is needed".formatted(path, what, bytes));
    }
  }
}
