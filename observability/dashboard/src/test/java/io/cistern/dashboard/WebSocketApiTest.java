package io.cistern.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.BlockMap;
import io.cistern.MemoryBlock;
import io.cistern.MemoryPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The WebSocket API, as docs/websocket-api.md has it. Budget: 15 s. */
@Timeout(60)
class WebSocketApiTest {
  private final Rig rig = new Rig(100).hold();
  private Dashboard dashboard;
  private ApiClient client;

  @BeforeEach
  void connect() throws IOException {
    dashboard = Dashboard.builder(rig.manager).commands(true).start();
    client = ApiClient.of(dashboard);
  }

  @AfterEach
  void leave() {
    client.close();
    dashboard.close();
    rig.close();
  }

  @Test
  void saysHelloAndWhatThereIs() {
    JsonNode hello = client.next("hello");
    assertThat(hello.path("v").asInt()).isEqualTo(1);
    assertThat(hello.path("authorized").asBoolean()).isTrue();
    assertThat(hello.path("mayChange").asBoolean()).isTrue();
    assertThat(hello.path("pools").toString()).isEqualTo("[\"frames\",\"any\",\"checked\"]");
  }

  @Test
  void aSnapshotIsTheManagersStats() {
    client.send("{\"type\":\"subscribe\",\"channels\":[\"snapshot\"],\"intervalMillis\":100}");
    JsonNode shown = client.next("snapshot").path("stats");
    JsonNode is = Json.MAPPER.readTree(Json.MAPPER.writeValueAsString(rig.manager.stats()));
    assertThat(withoutTime(shown)).isEqualTo(withoutTime(is));
  }

  private static JsonNode withoutTime(JsonNode stats) {
    return ((tools.jackson.databind.node.ObjectNode) stats.deepCopy()).put("timeMillis", 0);
  }

  @Test
  void snapshotsComeInTheIntervalThatWasAskedFor() {
    client.send("{\"type\":\"subscribe\",\"channels\":[\"snapshot\"],\"intervalMillis\":300}");
    long first = client.next("snapshot").path("stats").path("timeMillis").asLong();
    client.next("snapshot");
    long third = client.next("snapshot").path("stats").path("timeMillis").asLong();
    assertThat(third - first).isBetween(500L, 5000L);
  }

  @Test
  void aMapComesAsAWholeAndThenAsChanges() {
    client.send(
        "{\"type\":\"subscribe\",\"channels\":[\"map\"],\"pool\":\"frames\",\"intervalMillis\":100}");
    JsonNode layout = client.next("map");
    assertThat(layout.path("slabs")).hasSize(3);
    assertThat(layout.path("labels").toString()).contains("session", "cache");
    ByteBuffer all = client.nextFrame();
    int[] cells = BlockMap.of(rig.manager.pool("frames")).cells();
    assertThat((int) all.get(0)).isEqualTo(1);
    assertThat((int) all.get(1)).isEqualTo(1);
    assertThat(all.getInt(4)).isEqualTo(layout.path("layout").asInt());
    assertThat(all.getInt(12)).isEqualTo(cells.length);
    assertThat(all.getInt(24) & 7).isEqualTo(BlockMap.State.PINNED.code());
    assertChangeArrives();
  }

  private void assertChangeArrives() {
    try (MemoryBlock block = rig.manager.pool("frames").allocate(4000)) {
      int cell = cellOf(block);
      ByteBuffer change = client.nextFrame();
      while (!names(change, cell)) {
        change = client.nextFrame();
      }
      assertThat((int) change.get(1)).isEqualTo(2);
    }
  }

  private int cellOf(MemoryBlock block) {
    BlockMap map = BlockMap.of(rig.manager.pool("frames"));
    for (int cell = 0; cell < map.size(); cell++) {
      if (map.block(cell).handle() == block.handle()) {
        return cell;
      }
    }
    throw new AssertionError("no cell");
  }

  private static boolean names(ByteBuffer change, int cell) {
    for (int at = 24; at < change.limit(); at += 8) {
      if (change.get(1) == 2 && change.getInt(at) == cell) {
        return true;
      }
    }
    return false;
  }

  @Test
  void piecesOfAnySizeFillTheirRegion() {
    client.send("{\"type\":\"subscribe\",\"channels\":[\"map\"],\"pool\":\"any\"}");
    JsonNode layout = client.next("map");
    assertThat(layout.path("pieces").asBoolean()).isTrue();
    ByteBuffer pieces = client.nextFrame();
    assertThat((int) pieces.get(1)).isEqualTo(3);
    long granules = 0;
    for (int piece = 0; piece < pieces.getInt(12); piece++) {
      granules += pieces.getInt(24 + 8 * piece + 4);
    }
    assertThat(8 * granules).isEqualTo(layout.path("slabs").path(0).path("bytes").asLong());
  }

  @Test
  void aBlockOfTheMapTellsWhatIsKnown() {
    client.ask("{\"type\":\"subscribe\",\"channels\":[\"map\"],\"pool\":\"checked\"}");
    client.nextFrame();
    JsonNode block = client.ask("{\"type\":\"block\",\"cell\":1,\"id\":\"a\"}");
    assertThat(block.path("id").asString()).isEqualTo("a");
    assertThat(block.path("result").path("state").asString()).isIn("USED", "QUARANTINED");
    assertThat(block.path("result").path("blockSizeBytes").asInt()).isEqualTo(512);
    assertThat(client.ask("{\"type\":\"block\",\"cell\":128}").path("message").asString())
        .isEqualTo("field 'cell' is 128: must be a whole number from 0 to 127");
  }

  @Test
  void refusedRequestsAndPressureAreEvents() {
    client.send("{\"type\":\"subscribe\",\"channels\":[\"events\"],\"intervalMillis\":100}");
    MemoryPool frames = rig.manager.pool("frames");
    List<MemoryBlock> taken = new ArrayList<>();
    for (MemoryBlock block = frames.tryAllocate(4096);
        block != null;
        block = frames.tryAllocate(4096)) {
      taken.add(block);
    }
    JsonNode events = client.next("events");
    assertThat(events.toString()).contains("EXHAUSTED", "1 request refused, the last for 4,096 B");
    taken.forEach(MemoryBlock::close);
  }

  @Test
  void historyIsThereForANewPage() {
    client.next("hello");
    JsonNode history = client.ask("{\"type\":\"history\",\"id\":7}").path("result");
    int points = history.path("timeMillis").size();
    assertThat(points).isPositive();
    assertThat(history.path("pools")).hasSize(3);
    assertThat(history.path("pools").path(0).path("allocations")).hasSize(points);
  }

  @Test
  void commandsAreDone() {
    JsonNode verify = client.ask("{\"type\":\"command\",\"name\":\"verify\"}").path("result");
    assertThat(verify.path("ok").asBoolean()).isTrue();
    assertThat(verify.path("findings")).isEmpty();
    JsonNode dump =
        client.ask("{\"type\":\"command\",\"name\":\"dump\",\"pool\":\"any\"}").path("result");
    assertThat(dump.path("text").asString()).contains("pool 'any'");
    JsonNode report =
        client
            .ask("{\"type\":\"command\",\"name\":\"report\",\"pool\":\"checked\"}")
            .path("result");
    assertThat(report.path("complete").asBoolean()).isTrue();
    assertThat(report.path("sites").path(0).path("stack").toString()).contains("Rig.hold");
  }

  @Test
  void changesAreMadeWhereTheyAreEnabled() {
    JsonNode done = client.ask("{\"type\":\"command\",\"name\":\"setBudget\",\"bytes\":123456789}");
    assertThat(done.path("type").asString()).isEqualTo("reply");
    assertThat(rig.manager.budgetBytes()).isEqualTo(123_456_789);
    JsonNode refused = client.ask("{\"type\":\"command\",\"name\":\"setBudget\",\"bytes\":1}");
    assertThat(refused.path("code").asString()).isEqualTo("failed");
    assertThat(refused.path("message").asString()).contains("a budget of 1 B is less than the");
  }

  @Test
  void changesAreRefusedWhereTheyAreNot() throws IOException {
    try (Dashboard looking = Dashboard.start(rig.manager);
        ApiClient other = ApiClient.of(looking)) {
      assertThat(other.next("hello").path("commands").toString()).doesNotContain("setBudget");
      JsonNode refused = other.ask("{\"type\":\"command\",\"name\":\"setBudget\",\"bytes\":1}");
      assertThat(refused.path("code").asString()).isEqualTo("read-only");
      assertThat(rig.manager.budgetBytes()).isEqualTo(256 << 20);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          xyz | bad-json | not JSON
          [1] | bad-message | a message must be a JSON object
          {} | bad-message | field 'type' is missing: must be a string
          {"type":1} | bad-message | field 'type' is 1: must be a string
          {"type":"x"} | unknown-type | type 'x': must be auth, subscribe
          {"v":2,"type":"history"} | bad-version | version 2: must be 1
          {"type":"history","id":[]} | bad-message | field 'id' is []: must be a whole number
          {"type":"subscribe"} | bad-value | field 'channels' is missing: must be a list of some of [events, map, snapshot]
          {"type":"subscribe","channels":["x"]} | bad-value | field 'channels' is "x": must be
          {"type":"subscribe","channels":["snapshot"],"intervalMillis":99} | bad-value | field 'intervalMillis' is 99: must be a whole number from 100 to 60000
          {"type":"subscribe","channels":["snapshot"],"intervalMillis":1e9} | bad-value | field 'intervalMillis'
          {"type":"subscribe","channels":["map"],"pool":"x"} | unknown-pool | no pool is named 'x'; there are: [frames, any, checked]
          {"type":"block","cell":0} | bad-message | no map was sent yet
          {"type":"command","name":"rm"} | unknown-command | command 'rm': must be one of
          {"type":"command","name":"dump","pool":"x"} | failed | no pool is named 'x'
          """)
  void whatIsWrongIsAnsweredAndTheConnectionLives(String message, String code, String text) {
    JsonNode error = client.ask(message);
    assertThat(error.path("type").asString()).isEqualTo("error");
    assertThat(error.path("code").asString()).isEqualTo(code);
    assertThat(error.path("message").asString()).contains(text);
    assertThat(client.ask("{\"type\":\"history\"}").path("type").asString()).isEqualTo("reply");
  }

  @Test
  void anyGarbageIsAnswered() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      StringBuilder garbage = new StringBuilder();
      for (int length = random.nextInt(60); length >= 0; length--) {
        garbage.append("{}[]\":,\\truefalsnv1-type.e".charAt(random.nextInt(26)));
      }
      assertThat(client.ask(garbage.toString()).path("type").asString()).isEqualTo("error");
    }
    assertThat(client.ask("{\"type\":\"history\"}").path("type").asString()).isEqualTo("reply");
  }

  @Test
  void whatIsNoTextIsAnsweredToo() {
    JsonNode error = client.sendBinary(new byte[] {1, 2, 3}).next("error");
    assertThat(error.path("message").asString()).isEqualTo("a message must be text in UTF-8");
    assertThat(client.ask("{\"type\":\"history\"}").path("type").asString()).isEqualTo("reply");
  }

  @Test
  void fragmentsArePutTogether() {
    client.sendPart("{\"type\":", false).sendPart("\"hist", false).sendPart("ory\"}", true);
    assertThat(client.next("reply").path("result").has("pools")).isTrue();
  }

  @Test
  void aMessageThatIsTooLargeEndsTheConnectionWhateverItsFragments() throws Exception {
    for (int part = 0; part < 3; part++) {
      client.sendPart(" ".repeat(30_000), false);
    }
    assertThat(client.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1009);
  }

  @Test
  void soDoesOneInOnePiece() throws Exception {
    client.sendWithoutWaiting(" ".repeat(100_000));
    assertThat(client.closed.get(10, TimeUnit.SECONDS)).isEqualTo(1009);
  }

  @Test
  void aThousandSubscriptionsAreOne() {
    for (int i = 0; i < 1000; i++) {
      client.send(
          "{\"type\":\"subscribe\",\"id\":"
              + i
              + ",\"channels\":[\"snapshot\",\"events\",\"map\"],\"pool\":\"any\",\"intervalMillis\":60000}");
    }
    client.next(answer -> answer.path("id").asInt(-1) == 999);
    assertThat(dashboard.clients()).isEqualTo(1);
    client.ask("{\"type\":\"unsubscribe\",\"channels\":[\"snapshot\",\"events\",\"map\"]}");
    client.send("{\"type\":\"subscribe\",\"channels\":[\"snapshot\"],\"intervalMillis\":1000}");
    long first = client.next("snapshot").path("sequence").asLong();
    assertThat(client.next("snapshot").path("sequence").asLong()).isEqualTo(first + 1);
  }
}
