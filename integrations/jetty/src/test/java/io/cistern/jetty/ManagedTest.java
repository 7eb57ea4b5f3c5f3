package io.cistern.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import java.lang.management.ManagementFactory;
import java.util.Set;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.jmx.MBeanContainer;
import org.eclipse.jetty.util.component.Dumpable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Jetty's own tools show of the pool: JMX attributes and the dump. Time budget: 5 seconds. */
@Timeout(60)
class ManagedTest {
  @Test
  void attributesAreThoseOfTheFigures() throws Exception {
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    MBeanContainer container = new MBeanContainer(beans);
    try (MemoryPool pool = MemoryPool.builder().tier(4096, 3).tier(8192, 1).build()) {
      CisternByteBufferPool buffers = new CisternByteBufferPool(pool);
      container.beanAdded(null, buffers);
      RetainableByteBuffer live = buffers.acquire(1, true);
      buffers.acquire(1, false).release();
      Set<ObjectName> names =
          beans.queryNames(new ObjectName("io.cistern.jetty:type=cisternbytebufferpool,*"), null);
      ObjectName name = names.iterator().next();
      assertThat(names).hasSize(1);
      assertThat(beans.getAttribute(name, "directMemory")).isEqualTo(3 * 4096L + 8192);
      assertThat(beans.getAttribute(name, "availableDirectMemory")).isEqualTo(2 * 4096L + 8192);
      assertThat(beans.getAttribute(name, "directByteBufferCount")).isEqualTo(4L);
      assertThat(beans.getAttribute(name, "availableDirectByteBufferCount")).isEqualTo(3L);
      assertThat(beans.getAttribute(name, "usedDirectByteBufferCount")).isEqualTo(1L);
      assertThat(beans.getAttribute(name, "exhaustedCount")).isEqualTo(0L);
      assertThat(beans.getAttribute(name, "refusedCount")).isEqualTo(0L);
      for (String kept : new String[] {"heapMemory", "availableHeapMemory"}) {
        assertThat(beans.getAttribute(name, kept)).isEqualTo(4096L);
      }
      for (String kept : new String[] {"heapByteBufferCount", "availableHeapByteBufferCount"}) {
        assertThat(beans.getAttribute(name, kept)).isEqualTo(1L);
      }
      beans.invoke(name, "clear", new Object[0], new String[0]);
      assertThat(beans.getAttribute(name, "heapMemory")).isEqualTo(0L);
      live.release();
    } finally {
      container.destroy();
    }
  }

  @Test
  void theDumpShowsThePools() {
    try (CisternByteBufferPool buffers = new CisternByteBufferPool()) {
      RetainableByteBuffer live = buffers.acquire(1, true);
      assertThat(Dumpable.dump(buffers))
          .startsWith(
              "CisternByteBufferPool[[pool 'jetty', 4,096 of 7,077,888 B used, pool 'jetty-growth', 0 of 0 B used], heap 0 B kept]")
          .contains("+> direct size=")
          .contains("pool 'jetty'")
          .contains("pool 'jetty-growth'");
      live.release();
    }
  }
}
