package io.cistern.jdk;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.Deque;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/**
 * Registers pools with the platform's bean server, each under two names:
 *
 * <pre>
 * io.cistern:type=MemoryPool,name=NAME                 every figure, {@code dump} and {@code verify}
 * java.nio:type=BufferPool,name=cistern-NAME           count, capacity and bytes used, beside the JVM's own buffer pools
 * </pre>
 *
 * The second exists because the JVM counts neither in {@code BufferPoolMXBean} nor against {@code
 * MaxDirectMemorySize} what is taken through the Foreign Function &amp; Memory API. Safe for use by
 * several threads.
 */
public final class PoolBeans implements AutoCloseable {
  private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
  private final Deque<ObjectName> registered = new ArrayDeque<>();

  private PoolBeans() {}

  /**
   * Registers all pools of a manager.
   *
   * @param manager open
   * @return to be closed before the manager is
   * @throws IllegalStateException when a name is taken already; then nothing stays registered
   */
  public static PoolBeans register(PoolManager manager) {
    return register(manager.pools().toArray(MemoryPool[]::new));
  }

  /**
   * Registers pools.
   *
   * @param pools open, with different names
   * @return to be closed before the pools are
   * @throws IllegalStateException when a name is taken already; then nothing stays registered
   */
  public static PoolBeans register(MemoryPool... pools) {
    PoolBeans beans = new PoolBeans();
    try {
      for (MemoryPool pool : pools) {
        beans.add(pool);
      }
    } catch (JMException refused) {
      beans.close();
      throw new IllegalStateException("JMX refuses the bean: " + refused.getMessage(), refused);
    }
    return beans;
  }

  private void add(MemoryPool pool) throws JMException {
    ObjectName name = name("io.cistern:type=MemoryPool,name=", pool.name());
    register(name, new PoolBean(pool));
    ObjectName buffers = name("java.nio:type=BufferPool,name=", "cistern-" + pool.name());
    register(buffers, new PoolBufferBean(pool, buffers));
  }

  private static ObjectName name(String prefix, String name) throws JMException {
    boolean plain =
        name.chars().allMatch(c -> Character.isLetterOrDigit(c) || "-_.".indexOf(c) >= 0);
    return new ObjectName(prefix + (plain ? name : ObjectName.quote(name)));
  }

  private synchronized void register(ObjectName name, Object bean) throws JMException {
    server.registerMBean(bean, name);
    registered.push(name);
  }

  /** Takes the beans away again. Closing twice does nothing. */
  @Override
  public synchronized void close() {
    while (!registered.isEmpty()) {
      try {
        server.unregisterMBean(registered.pop());
      } catch (InstanceNotFoundException someoneElseDid) {
        // what was wanted
      } catch (JMException refused) {
        throw new IllegalStateException(
            "JMX refuses to take the bean away: " + refused.getMessage(), refused);
      }
    }
  }
}
