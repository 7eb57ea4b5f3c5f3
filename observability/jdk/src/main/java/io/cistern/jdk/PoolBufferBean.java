package io.cistern.jdk;

import io.cistern.MemoryPool;
import java.lang.management.BufferPoolMXBean;
import javax.management.ObjectName;

/** A pool among the JVM's buffer pools, for tools that add these up. */
record PoolBufferBean(MemoryPool pool, ObjectName name) implements BufferPoolMXBean {
  @Override
  public String getName() {
    return name.getKeyProperty("name");
  }

  @Override
  public long getCount() {
    return pool.stats().used();
  }

  /** The whole region: it is reserved, used or not. */
  @Override
  public long getTotalCapacity() {
    return pool.stats().regionBytes();
  }

  @Override
  public long getMemoryUsed() {
    return pool.stats().usedBytes();
  }

  @Override
  public ObjectName getObjectName() {
    return name;
  }
}
