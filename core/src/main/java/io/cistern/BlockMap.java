package io.cistern;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Every block of a pool at one glance: a cell for each, with its state, for how long it has been
 * used, and under which label; for maps on a screen. One cell can be asked for more.
 *
 * <pre>
 *   31         24 23            8 7   6 5    3 2     0
 *  +-------------+---------------+-----+------+-------+
 *  |      0      |     label     |  0  | age  | state |      a cell
 *  +-------------+---------------+-----+------+-------+
 * </pre>
 *
 * <p>Cells of one region and tier lie side by side and make a {@link Slab}. In a pool of variable
 * size a cell is a piece of memory, used or free, in the order of addresses.
 *
 * <p><b>What it costs.</b> A walk over the state words, some 10 ns a block, and 4 bytes a cell (in
 * a pool of variable size 20, and the pieces are sorted); no object per block, no lock that an
 * allocation takes, but for pools that are checked, which lock at every allocation anyway. While
 * others allocate and free, each cell is true for some moment during the walk, and not all for the
 * same. Memory taken outside of the pool has no cells. Immutable; any thread may make and read one.
 */
public final class BlockMap {
  /** Ages in milliseconds up to which the steps of {@link #age} go; the last step has no end. */
  private static final long[] AGES = {1_000, 10_000, 60_000, 600_000, 3_600_000};

  private static final int STATE_BITS = 7;
  private static final int AGE_SHIFT = 3;
  private static final int AGE_BITS = 7;
  private static final int LABEL_SHIFT = 8;
  private static final State[] STATES = State.values();

  /** What a block is. */
  public enum State {
    /** It can be allocated. */
    FREE(0),
    /** It has an owner, or is just being freed. */
    USED(1),
    /** Others than its owner use it too; perhaps its owner has given it up already. */
    PINNED(2),
    /** It was freed lately, and is handed out as late as possible. */
    QUARANTINED(3),
    /** Its owner was collected before it was freed; it is never handed out again. */
    LOST(4),
    /** It was taken out of the count of its tier, and may come back. */
    WITHDRAWN(5);

    private final int code;

    State(int code) {
      this.code = code;
    }

    /**
     * How cells name it.
     *
     * @return a number from 0 to 7, always the same
     */
    public int code() {
      return code;
    }
  }

  /**
   * Cells that lie side by side.
   *
   * @param region number of the region, from 0
   * @param blockSizeBytes of each block; 0 where each cell has a size of its own
   * @param label what the tier is meant for, may be empty
   * @param first number of the first cell
   * @param count of cells
   */
  public record Slab(int region, long blockSizeBytes, String label, int first, int count) {}

  /**
   * What is known of one block, at the moment when it was asked for.
   *
   * @param cell its number
   * @param state what it is
   * @param handle of its allocation; {@link MemoryPool#NO_HANDLE} when it has no owner
   * @param offsetBytes where it begins in its region
   * @param blockSizeBytes of the whole block, or piece
   * @param sizeBytes asked for by its owner; 0 when it has none
   * @param ageMillis since it was allocated; 0 when it has no owner
   * @param label under which it was allocated; empty if under none
   * @param thread that allocated it; empty where that is not known, since it was not sampled
   * @param stack from the pool's caller on; empty where it is not known
   */
  public record Block(
      int cell,
      State state,
      long handle,
      long offsetBytes,
      long blockSizeBytes,
      long sizeBytes,
      long ageMillis,
      String label,
      String thread,
      List<StackTraceElement> stack) {
    /** Copies the stack. */
    public Block {
      stack = List.copyOf(stack);
    }
  }

  private final String pool;
  private final List<Slab> slabs;
  private final List<MapPart> parts;
  private final List<String> labels;
  private final int[] cells;

  BlockMap(String pool, List<Slab> slabs, List<MapPart> parts, List<String> labels, int[] cells) {
    this.pool = pool;
    this.slabs = List.copyOf(slabs);
    this.parts = List.copyOf(parts);
    this.labels = List.copyOf(labels);
    this.cells = cells;
  }

  /**
   * Looks at every block of a pool.
   *
   * @param pool any, also a view of one for a label or a quota
   * @return its blocks now; no cells when it is closed
   */
  public static BlockMap of(MemoryPool pool) {
    return BlockWalk.over((PoolBase) Objects.requireNonNull(pool, "pool"));
  }

  /**
   * The upper ends of the steps of age but the last, which has none.
   *
   * @return milliseconds, rising
   */
  public static List<Long> ageLimitsMillis() {
    return Arrays.stream(AGES).boxed().toList();
  }

  static int cell(State state, long ageMillis, int label) {
    int age = 0;
    while (age < AGES.length && ageMillis >= AGES[age]) {
      age++;
    }
    return label << LABEL_SHIFT | age << AGE_SHIFT | state.code();
  }

  /**
   * The pool's name.
   *
   * @return as given to its builder
   */
  public String pool() {
    return pool;
  }

  /**
   * How the cells are divided.
   *
   * @return regions in the order of their age, in each its tiers, smallest blocks first
   */
  public List<Slab> slabs() {
    return slabs;
  }

  /**
   * The labels that cells may name.
   *
   * @return by number; the first is empty, for none
   */
  public List<String> labels() {
    return labels;
  }

  /**
   * How many cells there are.
   *
   * @return blocks, or pieces
   */
  public int size() {
    return cells.length;
  }

  /**
   * What a block is.
   *
   * @param cell from 0, below {@link #size()}
   * @return its state
   */
  public State state(int cell) {
    return STATES[cells[cell] & STATE_BITS];
  }

  /**
   * For how long a block has been used.
   *
   * @param cell from 0, below {@link #size()}
   * @return number of the step of {@link #ageLimitsMillis()}, from 0; 0 where nobody uses it
   */
  public int age(int cell) {
    return cells[cell] >>> AGE_SHIFT & AGE_BITS;
  }

  /**
   * Under which label a block was allocated.
   *
   * @param cell from 0, below {@link #size()}
   * @return number in {@link #labels()}
   */
  public int label(int cell) {
    return cells[cell] >>> LABEL_SHIFT;
  }

  /**
   * All of them, packed as drawn above.
   *
   * @return a copy
   */
  public int[] cells() {
    return cells.clone();
  }

  /**
   * Where a block begins in its region.
   *
   * @param cell from 0, below {@link #size()}
   * @return bytes
   */
  public long offsetBytes(int cell) {
    return part(cell).offset(cell);
  }

  /**
   * How large a block is, or a piece.
   *
   * @param cell from 0, below {@link #size()}
   * @return bytes
   */
  public long sizeBytes(int cell) {
    return part(cell).size(cell);
  }

  /**
   * Asks for everything that is known of one block now, which may be more than a moment after this
   * map was made. Takes some microseconds.
   *
   * @param cell from 0, below {@link #size()}
   * @return what is known; in a pool of variable size a piece that has changed since is said to be
   *     free
   * @throws IndexOutOfBoundsException when there is no such cell
   */
  public Block block(int cell) {
    Objects.checkIndex(cell, cells.length);
    return part(cell).block(cell);
  }

  private MapPart part(int cell) {
    int found = 0;
    while (found < slabs.size() - 1 && cell >= slabs.get(found + 1).first()) {
      found++;
    }
    return parts.get(found);
  }
}
