package io.cistern.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses, and what is said of wrong ones. Budget: 1 s. */
class MqttUriTest {
  private static Settings settings(String address) {
    return new MqttDiagnostics.Builder().uri(address).settings();
  }

  @Test
  void everyPartIsRead() {
    Settings read =
        settings(
            "mqtt://a%40b:p%3A%2B+%40@broker.example:1999/gw-1?interval=250ms&commands=true&buffer=7&maxpayload=5000&root=site/a&client=x");
    assertThat(read.host()).isEqualTo("broker.example");
    assertThat(read.port()).isEqualTo(1999);
    assertThat(read.tls()).isFalse();
    assertThat(read.user()).isEqualTo("a@b");
    assertThat(read.password()).isEqualTo("p:++@");
    assertThat(read.interval()).isEqualTo(Duration.ofMillis(250));
    assertThat(read.commands()).isTrue();
    assertThat(read.eventBuffer()).isEqualTo(7);
    assertThat(read.maxPayloadBytes()).isEqualTo(5000);
    assertThat(read.topics().health()).isEqualTo("site/a/gw-1/health");
    assertThat(read.clientId()).isEqualTo("x");
  }

  @Test
  void whatIsNotSaidIsAsUsual() {
    Settings read = settings("mqtts://[::1]/node");
    assertThat(read.host()).isEqualTo("::1");
    assertThat(read.port()).isEqualTo(8883);
    assertThat(read.tls()).isTrue();
    assertThat(read.user()).isNull();
    assertThat(read.commands()).isFalse();
    assertThat(read.clientId()).isEqualTo("cistern-node");
    assertThat(settings("mqtt://h/n").port()).isEqualTo(1883);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http://h/n | scheme 'http': mqtt or mqtts is allowed",
        "h | scheme '': mqtt or mqtts is allowed",
        "mqtt://h | node: none is given; it stands behind the port, as in mqtt://host:1883/gateway-1",
        "mqtt://h/ | node: none is given; it stands behind the port, as in mqtt://host:1883/gateway-1",
        "mqtt://h/a/b | node 'a/b': 1 to 64 letters, digits, '.', '_' or '-' are allowed",
        "mqtt://h/a%23 | node 'a#': 1 to 64 letters, digits, '.', '_' or '-' are allowed",
        "mqtt://h:0/n | port 0: 1 to 65535 is allowed",
        "mqtt://h:70000/n | port 70000: 1 to 65535 is allowed",
        "mqtt://h/n?interval=5 | interval '5': a whole number and ms, s, m or h is needed, such as 5s",
        "mqtt://h/n?interval=1ms | interval of 1 ms: 100 ms to 1 h is allowed",
        "mqtt://h/n?commands=yes | commands 'yes': true or false is needed",
        "mqtt://h/n?buffer=x | buffer 'x': a whole number is needed",
        "mqtt://h/n?buffer=0 | event buffer 0: 1 to 1000000 is allowed",
        "mqtt://h/n?maxpayload=1 | longest payload 1: 4096 to 16777216 is allowed",
        "mqtt://h/n?root=a//b | root 'a//b': up to 8 such names as a node may have, with '/' between",
        "mqtt://h/n?client= | client id '': 1 to 128 printable ASCII characters without a space are allowed",
        "mqtt://h/n?x=1 | option 'x' is unknown; possible: buffer, ca, client, commands, interval, maxpayload, root",
        "mqtt://h/n?x | option 'x': must be NAME=VALUE; possible: buffer, ca, client, commands, interval, maxpayload, root",
        "mqtt://h/n?buffer=1&buffer=2 | option 'buffer' is given twice",
        "mqtt://h/n?ca=x.pem | option 'ca' is for mqtts:// alone",
        "mqtts://h/n?ca=nowhere.pem | certificates 'nowhere.pem': the file cannot be read",
        "mqtt://:x@h/n | user: none is given",
      })
  void theWrongPartIsNamed(String address, String message) {
    assertThatThrownBy(() -> MqttUri.parse(address))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("MQTT address: " + message);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mqtt://user:sec ret@h/n",
        "mqtt://user:sec@ret@h/n",
        "mqtt://user:secret@h:port/n",
        "mqtt://user:secret@/n",
        "mqtt://user:secret@h/n?x=1",
        "mqtt://user:secret@h",
        "mqtt://user:sec%zzret@h/n",
        "mqtt://user:sec#ret@h/n",
        "mqtt://user:sec/ret@h/n",
      })
  void noMessageHoldsThePassword(String address) {
    assertThatThrownBy(() -> MqttUri.parse(address))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("MQTT address: ")
        .hasNoCause()
        .message()
        .doesNotContain("secret", "sec", "ret");
  }

  @Test
  void neitherDoesAnythingElse() {
    String address = "mqtt://user:secret@h:1/n";
    assertThat(MqttUri.parse(address)).hasToString("mqtt://h:1/n");
    assertThat(settings(address)).hasToString("node 'n' at mqtt://h:1");
  }
}
