package io.cistern.jdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.cistern.InvalidFreeException;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import io.cistern.VerifyReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A client in another process that has only the JDK: reads everything, calls everything, hears what
 * happens, and is killed. Budget: 20 s.
 */
@Timeout(60)
class RemoteTest {
  private static final String MANAGER = "io.cistern:type=PoolManager,name=default";
  private static final String FRAMES = "io.cistern:type=MemoryPool,name=frames";
  private static final String FREE = "io.cistern:type=MemoryPool,name=free";

  private final PoolManager manager =
      PoolManager.builder()
          .budgetBytes(1 << 20)
          .fallbackBytes(4096)
          .quota("guests", 8192, 1024, false)
          .pool(
              "frames",
              MemoryPool.builder().tier(64, 4, "small things").tier(1024, 8).labels().resizable())
          .pool("free", MemoryPool.builder().variable(65_536).sharedFallback())
          .pool("growing", MemoryPool.builder().tier(256, 4).regions(1, 3, Duration.ofSeconds(60)))
          .build();

  @TempDir private Path folder;
  private PoolBeans beans;
  private RemoteProcess client;

  @BeforeEach
  void connect() throws Exception {
    beans = PoolBeans.register(manager);
    client = new RemoteProcess(folder);
  }

  @AfterEach
  void everythingIsWell() {
    client.close();
    beans.close();
    assertThat(manager.verify()).allMatch(VerifyReport::ok);
    manager.close();
  }

  @Test
  void readsEveryAttribute() {
    MemoryPool frames = manager.pool("frames");
    try (MemoryBlock block = frames.labelled("tests").allocate(50);
        MemoryBlock charged = frames.chargedTo(manager.quota("guests")).allocate(1000)) {
      assertThat(block.isLive() && charged.isLive()).isTrue();
      String whole = client.ask("all " + MANAGER);
      assertThat(whole)
          .contains("Name=default", "BudgetBytes=1048576", "UsedBytes=1088", "Pressure=NORMAL")
          .contains("NotificationsDropped=0", "lowUsedPercent=80.0")
          .contains("BudgetUsedBytes=" + manager.budgetUsedBytes())
          .contains("RegionBytes=" + manager.regionBytes())
          .contains(
              "Quotas=[{critical=false,failed=0,guaranteedBytes=1024,limitBytes=8192,path=guests,"
                  + "peakBytes=1024,usedBytes=1024}]")
          .contains("blockSizeBytes=64,failed=0,free=3,", "label=small things", "pool=growing")
          .contains("variable={allocations=0,", "variable=null", "fallback=null");
      String one = client.ask("all " + FRAMES);
      assertThat(one)
          .contains("Name=frames", "UsedBytes=1088", "Allocations=2", "Violations=0")
          .contains("Labels=[{", "name=tests", "Regions={count=1,grown=0,trimmed=0}")
          .contains("ExternalFragmentationPercent=0.0", "Checks={", "level=STANDARD")
          .contains("InternalFragmentationPercent=" + 100.0 * (1088 - 1050) / 1088);
    }
  }

  @Test
  void callsEveryOperation() {
    assertThat(client.ask("call " + MANAGER + " dump")).contains("small things", "quota guests");
    assertThat(client.ask("call " + MANAGER + " verify"))
        .contains("pool 'frames': 12 blocks, ok", "pool 'quotas': 0 blocks, ok");
    assertThat(client.ask("call " + MANAGER + " leakReport int:0")).contains("pool 'growing'");
    assertThat(client.ask("call " + MANAGER + " trim")).isEqualTo("0");
    assertThat(client.ask("set " + MANAGER + " BudgetBytes 2000000")).isEqualTo("done");
    assertThat(manager.budgetBytes()).isEqualTo(2_000_000);
    assertThat(client.ask("call " + MANAGER + " setQuotaLimit String:guests long:4096"))
        .isEqualTo("null");
    assertThat(manager.quota("guests").limitBytes()).isEqualTo(4096);
    assertThat(client.ask("call " + MANAGER + " limitFallback long:8192")).isEqualTo("null");
    assertThat(
            client.ask(
                "call "
                    + MANAGER
                    + " setPressureLimits double:70 double:90 long:0 long:0 double:60 double:80 double:3"))
        .isEqualTo("null");
    assertThat(manager.pressureLimits().lowUsedPercent()).isEqualTo(70);
    assertThat(client.ask("call " + FRAMES + " setCount long:64 int:6")).isEqualTo("null");
    assertThat(manager.pool("frames").stats().tiers().getFirst().total()).isEqualTo(6);
    assertThat(client.ask("call " + FRAMES + " setThresholds double:50 double:60"))
        .isEqualTo("null");
    assertThat(client.ask("call " + FRAMES + " dump")).contains("pool 'frames'");
    assertThat(client.ask("call " + FREE + " verify")).contains("ok");
    assertThat(client.ask("call io.cistern:type=MemoryPool,name=growing setRegions int:1 int:5"))
        .isEqualTo("null");
  }

  @Test
  void seesWhoHoldsTheMemory() {
    try (MemoryBlock block = manager.pool("free").allocate(40_000)) {
      assertThat(block.isLive()).isTrue();
      String place = "io.cistern.jdk.RemoteTest.seesWhoHoldsTheMemory(RemoteTest.java:";
      assertThat(client.ask("call " + MANAGER + " topSites int:0 int:5"))
          .contains("bytes=40000", "pool=free", "stack=[", place);
      assertThat(client.ask("call " + FREE + " topSites int:0 int:1")).contains(place);
      assertThat(client.ask("call " + FREE + " leakReport int:0")).contains(place);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          set MANAGER BudgetBytes 0                     | IllegalArgumentException: budget of 0 B: at least 1 is needed
          set MANAGER BudgetBytes 1000                  | IllegalStateException: a budget of 1000 B is less than the 79104 B that are taken
          call MANAGER setQuotaLimit String:no long:1   | IllegalArgumentException: there is no quota 'no'; there are: [guests]
          call MANAGER limitFallback long:-1            | IllegalArgumentException: fallback of -1 B: must be 0 or more
          call MANAGER leakReport int:-1                | IllegalArgumentException: age of PT-1S: must be zero or more
          call MANAGER topSites int:0 int:0             | IllegalArgumentException: 0 sites wanted: at least 1 is needed
          call MANAGER setPressureLimits double:95 double:80 long:0 long:0 double:70 double:85 double:5 | IllegalArgumentException: used
          call FRAMES setThresholds double:0 double:95  | IllegalArgumentException
          call FRAMES setCount long:63 int:5            | IllegalArgumentException
          call FRAMES setCount long:64 int:0            | IllegalArgumentException
          call FRAMES setRegions int:2 int:1            | IllegalArgumentException: from 2 to 1 regions
          call FREE setCount long:64 int:5              | Exception
          """)
  void saysWhatIsAllowed(String command, String message) {
    String line =
        command.replace("MANAGER", MANAGER).replace("FRAMES", FRAMES).replace("FREE", FREE);
    assertThat(client.ask(line)).startsWith("refused java.lang.").contains(message);
  }

  @Test
  void hearsWhatHappens() {
    assertThat(client.ask("listen " + MANAGER)).isEqualTo("listening");
    assertThat(client.ask("listen " + FREE)).isEqualTo("listening");
    manager.setFallbackBytes(0);
    MemoryPool free = manager.pool("free");
    try (MemoryBlock block = free.allocate(65_000)) {
      assertThat(block.isLive()).isTrue();
      for (int i = 0; i < 1000; i++) {
        assertThat(free.tryAllocate(1000)).isNull();
      }
      await()
          .untilAsserted(() ->
              assertThat(client.notifications())
                  .anyMatch(line ->
                      line.startsWith("notified io.cistern.exhausted " + FREE + " ")
                          && line.contains("requestedBytes=1000,")
                          && line.contains("pool 'free': no room for 1,000 B"))
                  .anyMatch(
                      line -> line.startsWith("notified io.cistern.exhausted " + MANAGER + " "))
                  .anyMatch(line ->
                      line.startsWith("notified io.cistern.pressure " + FREE + " ")
                          && line.contains("from=NORMAL,pool=free,to=CRITICAL")
                          && line.contains("cause={from=NORMAL,reading=USED,")));
    }
    await()
        .untilAsserted(() ->
            assertThat(client.notifications())
                .anyMatch(line -> line.contains("pool=free,to=NORMAL")));
    assertThat(client.notifications().stream().filter(line -> line.contains("exhausted " + FREE)))
        .as("a storm of 1000 is told once a second")
        .hasSizeLessThan(30);
  }

  @Test
  void hearsOfMisuseAndOfRegions() {
    MemoryPool frames = manager.pool("frames");
    MemoryPool growing = manager.pool("growing");
    client.ask("listen " + MANAGER);
    client.ask("listen " + FRAMES);
    long handle = frames.allocateHandle(10);
    frames.free(handle);
    assertThatThrownBy(() -> frames.free(handle)).isInstanceOf(InvalidFreeException.class);
    List<MemoryBlock> held = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      held.add(growing.allocate(256));
    }
    held.forEach(MemoryBlock::close);
    assertThat(manager.trim()).isPositive();
    await()
        .untilAsserted(() ->
            assertThat(client.notifications())
                .anyMatch(line ->
                    line.startsWith("notified io.cistern.violation " + FRAMES)
                        && line.contains("reason=DOUBLE_FREE"))
                .anyMatch(line -> line.startsWith("notified io.cistern.violation " + MANAGER))
                .anyMatch(line ->
                    line.startsWith("notified io.cistern.grown " + MANAGER)
                        && line.contains("pool=growing")
                        && line.contains("pool 'growing' took 1,024 B; regions 2, 2,048 B"))
                .anyMatch(line ->
                    line.startsWith("notified io.cistern.trimmed " + MANAGER)
                        && line.contains("pool 'growing' gave back 1,024 B; regions 1")));
  }

  @Test
  void isKilledAndNothingChangesForThePools() throws Exception {
    client.ask("listen " + MANAGER);
    client.ask("listen " + FRAMES);
    AtomicBoolean stop = new AtomicBoolean();
    Thread load = Thread.ofPlatform().start(() -> exhaustAndFree(stop));
    try {
      await().until(() -> client.notifications().size() >= 4);
      client.kill();
      long before = manager.pool("frames").stats().allocations();
      await().until(() -> manager.pool("frames").stats().allocations() > before + 100_000);
    } finally {
      stop.set(true);
      load.join();
    }
    assertThat(manager.pool("frames").stats().used()).isZero();
  }

  private void exhaustAndFree(AtomicBoolean stop) {
    MemoryPool frames = manager.pool("frames");
    List<MemoryBlock> held = new ArrayList<>();
    while (!stop.get()) {
      for (MemoryBlock b = frames.tryAllocate(64); b != null; b = frames.tryAllocate(64)) {
        held.add(b);
      }
      held.forEach(MemoryBlock::close);
      held.clear();
    }
  }
}
