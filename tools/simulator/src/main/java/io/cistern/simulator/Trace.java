package io.cistern.simulator;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What one program allocated, resized and freed, in order: the input of every replay.
 *
 * <p>An operation takes eight bytes, in two arrays. Ids of the file are gone: blocks are numbered
 * in the order of their allocation, from 0, so that whoever replays keeps what it holds in plain
 * arrays. A program may ask for 0 bytes, and gets a place of its own for it: this is an allocation
 * of 1 byte, which no count of live bytes has in it.
 *
 * <pre>
 *   sizes[i] &gt; 0    operation i allocates block blocks[i], of sizes[i] bytes
 *   sizes[i] = 0    operation i frees it
 *   sizes[i] &lt; 0    operation i gives it -sizes[i] bytes, here or elsewhere
 * </pre>
 *
 * <p>A block is allocated once, then resized any number of times, then freed at most once: {@link
 * TraceReader} refuses anything else, so nobody needs to look again. Blocks may be live at the end.
 *
 * <p>Immutable, and safe for use by several threads.
 */
public final class Trace {
  /** The largest block, in bytes: as of a pool, 1 GiB. */
  public static final int MAX_SIZE = 1 << 30;

  private final String name;
  private final int[] blocks;
  private final int[] sizes;
  private final int blockCount;
  private final long peakLiveBytes;
  private final int peakLiveBlocks;
  private final int largest;
  private final List<String> notices;

  /** Takes the arrays as they are. */
  Trace(String name, TraceBuilder made, List<String> notices) {
    this.name = name;
    this.blocks = made.blocks();
    this.sizes = made.sizes();
    this.blockCount = made.blockCount();
    this.peakLiveBytes = made.peakLiveBytes();
    this.peakLiveBlocks = made.peakLiveBlocks();
    this.largest = made.largest();
    this.notices = List.copyOf(notices);
  }

  /**
   * Reads a trace file. Takes some 100 ns an operation and, while it reads, 30 bytes of Java heap.
   *
   * @param file in the format of {@code docs/replay.md}
   * @return the trace, named like the file
   * @throws TraceException when something in it is wrong; the message names file and line
   * @throws IOException when it cannot be read
   */
  public static Trace read(Path file) throws IOException {
    return TraceReader.read(file);
  }

  /**
   * The trace's name.
   *
   * @return the name of its file, without folders
   */
  public String name() {
    return name;
  }

  /**
   * The family that a trace belongs to: traces of one origin share the beginning of their names.
   *
   * @return what stands before the first dash, or before the dot when there is none
   */
  public String family() {
    int dash = name.indexOf('-');
    int dot = name.lastIndexOf('.');
    return dash > 0 ? name.substring(0, dash) : dot > 0 ? name.substring(0, dot) : name;
  }

  /**
   * How long it is.
   *
   * @return operations
   */
  public int operations() {
    return sizes.length;
  }

  /**
   * How many blocks are ever allocated.
   *
   * @return blocks; they are numbered from 0 to this, exclusive
   */
  public int blocks() {
    return blockCount;
  }

  /**
   * Which block an operation is about.
   *
   * @param operation from 0
   * @return number of the block
   */
  public int block(int operation) {
    return blocks[operation];
  }

  /**
   * What an operation does.
   *
   * @param operation from 0
   * @return bytes to allocate; 0 to free; the negated bytes of a resize
   */
  public int size(int operation) {
    return sizes[operation];
  }

  /**
   * The most bytes that are live at once. A resize counts as having the old or the new size, never
   * both.
   *
   * @return bytes, as asked for
   */
  public long peakLiveBytes() {
    return peakLiveBytes;
  }

  /**
   * The most blocks that are live at once.
   *
   * @return blocks
   */
  public int peakLiveBlocks() {
    return peakLiveBlocks;
  }

  /**
   * The largest size that is asked for.
   *
   * @return bytes; 0 when nothing is
   */
  public int largestSize() {
    return largest;
  }

  /**
   * What was odd about the file, though not wrong.
   *
   * @return sentences with file and line, for people
   */
  public List<String> notices() {
    return notices;
  }

  @Override
  public String toString() {
    return "%s: %d operations on %d blocks, peak %d B"
        .formatted(name, operations(), blockCount, peakLiveBytes);
  }
}
