package io.cistern;

import io.cistern.internal.Allowance;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A byte limit for an owner. Quotas form a tree: what is charged to one is charged to all above it,
 * and each of them may refuse. Part of a limit can be guaranteed to a child: the parent keeps those
 * bytes for it, used or not.
 *
 * <pre>
 * committed = direct + Σ over children of max(child's committed, child's guarantee)
 * used      = direct + Σ over children of child's used
 * 0 ≤ used ≤ committed ≤ limit
 * </pre>
 *
 * <p>{@code direct} is what was charged to this node itself; it is the difference, and not stored.
 * With {@code beyond(u) = max(u - guarantee, 0)}, a node's parent answers for {@code
 * beyond(committed)}, on top of the guarantee that it always keeps. The order is
 *
 * <ul>
 *   <li>to charge: read {@code committed}; refuse if it is beyond the limit; charge the parent with
 *       what goes beyond the guarantee, and it may refuse; then add to {@code committed} by a
 *       compare-and-set of the value that was read. When that fails, all is looked at again, and
 *       the parent gets the difference. At last {@code used} is raised, from this node up to the
 *       root;
 *   <li>to give back: {@code used} is lowered, from this node up to the root; then {@code
 *       committed} is, and then the parent gets what was beyond the guarantee.
 * </ul>
 *
 * <p>So at every moment the parent's {@code committed} is at least the sum, and never less: no
 * interleaving oversteps a limit, anywhere in the tree, and {@code used} shows only what was
 * granted. The price is that a request in flight counts in the nodes above before it is granted
 * below. If it is refused below after all (by a race for the last bytes of that node), another
 * request may meanwhile have been refused above for want of those bytes.
 *
 * <p>A node that is below its guarantee asks nobody above it, so no use by others can have it
 * refused. That is a guarantee of bytes under the limits of this tree; it is not one of blocks: the
 * tier that the request needs may be exhausted nevertheless.
 *
 * <p>Limits change as {@link Allowance} says; {@code committed} is one. Each node looks at its own
 * limit before it asks its parent, so the lowest node without room is the one that refuses a
 * request, and that counts it.
 *
 * <p>Safe for any threads, without a lock for those who charge and give back. A charge costs two
 * compare-and-sets in each node up to the root, one in those above a guarantee that covers it, and
 * makes no garbage.
 */
public final class Quota {
  /** The most nodes in a tree: a block's record keeps the number of its quota in 16 bits. */
  static final int MAX = 65_535;

  /** This node's place in its tree; 0 is the root's. */
  final int number;

  private final String name;
  private final String path;
  private final @Nullable Quota parent;
  private final QuotaTree tree;
  private final long guaranteed;
  private final boolean critical;

  private final Allowance committed;
  private final Allowance used = new Allowance(Allowance.UNLIMITED);
  private final LongAdder failed = new LongAdder();

  /** Replaced under the tree's lock. */
  private volatile List<Quota> children = List.of();

  /**
   * The figures of one moment or nearly so, for a message.
   *
   * @param path of the quota
   * @param limitBytes its limit
   * @param usedBytes live in it and in all below it
   * @param keptBytes kept for unused guarantees below it, 0 or more
   * @param leftBytes what it may still grant, 0 or more
   */
  record Figures(String path, long limitBytes, long usedBytes, long keptBytes, long leftBytes) {}

  private Quota(
      QuotaTree tree,
      @Nullable Quota parent,
      String name,
      long limit,
      long guaranteed,
      boolean critical) {
    this.tree = tree;
    this.parent = parent;
    this.name = name;
    this.path = parent == null ? name : parent.pathOf(name);
    this.guaranteed = guaranteed;
    this.critical = critical;
    this.committed = new Allowance(limit);
    this.number = tree.nextNumber();
  }

  /**
   * A tree of one node, which nobody is above of.
   *
   * @param limit bytes, 0 or more; {@link Long#MAX_VALUE} for none
   */
  static Quota root(long limit) {
    QuotaTree.checkNotNegative("", "limit", limit);
    QuotaTree tree = new QuotaTree();
    Quota root = new Quota(tree, null, "", limit, 0, false);
    tree.add(root);
    return root;
  }

  /**
   * Adds a node below this one, for which its guarantee is kept from now on.
   *
   * @param name unique among the children; a letter, then letters, digits, '_' and '-'
   * @param limit bytes, 0 or more; may be more than this node's
   * @param guaranteed bytes, at most {@code limit}
   * @param critical whether it may take reserves; all below a critical quota are
   * @throws IllegalArgumentException when one of these is not so, or the guarantees of all children
   *     together exceed this node's limit
   * @throws IllegalStateException when what is in use now leaves too little for the guarantee, or
   *     the tree has {@link #MAX} nodes
   */
  Quota child(String name, long limit, long guaranteed, boolean critical) {
    synchronized (tree) {
      tree.check(this, name, limit, guaranteed);
      keep(name, guaranteed);
      Quota child = new Quota(tree, this, name, limit, guaranteed, critical || isCritical());
      tree.add(child);
      List<Quota> all = new ArrayList<>(children);
      all.add(child);
      children = List.copyOf(all);
      return child;
    }
  }

  /** Commits the guarantee of a new child. */
  private void keep(String name, long guaranteed) {
    Quota refusing = commit(guaranteed);
    if (refusing != null) {
      throw new IllegalStateException(
          "quota '%s': a guarantee of %d B cannot be kept, quota '%s' of %d B has %d B left"
              .formatted(
                  pathOf(name),
                  guaranteed,
                  refusing.path,
                  refusing.limitBytes(),
                  refusing.figures().leftBytes()));
    }
  }

  /** The path of a child of that name. */
  String pathOf(String name) {
    return path.isEmpty() ? name : path + "/" + name;
  }

  /**
   * The node of this tree with a number.
   *
   * @throws IndexOutOfBoundsException when there is none
   */
  Quota byNumber(int number) {
    return tree.byNumber(number);
  }

  /**
   * Charges bytes to this node and all above it.
   *
   * @param bytes 0 or more
   * @return null when they are charged; else the node that refuses, and nothing is charged
   * @throws IllegalArgumentException when {@code bytes} is negative
   */
  @Nullable Quota charge(long bytes) {
    QuotaTree.checkNotNegative(path, "charge", bytes);
    Quota refusing = commit(bytes);
    if (refusing != null) {
      refusing.failed.increment();
      return refusing;
    }
    for (Quota node = this; node != null; node = node.parent) {
      boolean counted = node.used.tryTake(bytes);
      assert counted : node;
    }
    return null;
  }

  /** Whether so many bytes would be refused now; nothing is charged, and nothing counted. */
  boolean refuses(long bytes) {
    return lowestThatRefuses(bytes) != null;
  }

  /** The lowest node that refuses so many bytes now; this one if none does any more. */
  Quota refusing(long bytes) {
    Quota lowest = lowestThatRefuses(bytes);
    return lowest == null ? this : lowest;
  }

  private @Nullable Quota lowestThatRefuses(long bytes) {
    long asked = bytes;
    for (Quota node = this; node != null; node = node.parent) {
      long seen = node.committed.taken();
      if (node.committed.isBeyond(seen, asked)) {
        return node;
      }
      asked = node.beyond(seen, asked);
    }
    return null;
  }

  /**
   * Gives back bytes that were charged to this node; {@link #verify()} finds it when they were
   * charged to one below.
   *
   * @param bytes 0 or more
   * @throws IllegalArgumentException when {@code bytes} is negative
   * @throws IllegalStateException when less is in use in this node and all below it; nothing is
   *     changed
   */
  void uncharge(long bytes) {
    QuotaTree.checkNotNegative(path, "return", bytes);
    for (Quota node = this; node != null; node = node.parent) {
      node.countDown(bytes);
    }
    release(bytes);
  }

  private void countDown(long bytes) {
    try {
      used.giveBack(bytes);
    } catch (IllegalStateException tooMuch) {
      throw new IllegalStateException(
          "quota '%s': %d B given back, but only %d B used".formatted(path, bytes, usedBytes()),
          tooMuch);
    }
  }

  /** Adds to {@code committed}, here and above; null, else the node that refuses. */
  private @Nullable Quota commit(long bytes) {
    long held = 0; // what the parent is charged for this
    while (true) {
      long seen = committed.taken();
      if (committed.isBeyond(seen, bytes)) {
        releaseAbove(held);
        return this;
      }
      long needed = beyond(seen, bytes);
      if (needed > held) {
        Quota refusing = commitAbove(needed - held);
        if (refusing != null) {
          releaseAbove(held);
          return refusing;
        }
      } else {
        releaseAbove(held - needed);
      }
      held = needed;
      switch (committed.takeFrom(seen, bytes)) {
        case TAKEN -> {
          return null;
        }
        case STALE -> { // as if it had been granted: others may have built upon it
          release(bytes);
          held = 0;
        }
        case NOT -> {}
      }
    }
  }

  /** Takes from {@code committed}, here and then above. */
  private void release(long bytes) {
    long after = committed.giveBack(bytes);
    releaseAbove(beyond(after, bytes));
  }

  private @Nullable Quota commitAbove(long bytes) {
    return parent == null ? null : parent.commit(bytes);
  }

  private void releaseAbove(long bytes) {
    if (parent != null && bytes > 0) {
      parent.release(bytes);
    }
  }

  /** How much of {@code bytes} on top of {@code seen} is beyond the guarantee. */
  private long beyond(long seen, long bytes) {
    return bytes - Math.clamp(guaranteed - seen, 0, bytes);
  }

  /**
   * Changes the limit; the guarantee stays.
   *
   * @param bytes at least the guarantee; {@link Long#MAX_VALUE} for none
   * @throws IllegalArgumentException when it is less than the guarantee; nothing is changed
   * @throws IllegalStateException when more is committed, to who uses it or to guarantees of
   *     children; nothing is changed
   */
  void setLimit(long bytes) {
    if (bytes < guaranteed) {
      throw new IllegalArgumentException(
          "quota '%s': a limit of %d B is less than the guarantee of %d B"
              .formatted(path, bytes, guaranteed));
    }
    if (!committed.trySetLimit(bytes)) {
      Figures now = figures();
      throw new IllegalStateException(
          "quota '%s': a limit of %d B is less than the %d B used and %d B kept for guarantees"
              .formatted(path, bytes, now.usedBytes(), now.keptBytes()));
    }
  }

  /** Whether another node is of the tree of this one. */
  boolean isSameTree(Quota other) {
    return tree.equals(other.tree);
  }

  /** What a message tells about this node. */
  Figures figures() {
    long limit = limitBytes();
    long live = usedBytes();
    long taken = committed.taken();
    return new Figures(path, limit, live, Math.max(taken - live, 0), Math.max(limit - taken, 0));
  }

  /**
   * Walks this node and all below it and compares their figures.
   *
   * @return one line for each thing that is wrong. While bytes are charged or given back, figures
   *     are read at different moments and may seem wrong
   */
  List<String> verify() {
    List<String> findings = new ArrayList<>();
    verify(findings);
    return findings;
  }

  private void verify(List<String> findings) {
    long live = usedBytes();
    long taken = committed.taken();
    long direct = live;
    long expected = live;
    for (Quota child : children) {
      direct -= child.usedBytes();
      expected += Math.max(child.committed.taken(), child.guaranteed) - child.usedBytes();
    }
    report(findings, direct < 0, "%d B used, but %d B by those below", live, live - direct);
    report(findings, taken != expected, "%d B committed, but %d B by use", taken, expected);
    report(findings, taken > limitBytes(), "%d B committed of %d B", taken, limitBytes());
    children.forEach(child -> child.verify(findings));
  }

  private void report(List<String> findings, boolean wrong, String what, long is, long other) {
    if (wrong) {
      findings.add("quota '" + path + "': " + what.formatted(is, other));
    }
  }

  /**
   * The name among the children of the same parent.
   *
   * @return a letter, then letters, digits, '_' and '-'; empty for the root
   */
  public String name() {
    return name;
  }

  /**
   * The names from the root down to this node.
   *
   * @return separated by '/', as in {@code network/tcp}; empty for the root
   */
  public String path() {
    return path;
  }

  /**
   * The most that may be in use in this node and all below it.
   *
   * @return bytes; {@link Long#MAX_VALUE} when there is no limit
   */
  public long limitBytes() {
    return committed.limit();
  }

  /**
   * What is kept for this node, whatever others use.
   *
   * @return bytes, at most {@link #limitBytes()}
   */
  public long guaranteedBytes() {
    return guaranteed;
  }

  /**
   * What is live now in this node and all below it.
   *
   * @return bytes, at no moment more than the limit
   */
  public long usedBytes() {
    return used.taken();
  }

  /**
   * The most that was ever live at once in this node and all below it.
   *
   * @return bytes, exact
   */
  public long peakBytes() {
    return used.peak();
  }

  /**
   * Requests that this node refused, made here or below.
   *
   * @return a count; what another node refused counts there
   */
  public long failed() {
    return failed.sum();
  }

  /**
   * Whether owners may take from reserves.
   *
   * @return true for all nodes below a critical one, too
   */
  public boolean isCritical() {
    return critical;
  }

  /**
   * The nodes directly below.
   *
   * @return in the order in which they were made; unmodifiable, and does not change
   */
  public List<Quota> children() {
    return children;
  }

  @Override
  public String toString() {
    return "quota '%s': %d B used of %d B, peak %d B, guaranteed %d B, %d refused%s"
        .formatted(
            path,
            usedBytes(),
            limitBytes(),
            peakBytes(),
            guaranteed,
            failed(),
            critical ? ", critical" : "");
  }
}
