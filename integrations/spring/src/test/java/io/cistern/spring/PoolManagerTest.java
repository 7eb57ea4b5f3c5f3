package io.cistern.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cistern.ManagerListener;
import io.cistern.ManagerPressure;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolListener;
import io.cistern.PoolManager;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** A manager from properties: which pools it has, who may replace it, and how it ends. */
class PoolManagerTest {
  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(CisternAutoConfiguration.class));

  @Test
  void propertiesDescribePools() {
    runner
        .withPropertyValues(
            "cistern.budget=64 KiB",
            "cistern.pools.main.lowPercent=70",
            "cistern.pools.main.tiers[0].size=256 B",
            "cistern.pools.main.tiers[0].count=8",
            "cistern.pools.main.tiers[1].size=4 KiB",
            "cistern.pools.main.tiers[1].count=4",
            "cistern.pools.main.tiers[1].label=pages of ${what:a book}")
        .run(context -> {
          MemoryPool pool = context.getBean(PoolManager.class).pool("main");
          assertThat(pool.stats().tiers())
              .extracting(tier -> tier.total() + " x " + tier.blockSizeBytes())
              .containsExactly("8 x 256", "4 x 4096");
          assertThat(pool.stats().tiers().get(1).label()).isEqualTo("pages of a book");
          assertThat(context.getBean(PoolManager.class).budgetBytes()).isEqualTo(64 << 10);
        });
  }

  @Test
  void profileIsTheBase() {
    runner
        .withPropertyValues("cistern.profile=esp32s3", "cistern.pools.main.tiers[0].count=2")
        .run(context -> {
          MemoryPool pool = context.getBean(PoolManager.class).pool("main");
          assertThat(pool.stats().tiers())
              .extracting(tier -> tier.total() + " x " + tier.blockSizeBytes())
              .containsExactly("64 x 256", "24 x 1024", "2 x 4096");
        });
  }

  @Test
  void profileMayBeFile(@TempDir Path folder) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("shop.conf"),
            "budget = 64 KiB\npools.baskets.tiers = [{ size = 256 B, count = 4 }]");
    runner
        .withPropertyValues("cistern.profile=" + file)
        .run(context ->
            assertThat(context.getBean(PoolManager.class).pool("baskets").maxSize())
                .isEqualTo(256));
  }

  @Test
  void withoutPropertiesOnePoolGrows() {
    runner.run(context -> {
      MemoryPool pool = context.getBean(PoolManager.class).pool("main");
      List<MemoryBlock> blocks = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        blocks.add(pool.allocate(64 << 10));
      }
      assertThat(pool.stats().regions().count()).isGreaterThan(1);
      blocks.forEach(MemoryBlock::close);
    });
  }

  @Test
  void defaultsCanBeChangedOneByOne() {
    runner
        .withPropertyValues("cistern.budget=128 MiB")
        .run(context ->
            assertThat(context.getBean(PoolManager.class).budgetBytes()).isEqualTo(128 << 20));
  }

  @Test
  void systemPropertiesWinAsInProfiles() {
    runner
        .withSystemProperties("cistern.pools.main.tiers.0.count=3", "cistern.profile=esp32s3")
        .withPropertyValues("cistern.pools.main.tiers[2].count=7")
        .withInitializer(context ->
            context
                .getEnvironment()
                .getPropertySources()
                .addLast(
                    new MapPropertySource(
                        "last", Map.of("cistern.pools.main.tiers[0].count", "9"))))
        .run(context -> {
          assertThat(context.getBean(PoolManager.class).pool("main").stats().tiers())
              .extracting(tier -> tier.total() + " x " + tier.blockSizeBytes())
              .containsExactly("7 x 256", "24 x 1024", "3 x 4096");
        });
  }

  @Test
  void variablesMeanWhatTheyMeanForProfiles() {
    runner
        .withInitializer(context ->
            context
                .getEnvironment()
                .getPropertySources()
                .addFirst(
                    new SystemEnvironmentPropertySource(
                        "test-systemEnvironment",
                        Map.of(
                            "CISTERN_PROFILE",
                            "esp32s3",
                            "CISTERN_pools_main_tiers_0_count",
                            "5",
                            "CISTERN_WEBFLUX_POOL",
                            "main"))))
        .withPropertyValues("cistern.pools.main.tiers[0].count=7")
        .run(context ->
            assertThat(context.getBean(PoolManager.class).pool("main").stats().tiers())
                .extracting(tier -> tier.total() + " x " + tier.blockSizeBytes())
                .containsExactly("64 x 256", "24 x 1024", "5 x 4096"));
  }

  @Test
  void profileMayBeOfTheClassPath() {
    runner
        .withPropertyValues("cistern.profile=classpath:io/cistern/config/profiles/modesp.conf")
        .run(context ->
            assertThat(context.getBean(PoolManager.class).pool("main").maxSize()).isEqualTo(512));
  }

  @Test
  void ownManagerComesFirst() {
    runner
        .withUserConfiguration(OwnManager.class)
        .withPropertyValues("cistern.budget=nonsense")
        .run(context ->
            assertThat(context.getBean(PoolManager.class).pool("own").maxSize()).isEqualTo(512));
  }

  @Test
  void canBeSwitchedOff() {
    runner
        .withPropertyValues("cistern.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(PoolManager.class));
  }

  @Test
  void listenersHear() {
    runner
        .withUserConfiguration(Hearing.class)
        .withPropertyValues("cistern.profile=modesp")
        .run(context -> {
          MemoryPool pool = context.getBean(PoolManager.class).pool("main");
          MemoryBlock block = pool.allocate(1);
          block.close();
          assertThatThrownBy(block::close).hasMessageContaining("DOUBLE_FREE");
          assertThat(context.getBean(Hearing.class).heard).containsExactly("DOUBLE_FREE");
        });
  }

  @Test
  void listenersOfTheManagerHear() {
    runner
        .withUserConfiguration(HearingOfPressure.class)
        .withPropertyValues("cistern.profile=modesp")
        .run(context -> {
          MemoryPool pool = context.getBean(PoolManager.class).pool("main");
          List<MemoryBlock> all = new ArrayList<>();
          for (int size = 512; size >= 32; size /= 2) {
            int free = pool.freeBlocks(size);
            for (int i = 0; i < free; i++) {
              all.add(pool.allocate(size));
            }
          }
          await()
              .untilAsserted(
                  () -> assertThat(context.getBean(HearingOfPressure.class).heard).isNotEmpty());
          all.forEach(MemoryBlock::close);
        });
  }

  @Test
  void closesAfterThoseWhoUseIt() {
    List<MemoryPool> pools = new ArrayList<>();
    runner
        .withUserConfiguration(User.class)
        .withPropertyValues("cistern.profile=modesp")
        .run(context -> {
          pools.add(context.getBean(PoolManager.class).pool("main"));
          assertThat(pools.getFirst().stats().used()).isOne();
        });
    assertThat(pools.getFirst().isClosed()).isTrue();
    assertThat(User.wasOpen).isTrue();
  }

  @Test
  void closesWithLiveBlocksAndTellsWhere() {
    List<MemorySegment> leaked = new ArrayList<>();
    List<MemoryPool> pools = new ArrayList<>();
    List<String> log =
        Logs.of(
            "io.cistern.spring",
            () ->
                runner
                    .withPropertyValues("cistern.profile=modesp")
                    .run(context -> {
                      pools.add(context.getBean(PoolManager.class).pool("main"));
                      leaked.add(pools.getFirst().allocate(200).segment());
                    }));
    assertThat(pools.getFirst().isClosed()).isTrue();
    assertThatThrownBy(() -> leaked.getFirst().get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
    assertThat(log)
        .singleElement()
        .asString()
        .startsWith("pool 'main' is closed with 1 live blocks of 256 B: they were never freed")
        .contains("closesWithLiveBlocksAndTellsWhere");
  }

  @Configuration(proxyBeanMethods = false)
  static class OwnManager {
    @Bean
    PoolManager own() {
      return PoolManager.builder().pool("own", MemoryPool.builder().tier(512, 4)).build();
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Hearing implements PoolListener {
    final List<String> heard = new ArrayList<>();

    @Override
    public void onViolation(io.cistern.InvalidFreeException violation) {
      heard.add(violation.reason().name());
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class HearingOfPressure implements ManagerListener {
    final List<ManagerPressure> heard = new CopyOnWriteArrayList<>();

    @Override
    public void onPressureChanged(ManagerPressure change) {
      heard.add(change);
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class User {
    static boolean wasOpen;

    @Bean(destroyMethod = "close")
    AutoCloseable holder(PoolManager manager) {
      MemoryPool pool = manager.pool("main");
      MemoryBlock block = pool.allocate(100);
      return () -> {
        wasOpen = !pool.isClosed();
        block.close();
      };
    }
  }
}
