package io.cistern.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cistern.CheckLevel;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import java.lang.foreign.ValueLayout;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.management.MBeanInfo;
import javax.management.MBeanParameterInfo;
import javax.management.MBeanServer;
import javax.management.Notification;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Pools read back through the platform's bean server, as a tool would. Budget: 5 s. */
class PoolBeansTest {
  private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
  private final MemoryPool pool =
      MemoryPool.builder().name("beans").tier(64, 4, "small things").tier(1024, 100).build();

  @AfterEach
  void closePool() {
    pool.verify().orThrow();
    pool.close();
  }

  @Test
  void everyFigureIsThatOfTheSnapshot() throws Exception {
    ObjectName name = new ObjectName("io.cistern:type=MemoryPool,name=beans");
    try (PoolBeans beans = PoolBeans.register(pool);
        MemoryBlock block = pool.allocate(50)) {
      assertThat(beans).isNotNull();
      assertThat(block.isLive()).isTrue();
      assertThat(server.getAttribute(name, "Name")).isEqualTo("beans");
      assertThat(server.getAttribute(name, "Pressure")).isEqualTo("NORMAL");
      assertThat(server.getAttribute(name, "RegionBytes")).isEqualTo(4 * 64L + 100 * 1024);
      assertThat(server.getAttribute(name, "UsedBytes")).isEqualTo(64L);
      assertThat(server.getAttribute(name, "FreeBytes")).isEqualTo(3 * 64L + 100 * 1024);
      assertThat(server.getAttribute(name, "MetadataBytes"))
          .isEqualTo(pool.stats().metadataBytes());
      assertThat(server.getAttribute(name, "Allocations")).isEqualTo(1L);
      for (String zero : List.of("Frees", "Failed", "Refused", "Spills", "Violations")) {
        assertThat(server.getAttribute(name, zero)).as(zero).isEqualTo(0L);
      }
      assertThat(server.getAttribute(name, "Waiting")).isEqualTo(0);
      CompositeData tier = ((CompositeData[]) server.getAttribute(name, "Tiers"))[0];
      assertThat(tier.get("blockSizeBytes")).isEqualTo(64L);
      assertThat(tier.get("label")).isEqualTo("small things");
      assertThat(tier.get("used")).isEqualTo(1);
      assertThat((String) server.invoke(name, "dump", null, null)).contains("small things");
      assertThat(
              (String)
                  server.invoke(
                      name, "leakReport", new Object[] {0}, new String[] {int.class.getName()}))
          .contains("pool '");
      CompositeData checks = (CompositeData) server.getAttribute(name, "Checks");
      assertThat(checks.get("level")).isEqualTo("STANDARD");
      assertThat(checks.get("damages")).isEqualTo(0L);
      assertThat(server.invoke(name, "verify", null, null))
          .isEqualTo("pool 'beans': 104 blocks, ok");
    }
    assertThat(server.isRegistered(name)).isFalse();
  }

  @Test
  void aPoolOfVariableSizeShowsItsFragmentation() throws Exception {
    ObjectName name = new ObjectName("io.cistern:type=MemoryPool,name=variable");
    try (MemoryPool variable = MemoryPool.builder().name("variable").variable(4096).build();
        PoolBeans beans = PoolBeans.register(variable, pool)) {
      assertThat(beans).isNotNull();
      MemoryBlock low = variable.allocate(1000);
      try (MemoryBlock high = variable.allocate(2000);
          MemoryBlock between = variable.allocate(96)) {
        low.close();
        CompositeData figures = (CompositeData) server.getAttribute(name, "Variable");
        assertThat(figures.get("usedBlocks")).isEqualTo(2);
        assertThat(figures.get("freePieces")).isEqualTo(2);
        assertThat(figures.get("peakUsedBytes")).isEqualTo(3096L);
        assertThat(figures.get("largestFreeBytes")).isEqualTo(1000L);
        assertThat((double) server.getAttribute(name, "ExternalFragmentationPercent"))
            .isBetween(1.0, 50.0);
        assertThat((double) server.getAttribute(name, "InternalFragmentationPercent")).isZero();
        assertThat(high.isLive() && between.isLive()).isTrue();
      }
      ObjectName tiered = new ObjectName("io.cistern:type=MemoryPool,name=beans");
      assertThat(server.getAttribute(tiered, "Variable")).isNull();
    }
  }

  @Test
  void aGovernedPoolShowsItsLabelsAndFallbackMemory() throws Exception {
    ObjectName name = new ObjectName("io.cistern:type=MemoryPool,name=governed");
    try (MemoryPool governed =
            MemoryPool.builder().name("governed").tier(64, 1).labels().fallback(1000).build();
        PoolBeans beans = PoolBeans.register(governed, pool);
        MemoryBlock inside = governed.labelled("tests").allocate(64);
        MemoryBlock outside = governed.labelled("tests").allocate(100)) {
      assertThat(beans).isNotNull();
      assertThat(inside.isLive() && outside.isLive()).isTrue();
      CompositeData[] labels = (CompositeData[]) server.getAttribute(name, "Labels");
      assertThat(labels[1].get("name")).isEqualTo("tests");
      assertThat(labels[1].get("liveBytes")).isEqualTo(164L);
      CompositeData fallback = (CompositeData) server.getAttribute(name, "Fallback");
      assertThat(fallback.get("liveBytes")).isEqualTo(100L);
      assertThat(fallback.get("limitBytes")).isEqualTo(1000L);
      CompositeData regions = (CompositeData) server.getAttribute(name, "Regions");
      assertThat(regions.get("count")).isEqualTo(1);
    }
    ObjectName ordinary = new ObjectName("io.cistern:type=MemoryPool,name=beans");
    try (PoolBeans beans = PoolBeans.register(pool)) {
      assertThat(beans).isNotNull();
      assertThat(server.getAttribute(ordinary, "Fallback")).isNull();
      assertThat((CompositeData[]) server.getAttribute(ordinary, "Labels")).isEmpty();
    }
  }

  @Test
  void standsBesideTheBufferPoolsOfTheJvm() throws Exception {
    try (PoolBeans beans = PoolBeans.register(pool);
        MemoryBlock block = pool.allocate(1000)) {
      assertThat(beans).isNotNull();
      assertThat(block.isLive()).isTrue();
      BufferPoolMXBean bean =
          ManagementFactory.newPlatformMXBeanProxy(
              server, "java.nio:type=BufferPool,name=cistern-beans", BufferPoolMXBean.class);
      assertThat(bean.getName()).isEqualTo("cistern-beans");
      assertThat(bean.getCount()).isEqualTo(1);
      assertThat(bean.getTotalCapacity()).isEqualTo(pool.stats().regionBytes());
      assertThat(bean.getMemoryUsed()).isEqualTo(1024);
    }
  }

  @Test
  void aNameThatIsTakenIsRefusedAndLeavesNothingBehind() throws Exception {
    try (MemoryPool other = MemoryPool.builder().name("other").tier(8, 1).build();
        PoolBeans beans = PoolBeans.register(pool)) {
      assertThat(beans).isNotNull();
      assertThatThrownBy(() -> PoolBeans.register(other, pool))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("io.cistern:type=MemoryPool,name=beans");
      assertThat(server.isRegistered(new ObjectName("io.cistern:type=MemoryPool,name=other")))
          .isFalse();
    }
  }

  @Test
  void managersAreToldApartByTheirNames() throws Exception {
    MemoryPool.Builder tiers = MemoryPool.builder().tier(8, 1);
    try (PoolManager first = PoolManager.builder().pool("main", tiers).build();
        PoolManager second = PoolManager.builder().pool("main", tiers).build();
        PoolBeans beans = PoolBeans.register(first);
        PoolBeans others = PoolBeans.register("orders", second)) {
      assertThat(beans).isNotEqualTo(others);
      for (String name :
          List.of(
              "io.cistern:type=PoolManager,name=default",
              "io.cistern:type=MemoryPool,name=main",
              "java.nio:type=BufferPool,name=cistern-main",
              "io.cistern:type=PoolManager,name=orders",
              "io.cistern:type=MemoryPool,manager=orders,name=main",
              "java.nio:type=BufferPool,name=cistern-orders-main")) {
        assertThat(server.isRegistered(new ObjectName(name))).as(name).isTrue();
      }
      assertThat(System.getProperty(PoolBeans.MARKER)).isEqualTo("default,orders");
      assertThatThrownBy(() -> PoolBeans.register("orders", second))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("io.cistern:type=PoolManager,name=orders");
      assertThat(System.getProperty(PoolBeans.MARKER)).isEqualTo("default,orders");
    }
    assertThat(System.getProperty(PoolBeans.MARKER)).isNull();
    assertThat(server.queryNames(new ObjectName("io.cistern:*"), null)).isEmpty();
  }

  @Test
  void aPoolWithoutItsManagerCannotBeChanged() throws Exception {
    ObjectName name = new ObjectName("io.cistern:type=MemoryPool,name=beans");
    try (PoolBeans beans = PoolBeans.register(pool)) {
      assertThat(beans).isNotNull();
      assertThatThrownBy(() ->
              server.invoke(
                  name,
                  "setThresholds",
                  new Object[] {50.0, 60.0},
                  new String[] {"double", "double"}))
          .hasRootCauseInstanceOf(UnsupportedOperationException.class)
          .hasRootCauseMessage(
              "pool 'beans' was registered without a manager, which could change it");
    }
  }

  @Test
  void aPoolAloneNotifiesToo() throws Exception {
    ObjectName name = new ObjectName("io.cistern:type=MemoryPool,name=checked");
    List<Notification> heard = new CopyOnWriteArrayList<>();
    try (MemoryPool checked =
            MemoryPool.builder().name("checked").tier(64, 4).checks(CheckLevel.CHECKED).build();
        PoolBeans beans = PoolBeans.register(checked)) {
      assertThat(beans).isNotNull();
      server.addNotificationListener(name, (told, handback) -> heard.add(told), null, null);
      MemoryBlock block = checked.allocate(60);
      checked.region().set(ValueLayout.JAVA_BYTE, checked.offset(block.handle()) + 61, (byte) 1);
      block.close();
      MemoryBlock[] most = {checked.allocate(1), checked.allocate(1), checked.allocate(1)};
      await() // levels are looked at with the first operation after a tick of the clock
          .untilAsserted(() -> {
            checked.allocate(1).close();
            assertThat(heard.stream().map(Notification::getType))
                .contains("io.cistern.pressure", "io.cistern.damage");
          });
      for (MemoryBlock each : most) {
        each.close();
      }
    }
    Notification damage =
        heard.stream().filter(n -> n.getType().endsWith("damage")).findFirst().orElseThrow();
    CompositeData data = (CompositeData) damage.getUserData();
    assertThat(data.get("kind")).isEqualTo("OVERFLOW");
    assertThat(String.join("\n", (String[]) data.get("allocated"))).contains("PoolBeansTest");
    assertThat(damage.getMessage()).contains("was written to");
  }

  @Test
  void parametersHaveTheirNames() throws Exception {
    try (PoolBeans beans = PoolBeans.register(pool)) {
      assertThat(beans).isNotNull();
      MBeanInfo info = server.getMBeanInfo(new ObjectName("io.cistern:type=MemoryPool,name=beans"));
      assertThat(info.getOperations())
          .filteredOn(operation -> operation.getName().equals("setCount"))
          .flatExtracting(operation -> List.of(operation.getSignature()))
          .extracting(MBeanParameterInfo::getName)
          .containsExactly("blockSizeBytes", "count");
      assertThat(info.getNotifications()[0].getNotifTypes()).contains("io.cistern.exhausted");
    }
  }

  @Test
  void aNameThatJmxWouldMisreadIsQuoted() throws Exception {
    try (MemoryPool odd = MemoryPool.builder().name("a,b=*").tier(8, 1).build();
        PoolBeans beans = PoolBeans.register(odd)) {
      assertThat(beans).isNotNull();
      assertThat(server.isRegistered(new ObjectName("io.cistern:type=MemoryPool,name=\"a,b=\\*\"")))
          .isTrue();
    }
  }
}
