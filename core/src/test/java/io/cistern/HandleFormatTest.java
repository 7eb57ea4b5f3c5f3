package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.internal.Blocks;
import org.junit.jupiter.api.Test;

/** A handle gives back what was put into it, for every number of tiers. Time budget: 2 seconds. */
class HandleFormatTest {
  private static final int[] POOLS = {1, 2, 127, 128, 254, 255};
  private static final long[] GENERATIONS = {
    0, 1, 2, Integer.MAX_VALUE, 1L << 31, 0xFFFF_FFFEL, 0xFFFF_FFFFL, 1L << 32, (1L << 62) - 1
  };

  @Test
  void everythingComesBackForEveryNumberOfTiers() {
    for (int tiers = 1; tiers <= 64; tiers++) {
      int last = (1 << HandleFormat.blockBits(tiers)) - 1;
      for (int pool : POOLS) {
        HandleFormat format = new HandleFormat(pool, tiers);
        for (int tier = 0; tier < tiers; tier++) {
          for (int block : new int[] {0, 1, last / 2, last - 1, last}) {
            for (long generation : GENERATIONS) {
              assertRoundTrip(format, tiers, new HandleParts(pool, tier, block, generation));
            }
          }
        }
      }
    }
  }

  private static void assertRoundTrip(HandleFormat format, int tiers, HandleParts parts) {
    long word = parts.generation() << 1 | 1;
    long handle = format.firstHandle(parts.tier()) | (long) parts.block() << 32 | word << 31 >>> 32;
    long generation = parts.generation() & 0xFFFF_FFFFL;
    boolean same =
        HandleParts.of(handle, tiers)
                .equals(new HandleParts(parts.pool(), parts.tier(), parts.block(), generation))
            && format.tier(handle) == parts.tier()
            && format.isTier(format.tier(handle))
            && format.block(handle) == parts.block()
            && HandleFormat.generation(handle) == Blocks.generation(word)
            && handle != MemoryPool.NO_HANDLE;
    if (!same) {
      throw new AssertionError("0x%016x of %d tiers is not %s".formatted(handle, tiers, parts));
    }
  }

  @Test
  void tiersTakeAsFewBitsAsTheyNeed() {
    for (int tiers = 1; tiers <= 64; tiers++) {
      int tierBits = HandleFormat.INDEX_BITS - HandleFormat.blockBits(tiers);
      assertThat(1 << tierBits).isGreaterThanOrEqualTo(tiers);
      assertThat(tierBits == 0 || 1 << (tierBits - 1) < tiers).isTrue();
    }
    assertThat(HandleFormat.blockBits(1)).isEqualTo(24);
    assertThat(HandleFormat.blockBits(2)).isEqualTo(23);
    assertThat(HandleFormat.blockBits(5)).isEqualTo(21);
    assertThat(HandleFormat.blockBits(64)).isEqualTo(18);
  }

  @Test
  void noHandleOfAnotherPoolOrTierIsTaken() {
    for (int tiers : new int[] {1, 2, 3, 5, 63, 64}) {
      HandleFormat format = new HandleFormat(17, tiers);
      int tierBits = HandleFormat.INDEX_BITS - HandleFormat.blockBits(tiers);
      for (int pool = 0; pool <= 255; pool++) {
        for (int tier = 0; tier < 1 << tierBits; tier++) {
          long handle = new HandleParts(pool, tier, 3, 99).handle(tiers);
          assertThat(format.isTier(format.tier(handle)))
              .as("pool %d, tier %d of %d", pool, tier, tiers)
              .isEqualTo(pool == 17 && tier < tiers);
        }
      }
    }
  }
}
