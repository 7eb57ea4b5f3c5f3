package io.cistern.internal;

import static io.cistern.internal.SpaceRecords.BEFORE;
import static io.cistern.internal.SpaceRecords.LOWER;
import static io.cistern.internal.SpaceRecords.NONE;
import static io.cistern.internal.SpaceRecords.UPPER;

import java.util.List;

/**
 * The large gaps of a {@link Space} by their exact size: for every power of two a binary trie of
 * the sizes that have it as their highest bit, after the tree bins of Doug Lea's malloc. A node at
 * depth d has a size of its own and branches on the bit d + 1 places below the highest:
 *
 * <pre>
 *   all sizes below lower(n) have a 0 there, all below upper(n) a 1; both share n's bits above
 * </pre>
 *
 * <p>Nothing is ever rebalanced, and no path is longer than a size has bits below its highest: that
 * bounds every method. A node is the oldest member of the ring of gaps of its size; the youngest
 * comes after it and is the one handed out, so that most additions and removals of recurring sizes
 * leave the tree as it is.
 *
 * <p>Walks that find count their steps as well: a reader without the lock may see a torn tree, but
 * comes back.
 */
final class GapTree {
  private final SpaceRecords records;
  private final int[] roots = new int[Integer.SIZE];

  /** Bit b is set if and only if roots[b] is not NONE. */
  private int used;

  GapTree(SpaceRecords records) {
    this.records = records;
  }

  private static int highestBit(int size) {
    return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(size);
  }

  private static int side(int size, int bit) {
    return LOWER + ((size >>> bit) & 1);
  }

  void add(int gap, int size) {
    records.set(gap, LOWER, NONE);
    records.set(gap, UPPER, NONE);
    int top = highestBit(size);
    int node = roots[top];
    if (node == NONE) {
      records.alone(gap);
      roots[top] = gap;
      used |= 1 << top;
      return;
    }
    for (int bit = top - 1; records.gap(node) != size; bit--) {
      int side = side(size, bit);
      int child = records.get(node, side);
      if (child == NONE) {
        records.alone(gap);
        records.set(node, side, gap);
        return;
      }
      node = child;
    }
    records.join(node + BEFORE, gap);
  }

  void remove(int gap, int size) {
    int top = highestBit(size);
    int parent = NONE;
    int node = roots[top];
    int bit = top - 1;
    for (; node != gap && records.gap(node) != size; bit--) {
      parent = node;
      node = records.get(node, side(size, bit));
    }
    if (node != gap) {
      records.leave(gap);
      return;
    }
    replace(parent, size, bit + 1, heir(gap));
  }

  /**
   * Leaves a gap where it is in its tree although its size changes or it is before another record.
   *
   * @return false if that cannot be: it is to be removed and added then
   */
  boolean move(int from, int to, int size, int newSize) {
    int top = highestBit(newSize);
    if (highestBit(size) != top || !records.isAlone(from) || firstChild(from) != NONE) {
      return false;
    }
    int parent = NONE;
    int node = roots[top];
    int bit = top - 1;
    for (; node != from; bit--) {
      if (node == NONE || records.gap(node) == newSize) {
        return false;
      }
      parent = node;
      node = records.get(node, side(newSize, bit));
    }
    if (to != from) {
      records.alone(to);
      records.set(to, LOWER, NONE);
      records.set(to, UPPER, NONE);
      replace(parent, newSize, bit + 1, to);
    }
    return true;
  }

  /** Puts an heir, or NONE, below a parent or at the root. */
  private void replace(int parent, int size, int bit, int heir) {
    if (parent != NONE) {
      records.set(parent, side(size, bit), heir);
      return;
    }
    int top = highestBit(size);
    roots[top] = heir;
    used = heir == NONE ? used & ~(1 << top) : used;
  }

  /** Takes a node out of its ring or tree and returns who stands in its place from now on. */
  private int heir(int node) {
    int heir;
    if (!records.isAlone(node)) {
      heir = records.get(node, BEFORE) - BEFORE;
      records.leave(node);
    } else {
      heir = detachLeaf(node);
      if (heir == NONE) {
        return NONE;
      }
    }
    records.set(heir, LOWER, records.get(node, LOWER));
    records.set(heir, UPPER, records.get(node, UPPER));
    return heir;
  }

  /** Cuts any leaf off the tree below a node: it fits wherever on its path it is put. */
  private int detachLeaf(int node) {
    int parent = NONE;
    int side = NONE;
    int leaf = node;
    for (int child = firstChild(node); child != NONE; child = firstChild(leaf)) {
      parent = leaf;
      side = child == records.get(leaf, LOWER) ? LOWER : UPPER;
      leaf = child;
    }
    if (parent == NONE) {
      return NONE;
    }
    records.set(parent, side, NONE);
    return leaf;
  }

  private int firstChild(int node) {
    int lower = records.get(node, LOWER);
    return lower != NONE ? lower : records.get(node, UPPER);
  }

  private int lastChild(int node) {
    int upper = records.get(node, UPPER);
    return upper != NONE ? upper : records.get(node, LOWER);
  }

  /** The youngest gap of the smallest size that is not below the given one, or NONE. */
  int atLeast(int size) {
    int top = highestBit(size);
    int node = atLeastBelow(top, size);
    if (node == NONE) {
      int above = used & (-2 << top);
      if (above == 0) {
        return NONE;
      }
      node = smallest(roots[Integer.numberOfTrailingZeros(above)]);
    }
    return records.nextOlder(node);
  }

  /** The youngest gap of the smallest size there is, or NONE. */
  int smallest() {
    return used == 0
        ? NONE
        : records.nextOlder(smallest(roots[Integer.numberOfTrailingZeros(used)]));
  }

  /**
   * The size's own path, then down the lowest edge of the last subtree passed on the upper side.
   */
  private int atLeastBelow(int top, int size) {
    int best = NONE;
    int bestSize = Integer.MAX_VALUE;
    int passed = NONE;
    int node = roots[top];
    for (int bit = top - 1; node != NONE && bit >= -1; bit--) {
      int found = records.gap(node);
      if (found == size) {
        return node;
      }
      if (found > size && found <= bestSize) {
        best = node;
        bestSize = found;
      }
      int side = side(size, bit);
      int upper = records.get(node, UPPER);
      passed = side == LOWER && upper != NONE ? upper : passed;
      node = records.get(node, side);
    }
    int other = passed == NONE ? NONE : smallest(passed);
    return other != NONE && records.gap(other) < bestSize ? other : best;
  }

  private int smallest(int root) {
    int best = root;
    int bestSize = records.gap(root);
    int steps = roots.length;
    for (int node = firstChild(root); node != NONE && --steps >= 0; node = firstChild(node)) {
      int size = records.gap(node);
      if (size < bestSize) {
        best = node;
        bestSize = size;
      }
    }
    return best;
  }

  /** The largest size there is, or 0. */
  int largest() {
    int size = 0;
    int root = used == 0 ? NONE : roots[highestBit(used)];
    for (int node = root, steps = roots.length;
        node != NONE && --steps >= 0;
        node = lastChild(node)) {
      size = Math.max(size, records.gap(node));
    }
    return size;
  }

  long bytes() {
    return 24 + 16 + 4L * roots.length;
  }

  /**
   * Walks all trees.
   *
   * @return how many gaps are in them
   */
  int verify(List<String> findings) {
    int members = 0;
    for (int top = 0; top < roots.length; top++) {
      if ((roots[top] != NONE) != ((used & (1 << top)) != 0)) {
        findings.add("the bit of the tree of gaps from 2^%d granules on is wrong".formatted(top));
      }
      members += verify(roots[top], top - 1, 1, findings);
    }
    return members;
  }

  /** A node that branches on the given bit, where the bits above must be those of the path. */
  private int verify(int node, int bit, int path, List<String> findings) {
    if (node == NONE) {
      return 0;
    }
    if (!records.isLive(node)) {
      findings.add("record %d is a node of the tree of gaps, but not in use".formatted(node));
      return 0;
    }
    int size = records.gap(node);
    if (bit < -1 || size >>> (bit + 1) != path) {
      findings.add(
          "the gap of %d granules before record %d is astray in its tree".formatted(size, node));
      return 0;
    }
    return records.verifyEquals(node, size, findings)
        + verify(records.get(node, LOWER), bit - 1, path << 1, findings)
        + verify(records.get(node, UPPER), bit - 1, (path << 1) | 1, findings);
  }
}
