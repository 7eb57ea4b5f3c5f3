package io.cistern.mqtt;

import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads everything that a broker passes on, and sends commands. Comes back when the broker does,
 * which keeps for it what came meanwhile.
 */
final class Subscriber implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Mqtt5AsyncClient client;
  private final List<Mqtt5Publish> all = new CopyOnWriteArrayList<>();

  /** Subscribed to a filter. */
  Subscriber(int port, String filter) {
    client =
        Mqtt5Client.builder()
            .identifier("reader-" + System.nanoTime())
            .serverHost("127.0.0.1")
            .serverPort(port)
            .automaticReconnect()
            .initialDelay(50, TimeUnit.MILLISECONDS)
            .maxDelay(200, TimeUnit.MILLISECONDS)
            .applyAutomaticReconnect()
            .buildAsync();
    client.connectWith().cleanStart(false).sessionExpiryInterval(3600).send().join();
    subscribe(filter);
  }

  void subscribe(String filter) {
    client
        .subscribeWith()
        .topicFilter(filter)
        .qos(MqttQos.AT_LEAST_ONCE)
        .callback(all::add)
        .send()
        .join();
  }

  /** Payloads of a topic so far, in their order. */
  List<JsonNode> payloads(String topic) {
    return all.stream()
        .filter(message -> message.getTopic().toString().equals(topic))
        .map(message -> Json.parse(message.getPayloadAsBytes()))
        .toList();
  }

  List<Mqtt5Publish> messages(String topic) {
    return all.stream().filter(message -> message.getTopic().toString().equals(topic)).toList();
  }

  /** The first payload of a topic that is as wanted, once it is there. */
  JsonNode await(String topic, Predicate<JsonNode> wanted) {
    return Awaitility.await("a message on " + topic)
        .atMost(PATIENCE)
        .until(
            () -> payloads(topic).stream().filter(wanted).findFirst().orElse(null),
            Objects::nonNull);
  }

  void send(String topic, String payload, @Nullable String responseTopic, byte... correlation) {
    client
        .publish(
            Mqtt5Publish.builder()
                .topic(topic)
                .payload(payload.getBytes(StandardCharsets.UTF_8))
                .qos(MqttQos.AT_LEAST_ONCE)
                .responseTopic(responseTopic)
                .correlationData(correlation.length == 0 ? null : ByteBuffer.wrap(correlation))
                .build())
        .join();
  }

  @Override
  public void close() {
    client.disconnect().exceptionally(gone -> null).join();
  }
}
