package io.cistern.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.MemoryPool;
import io.cistern.PoolManager;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What is kept for a new page: the last points, and no more. Budget: 1 s. */
class HistoryTest {
  @Test
  void onlyTheLastPointsAreKept() {
    History history = new History(3);
    try (PoolManager manager =
        PoolManager.builder()
            .pool("main", MemoryPool.builder().tier(64, 4))
            .pool("any", MemoryPool.builder().variable(640))
            .build()) {
      MemoryPool pool = manager.pool("main");
      long[] handles = new long[4];
      for (int i = 0; i < handles.length; i++) {
        handles[i] = pool.allocateHandle(16);
        history.add(manager.stats());
      }
      JsonNode all = history.all();
      JsonNode main = all.path("pools").path(0);
      assertThat(all.path("timeMillis")).hasSize(3);
      assertThat(main.path("pool").asString()).isEqualTo("main");
      assertThat(main.path("usedBytes").toString()).isEqualTo("[128,192,256]");
      assertThat(main.path("utilizationPercent").toString()).isEqualTo("[50.0,75.0,100.0]");
      assertThat(main.path("fragmentationPercent").toString()).isEqualTo("[75.0,75.0,75.0]");
      assertThat(main.path("pressure").toString()).isEqualTo("[0,0,2]");
      pool.free(handles, 0, handles.length);
    }
  }

  @Test
  void noneMayBeKept() {
    History history = new History(0);
    try (PoolManager manager =
        PoolManager.builder().pool("main", MemoryPool.builder().tier(64, 4)).build()) {
      history.add(manager.stats());
      assertThat(history.all().toString()).isEqualTo("{\"timeMillis\":[],\"pools\":[]}");
    }
  }
}
