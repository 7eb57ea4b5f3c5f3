package io.cistern.mqtt;

import com.hivemq.client.mqtt.MqttClientExecutorConfig;
import com.hivemq.client.mqtt.MqttClientSslConfig;
import com.hivemq.client.mqtt.MqttClientSslConfigBuilder;
import com.hivemq.client.mqtt.datatypes.MqttQos;
import com.hivemq.client.mqtt.exceptions.ConnectionClosedException;
import com.hivemq.client.mqtt.exceptions.MqttClientStateException;
import com.hivemq.client.mqtt.exceptions.MqttSessionExpiredException;
import com.hivemq.client.mqtt.mqtt5.Mqtt5AsyncClient;
import com.hivemq.client.mqtt.mqtt5.Mqtt5Client;
import com.hivemq.client.mqtt.mqtt5.Mqtt5ClientBuilder;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5MessageException;
import com.hivemq.client.mqtt.mqtt5.message.connect.Mqtt5Connect;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAck;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5Disconnect;
import com.hivemq.client.mqtt.mqtt5.message.disconnect.Mqtt5DisconnectReasonCode;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5Publish;
import com.hivemq.client.mqtt.mqtt5.message.publish.Mqtt5PublishResult;
import com.hivemq.client.mqtt.mqtt5.message.publish.puback.Mqtt5PubAck;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5RetainHandling;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscribe;
import com.hivemq.client.mqtt.mqtt5.message.subscribe.Mqtt5Subscription;
import io.reactivex.schedulers.Schedulers;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection to the broker, from the attempt to its end; the only class that knows the client
 * library. A connection is never used again: its session ends with it, so nothing is queued in the
 * library for a later one, and what was not acknowledged is told to be {@link Delivery.Outcome#LOST
 * lost}. Keeping it is the {@link Outbox}'s business.
 *
 * <p>Methods return at once. All answers, and the owner, are called on the connection's own thread,
 * a daemon, and must return at once, too.
 */
final class Connection {
  private static final System.Logger LOG = System.getLogger("io.cistern.mqtt");
  static final int KEEP_ALIVE_SECONDS = 15;
  private static final long CONNECT_SECONDS = 5;
  private static final int LONGEST_COMMAND = 64 * 1024;

  private final Settings settings;
  private final Owner owner;
  private final Mqtt5AsyncClient client;

  /** Whose connection it is. */
  interface Owner {
    /** It stands: messages may be sent. */
    void opened(Connection connection, long mostPacketBytes);

    /** It has come to its end, or has never stood. */
    void ended(Connection connection, String reason, End end);

    /** A command came. */
    void arrived(Connection connection, Request request);
  }

  /** How a connection can end. */
  enum End {
    /** The network, or the broker, has gone. */
    LOST,
    /** Another client came with the same id. */
    TAKEN_OVER,
    /** One side could not make sense of what the other has sent. */
    MISUNDERSTOOD
  }

  /** How a message is sent. */
  enum Manner {
    /** Acknowledged, for those who are there. */
    ONCE(MqttQos.AT_LEAST_ONCE, false),
    /** Acknowledged, and kept for those who come later. */
    KEPT(MqttQos.AT_LEAST_ONCE, true),
    /** Not acknowledged: the next one will soon replace it. */
    FLEETING(MqttQos.AT_MOST_ONCE, true);

    private final MqttQos qos;
    private final boolean retained;

    Manner(MqttQos qos, boolean retained) {
      this.qos = qos;
      this.retained = retained;
    }
  }

  /**
   * Not tried yet.
   *
   * @param io runs the one thread of this connection
   */
  Connection(Settings settings, Executor io, Owner owner) {
    this.settings = settings;
    this.owner = owner;
    Mqtt5ClientBuilder builder =
        Mqtt5Client.builder()
            .identifier(settings.clientId())
            .transportConfig()
            .serverHost(settings.host())
            .serverPort(settings.port())
            .socketConnectTimeout(CONNECT_SECONDS, TimeUnit.SECONDS)
            .mqttConnectTimeout(CONNECT_SECONDS, TimeUnit.SECONDS)
            .sslConfig(settings.tls() ? encryption(settings) : null)
            .applyTransportConfig()
            .executorConfig(
                MqttClientExecutorConfig.builder()
                    .nettyExecutor(io)
                    .nettyThreads(1)
                    .applicationScheduler(Schedulers.from(Runnable::run))
                    .build())
            .addDisconnectedListener(context -> ended(context.getCause()));
    if (settings.user() != null) {
      builder = authenticated(builder, settings.user(), settings.password());
    }
    client = builder.buildAsync();
  }

  private static MqttClientSslConfig encryption(Settings settings) {
    MqttClientSslConfigBuilder ssl =
        MqttClientSslConfig.builder().handshakeTimeout(CONNECT_SECONDS, TimeUnit.SECONDS);
    return settings.authorities() == null
        ? ssl.build()
        : ssl.trustManagerFactory(settings.authorities()).build();
  }

  private static Mqtt5ClientBuilder authenticated(
      Mqtt5ClientBuilder builder, String user, @Nullable String password) {
    var named = builder.simpleAuth().username(user);
    return password == null
        ? named.applySimpleAuth()
        : named.password(password.getBytes(StandardCharsets.UTF_8)).applySimpleAuth();
  }

  // --- opening and closing --------------------------------------------------------------------

  /**
   * Tries to connect.
   *
   * @param will what the broker says to the state topic when the connection is lost
   */
  void open(byte[] will) {
    Mqtt5Publish lastWill = message(settings.topics().state(), will, Manner.KEPT);
    client
        .connect(
            Mqtt5Connect.builder()
                .keepAlive(KEEP_ALIVE_SECONDS)
                .willPublish(lastWill)
                .restrictions()
                .maximumPacketSize(LONGEST_COMMAND)
                .applyRestrictions()
                .build())
        .thenAccept(this::opened)
        .exceptionally(told -> null); // the listener hears of it, too
  }

  private void opened(Mqtt5ConnAck answer) {
    owner.opened(this, answer.getRestrictions().getMaximumPacketSize());
  }

  private void ended(Throwable cause) {
    End end =
        cause instanceof Mqtt5DisconnectException told
            ? end(told.getMqttMessage().getReasonCode())
            : End.LOST;
    owner.ended(this, reason(cause), end);
  }

  private static End end(Mqtt5DisconnectReasonCode code) {
    return switch (code) {
      case SESSION_TAKEN_OVER -> End.TAKEN_OVER;
      case MALFORMED_PACKET, PROTOCOL_ERROR, PACKET_TOO_LARGE, PAYLOAD_FORMAT_INVALID ->
          End.MISUNDERSTOOD;
      default -> End.LOST;
    };
  }

  /** Ends it in order, so that there is no last will; or gives up the attempt. */
  void close() {
    client.disconnect().exceptionally(notConnected -> null);
  }

  /** What went wrong, in one line: the innermost message that there is. */
  private static String reason(Throwable failed) {
    String code = failed instanceof Mqtt5MessageException told ? " (" + code(told) + ")" : "";
    Throwable inner = failed;
    String text = failed.getMessage();
    while (inner.getCause() != null) {
      inner = inner.getCause();
      text = inner.getMessage() == null ? text : inner.getMessage();
    }
    return (text == null ? inner.getClass().getSimpleName() : text) + code;
  }

  private static String code(Mqtt5MessageException told) {
    return switch (told.getMqttMessage()) {
      case Mqtt5ConnAck refused -> refused.getReasonCode().toString();
      case Mqtt5PubAck refused -> refused.getReasonCode().toString();
      case Mqtt5Disconnect end -> end.getReasonCode().toString();
      default -> told.getMqttMessage().getType().toString();
    };
  }

  // --- messages -------------------------------------------------------------------------------

  /** Sends a message. */
  void send(String topic, byte[] payload, Manner manner, Consumer<Delivery> after) {
    send(message(topic, payload, manner), after);
  }

  /** Sends a reply, and then tells the broker that the command is done. */
  void reply(String topic, byte[] payload, Request to, Consumer<Delivery> after) {
    Mqtt5Publish reply =
        message(topic, payload, Manner.ONCE).extend().correlationData(to.correlation()).build();
    send(reply, after);
  }

  private static Mqtt5Publish message(String topic, byte[] payload, Manner manner) {
    return Mqtt5Publish.builder()
        .topic(topic)
        .payload(payload)
        .qos(manner.qos)
        .retain(manner.retained)
        .contentType("application/json")
        .build();
  }

  private void send(Mqtt5Publish message, Consumer<Delivery> after) {
    client
        .publish(message)
        .handle(Connection::delivery)
        .thenAccept(after)
        .exceptionally(Connection::failed);
  }

  private static Delivery delivery(
      @Nullable Mqtt5PublishResult result, @Nullable Throwable failed) {
    Throwable cause =
        failed instanceof CompletionException && failed.getCause() != null
            ? failed.getCause()
            : failed;
    if (cause == null && result != null) {
      cause = result.getError().orElse(null);
    }
    return switch (cause) {
      case null -> Delivery.TAKEN;
      case ConnectionClosedException e -> lost(e);
      case MqttClientStateException e -> lost(e);
      case MqttSessionExpiredException e -> lost(e);
      case Mqtt5DisconnectException e -> lost(e);
      default -> new Delivery(Delivery.Outcome.REFUSED, reason(cause));
    };
  }

  private static @Nullable Void failed(Throwable ours) {
    LOG.log(System.Logger.Level.WARNING, "what became of a message could not be noted", ours);
    return null;
  }

  private static Delivery lost(Throwable cause) {
    return new Delivery(Delivery.Outcome.LOST, reason(cause));
  }

  /** Asks for commands; not for those that were left on the broker before, nor for our own. */
  void hear(String topic, Consumer<String> refused) {
    Mqtt5Subscription subscription =
        Mqtt5Subscription.builder()
            .topicFilter(topic)
            .qos(MqttQos.AT_LEAST_ONCE)
            .noLocal(true)
            .retainHandling(Mqtt5RetainHandling.DO_NOT_SEND)
            .build();
    client
        .subscribe(
            Mqtt5Subscribe.builder().addSubscription(subscription).build(), this::arrived, true)
        .thenAccept(granted -> {})
        .exceptionally(failed -> {
          refused.accept(reason(failed));
          return null;
        });
  }

  private void arrived(Mqtt5Publish command) {
    owner.arrived(
        this,
        new Request(
            command.getPayload().orElse(Request.NOTHING),
            command.getResponseTopic().map(Object::toString).orElse(null),
            command.getCorrelationData().orElse(null),
            command::acknowledge));
  }
}
