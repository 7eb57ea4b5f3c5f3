package io.cistern.cli;

import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.jdk.PoolBeans;
import java.io.IOException;

/**
 * A program to look at. It holds 20 of 32 blocks of 256 B and all 8 of 4 KiB, was refused one, and
 * ends when its input does, so that none survives its test.
 *
 * <p>With the argument {@code two} it has a second manager, {@code orders}; with {@code none} no
 * manager can be seen.
 */
final class TopTarget {
  private TopTarget() {}

  private static PoolManager manager() {
    return PoolManager.builder()
        .budgetBytes(1 << 20)
        .quota("guests", 65_536, 4096, false)
        .pool(
            "frames",
            MemoryPool.builder().tier(256, 32, "messages").tier(4096, 8, "frames").labels())
        .pool("assets", MemoryPool.builder().variable(65_536))
        .build();
  }

  /**
   * Runs until the end of its input.
   *
   * @param args what is different
   */
  public static void main(String[] args) throws IOException {
    String kind = args.length == 0 ? "" : args[0];
    try (PoolManager manager = manager();
        PoolManager second = manager()) {
      hold(manager.pool("frames").labelled("telemetry"));
      PoolBeans beans = kind.equals("none") ? null : PoolBeans.register(manager);
      PoolBeans others = kind.equals("two") ? PoolBeans.register("orders", second) : null;
      System.out.println("ready");
      while (System.in.read() >= 0) {
        // whoever started it is still there
      }
      if (others != null) {
        others.close();
      }
      if (beans != null) {
        beans.close();
      }
      manager.closeNow();
    }
  }

  private static void hold(MemoryPool pool) {
    MemoryBlock[] held = new MemoryBlock[28];
    for (int i = 0; i < held.length; i++) {
      held[i] = pool.allocate(i < 20 ? 200 : 4000);
    }
    if (pool.tryAllocate(4000) != null) {
      throw new IllegalStateException("a ninth block of eight");
    }
  }
}
