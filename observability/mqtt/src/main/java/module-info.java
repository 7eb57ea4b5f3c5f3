/**
 * Remote diagnostics of pools over MQTT 5. {@link io.cistern.mqtt.MqttDiagnostics} is the place to
 * start reading.
 */
module io.cistern.mqtt {
  requires transitive io.cistern;
  requires com.hivemq.client.mqtt;
  requires io.reactivex.rxjava2;
  requires tools.jackson.databind;
  requires static org.jspecify;

  exports io.cistern.mqtt;
}
