package io.cistern.jdk;

import io.cistern.MemoryPool;
import io.cistern.PoolListener;
import io.cistern.PoolManager;
import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * Registers pools with the platform's bean server, a manager under one name and each pool under
 * two:
 *
 * <pre>
 * io.cistern:type=PoolManager,name=default             everything in one call, and what can be changed
 * io.cistern:type=MemoryPool,name=POOL                 every figure, {@code dump}, {@code verify}, {@code leakReport}
 * java.nio:type=BufferPool,name=cistern-POOL           count, capacity and bytes used, beside the JVM's own buffer pools
 * </pre>
 *
 * The last exists because the JVM counts neither in {@code BufferPoolMXBean} nor against {@code
 * MaxDirectMemorySize} what is taken through the Foreign Function &amp; Memory API.
 *
 * <p>The first two also notify of what happens (docs/jmx.md): on a daemon thread, so that no
 * client, however slow, is in the way of those who allocate. Safe for use by several threads.
 */
public final class PoolBeans implements AutoCloseable {
  /** Name of a manager that is registered without one. */
  public static final String DEFAULT_NAME = "default";

  /** Key of the system property that holds the names of the managers that are registered. */
  public static final String MARKER = "io.cistern.managers";

  private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
  private final Deque<ObjectName> registered = new ArrayDeque<>();
  private final Outbox outbox = new Outbox();
  private final List<Runnable> undo = new ArrayList<>();

  private PoolBeans() {}

  /**
   * Registers a manager as {@value #DEFAULT_NAME}, and all its pools.
   *
   * @param manager open
   * @return to be closed before the manager is
   * @throws IllegalStateException when a name is taken already; then nothing stays registered
   */
  public static PoolBeans register(PoolManager manager) {
    return register(DEFAULT_NAME, manager);
  }

  /**
   * Registers one of several managers, and all its pools. Unless the name is {@value
   * #DEFAULT_NAME}, it stands in the names of the pools' beans too: {@code
   * io.cistern:type=MemoryPool,manager=NAME,name=POOL} and {@code cistern-NAME-POOL}.
   *
   * @param name of the manager, unique in this process
   * @param manager open
   * @return to be closed before the manager is
   * @throws IllegalStateException when a name is taken already; then nothing stays registered
   */
  public static PoolBeans register(String name, PoolManager manager) {
    return register(beans -> beans.addManager(name, manager));
  }

  /**
   * Registers pools that have no manager: they cannot be changed through their beans.
   *
   * @param pools open, with different names
   * @return to be closed before the pools are
   * @throws IllegalStateException when a name is taken already; then nothing stays registered
   */
  public static PoolBeans register(MemoryPool... pools) {
    return register(beans -> {
      for (MemoryPool pool : pools) {
        beans.addAlone(pool);
      }
    });
  }

  /** What is registered. */
  private interface Registration {
    void addTo(PoolBeans beans) throws JMException;
  }

  private static PoolBeans register(Registration registration) {
    PoolBeans beans = new PoolBeans();
    try {
      registration.addTo(beans);
    } catch (JMException refused) {
      beans.close();
      throw new IllegalStateException("JMX refuses the bean: " + refused.getMessage(), refused);
    }
    return beans;
  }

  private void addManager(String name, PoolManager manager) throws JMException {
    ObjectName objectName = objectName("io.cistern:type=PoolManager,name=", name);
    Emitter emitter = new Emitter(objectName, outbox, System::nanoTime);
    PoolManagerBean bean = new PoolManagerBean(name, manager, outbox);
    add(objectName, new NamedBean(bean, PoolManagerMXBean.class, emitter));
    Map<String, Emitter> pools = new HashMap<>();
    for (MemoryPool pool : manager.pools()) {
      Emitter own = addPool(name, pool, manager);
      listen(pool, new PoolNotices(pool, List.of(own, emitter), true));
      pools.put(pool.name(), own);
    }
    ManagerNotices notices = new ManagerNotices(emitter, pools);
    manager.addListener(notices);
    undo.add(() -> manager.removeListener(notices));
    Marker.add(name);
    undo.add(() -> Marker.remove(name));
  }

  private void addAlone(MemoryPool pool) throws JMException {
    Emitter own = addPool(DEFAULT_NAME, pool, null);
    listen(pool, new PoolNotices(pool, List.of(own), false));
  }

  private void listen(MemoryPool pool, PoolListener notices) {
    pool.addListener(notices);
    undo.add(() -> pool.removeListener(notices));
  }

  private Emitter addPool(String managerName, MemoryPool pool, @Nullable PoolManager manager)
      throws JMException {
    String of = managerName.equals(DEFAULT_NAME) ? "" : managerName;
    ObjectName name =
        objectName(
            "io.cistern:type=MemoryPool,%sname="
                .formatted(of.isEmpty() ? "" : "manager=" + value(of) + ","),
            pool.name());
    Emitter emitter = new Emitter(name, outbox, System::nanoTime);
    add(name, new NamedBean(new PoolBean(pool, manager), PoolMXBean.class, emitter));
    ObjectName buffers =
        objectName(
            "java.nio:type=BufferPool,name=",
            "cistern-" + (of.isEmpty() ? "" : of + "-") + pool.name());
    add(buffers, new PoolBufferBean(pool, buffers));
    return emitter;
  }

  private static ObjectName objectName(String prefix, String name) throws JMException {
    return new ObjectName(prefix + value(name));
  }

  /** A name as the value of a key, quoted where JMX would misread it. */
  private static String value(String name) {
    boolean plain =
        name.chars().allMatch(c -> Character.isLetterOrDigit(c) || "-_.".indexOf(c) >= 0);
    return plain ? name : ObjectName.quote(name);
  }

  private synchronized void add(ObjectName name, Object bean) throws JMException {
    server.registerMBean(bean, name);
    registered.push(name);
  }

  /**
   * Takes the beans away again; notifications that wait are not delivered any more. Closing twice
   * does nothing.
   */
  @Override
  public synchronized void close() {
    undo.forEach(Runnable::run);
    undo.clear();
    outbox.close();
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
