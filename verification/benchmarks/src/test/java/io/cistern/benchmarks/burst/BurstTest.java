package io.cistern.benchmarks.burst;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.benchmarks.echo.EchoClient;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every server of the burst serves and stops well; not how much it takes. Budget: 15 seconds. */
@Timeout(60)
class BurstTest {
  private static final int LARGE = 1 << 20;

  @ParameterizedTest
  @EnumSource
  void everyServerGathersALargeRequestAndKeepsNothing(BurstSubject subject) throws Exception {
    BurstSubject.Running running = subject.start();
    try (EchoClient client = new EchoClient(running.server().port(), LARGE)) {
      client.sendAllButOne();
      client.sendLast();
      client.receive();
      assertThat(running.takenBytes().getAsLong()).isNotNegative();
    }
    running.server().close(); // which fails for ours when something is live
  }

  @Test
  void aWrongWordIsToldWithThoseThereAre() throws Exception {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream print = new PrintStream(err, true, UTF_8);
    assertThat(Burst.run(print, print, "kafka")).isEqualTo(2);
    assertThat(err.toString(UTF_8))
        .startsWith("kafka: must be --json=FILE or one of netty-adaptive, ")
        .contains("cistern-arrow-bounded");
  }

  @Test
  void theJsonHasTheFieldsOfTheRecord() {
    String json =
        Burst.json(List.of(new BurstResult("jetty", 3 << 20, 9, 4, 1, 5, 2, 98, 2, true)));
    assertThat(json)
        .contains("\"subject\" : \"jetty\"", "\"beforeBytes\" : 3145728", "\"sound\" : true")
        .contains("\"takenPeakBytes\" : 5", "\"served\" : 98", "\"refused\" : 2");
  }
}
