/**
 * Remote diagnostics of pools over MQTT 5; start at {@link io.cistern.mqtt.MqttDiagnostics}, then
 * {@code Courier}, the one thread behind it.
 */
@NullMarked
package io.cistern.mqtt;

import org.jspecify.annotations.NullMarked;
