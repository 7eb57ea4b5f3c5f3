package io.cistern.dashboard;

import io.cistern.BlockMap;
import io.cistern.BlockMap.Slab;
import io.cistern.BlockMap.State;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The map of one pool for one client: the whole once, then what has changed since the client got
 * the last. Numbers are little-endian.
 *
 * <pre>
 *  0        1       2        4          8        12       16           24
 *  +--------+-------+--------+----------+--------+--------+------------+---------
 *  | version| kind  |    0   |  layout  | number | count  |    time    | entries …
 *  +--------+-------+--------+----------+--------+--------+------------+---------
 *   kind 1  ALL      the cells, 4 bytes each, as BlockMap packs them
 *   kind 2  CHANGES  number of the cell and the cell, 4 bytes each
 *   kind 3  PIECES   the cell and how long the piece is, in granules of 8 bytes, 4 bytes each
 * </pre>
 *
 * A message {@code map} goes before the first frame of each layout and says what its cells are.
 */
final class MapFeed {
  /** A frame of all of them has 4 MiB. */
  static final int MOST_CELLS = 1 << 20;

  private static final byte ALL = 1;
  private static final byte CHANGES = 2;
  private static final byte PIECES = 3;
  private static final int HEAD = 24;
  private static final int GRANULE = 8;

  private final String pool;
  private List<Slab> slabs = List.of();
  private List<String> labels = List.of();
  private int layout;
  private int number;
  private int[] sent = new int[0];
  private @Nullable BlockMap last;

  MapFeed(String pool) {
    this.pool = pool;
  }

  String pool() {
    return pool;
  }

  /** The map as the client has it, or null. */
  @Nullable BlockMap last() {
    return last;
  }

  /** What to send so that the client has this map: a message when the layout is new, or null. */
  @Nullable ObjectNode layout(BlockMap map) {
    List<Slab> now = isPieces(map) ? regions(map) : map.slabs();
    if (layout > 0 && now.equals(slabs) && map.labels().equals(labels)) {
      return null;
    }
    boolean isSame = now.equals(slabs) && sent.length == map.size();
    slabs = now;
    labels = map.labels();
    layout++;
    sent = isSame ? sent : new int[0];
    return message(map);
  }

  /** In a pool of variable size the number of pieces changes all the time; the regions do not. */
  private static List<Slab> regions(BlockMap map) {
    List<Slab> regions = new ArrayList<>();
    for (Slab slab : map.slabs()) {
      int last = slab.first() + slab.count() - 1;
      long bytes = map.offsetBytes(last) + map.sizeBytes(last);
      regions.add(new Slab(slab.region(), bytes, "", regions.size(), 0));
    }
    return regions;
  }

  static boolean isPieces(BlockMap map) {
    return !map.slabs().isEmpty() && map.slabs().getFirst().blockSizeBytes() == 0;
  }

  private ObjectNode message(BlockMap map) {
    boolean pieces = isPieces(map);
    ObjectNode message =
        Json.message("map").put("pool", pool).put("layout", layout).put("pieces", pieces);
    ArrayNode list = message.putArray("slabs");
    for (Slab slab : slabs) {
      ObjectNode node = list.addObject().put("region", slab.region());
      if (pieces) {
        node.put("bytes", slab.blockSizeBytes());
      } else {
        node.put("blockSizeBytes", slab.blockSizeBytes())
            .put("label", slab.label())
            .put("first", slab.first())
            .put("count", slab.count());
      }
    }
    ArrayNode names = message.putArray("labels");
    labels.forEach(names::add);
    ArrayNode states = message.putArray("states");
    Arrays.stream(State.values()).forEach(state -> states.add(state.name()));
    ArrayNode ages = message.putArray("ageLimitsMillis");
    BlockMap.ageLimitsMillis().forEach(ages::add);
    return message;
  }

  /** The frame that brings the client's map up to date. */
  ByteBuffer frame(BlockMap map, long timeMillis) {
    int[] cells = map.cells();
    ByteBuffer frame = isPieces(map) ? pieces(map, cells, timeMillis) : blocks(cells, timeMillis);
    sent = cells;
    last = map;
    return frame.flip();
  }

  private ByteBuffer blocks(int[] cells, long timeMillis) {
    int changed = sent.length == cells.length ? changes(cells) : Integer.MAX_VALUE;
    if (changed > cells.length / 2) {
      ByteBuffer frame = frame(ALL, cells.length, Integer.BYTES, timeMillis);
      frame.asIntBuffer().put(cells);
      return frame.position(frame.limit());
    }
    ByteBuffer frame = frame(CHANGES, changed, 2 * Integer.BYTES, timeMillis);
    for (int cell = 0; cell < cells.length; cell++) {
      if (cells[cell] != sent[cell]) {
        frame.putInt(cell).putInt(cells[cell]);
      }
    }
    return frame;
  }

  private int changes(int[] cells) {
    int count = 0;
    for (int cell = 0; cell < cells.length; cell++) {
      count += cells[cell] == sent[cell] ? 0 : 1;
    }
    return count;
  }

  private ByteBuffer pieces(BlockMap map, int[] cells, long timeMillis) {
    ByteBuffer frame = frame(PIECES, cells.length, 2 * Integer.BYTES, timeMillis);
    for (int cell = 0; cell < cells.length; cell++) {
      frame.putInt(cells[cell]).putInt((int) (map.sizeBytes(cell) / GRANULE));
    }
    return frame;
  }

  private ByteBuffer frame(byte kind, int count, int bytesEach, long timeMillis) {
    ByteBuffer frame = ByteBuffer.allocate(HEAD + count * bytesEach).order(ByteOrder.LITTLE_ENDIAN);
    frame.put((byte) Json.VERSION).put(kind).putShort((short) 0).putInt(layout).putInt(++number);
    return frame.putInt(count).putDouble((double) timeMillis);
  }
}
