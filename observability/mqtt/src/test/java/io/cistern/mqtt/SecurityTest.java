package io.cistern.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Encryption with a certificate that the test makes, and credentials, against a real mosquitto. A
 * connection that must not come about is awaited in the broker's log. Budget: 10 s.
 */
@Timeout(60)
class SecurityTest {
  private static final String PASSWORD = "p@ss:w/rd %";

  @TempDir private Path folder;

  @Test
  void anEncryptedBrokerIsTrustedByItsCertificate() throws Exception {
    try (Broker broker = encrypted("dns:localhost,ip:127.0.0.1");
        Node node = new Node();
        MqttDiagnostics diagnostics =
            node.to(broker.port()).tls(folder.resolve("broker.pem")).start()) {
      Node.awaitConnected(diagnostics);
      node.doubleFree();
    }
  }

  @Test
  void aCertificateOfAnotherHostIsNotTrusted() throws Exception {
    try (Broker broker = encrypted("dns:elsewhere.invalid");
        Node node = new Node();
        MqttDiagnostics diagnostics =
            node.to(broker.port()).tls(folder.resolve("broker.pem")).start()) {
      awaitLog(broker, "certificate unknown");
      assertThat(diagnostics.isConnected()).isFalse();
    }
  }

  @Test
  void aCertificateThatNobodySignedIsNotTrusted() throws Exception {
    try (Broker broker = encrypted("dns:localhost,ip:127.0.0.1");
        Node node = new Node();
        MqttDiagnostics diagnostics = node.to(broker.port()).tls().start()) {
      awaitLog(broker, "certificate unknown");
      assertThat(diagnostics.isConnected()).isFalse();
    }
  }

  @Test
  void userAndPasswordAreSent() throws Exception {
    try (Broker broker = withPassword();
        Node node = new Node();
        MqttDiagnostics diagnostics =
            MqttDiagnostics.builder(node.manager)
                .uri("mqtt://gateway:p%40ss%3Aw%2Frd%20%25@127.0.0.1:" + broker.port() + "/gw-1")
                .start()) {
      Node.awaitConnected(diagnostics);
    }
  }

  @Test
  void aWrongPasswordIsRefusedAndInNoLog() throws Exception {
    try (Broker broker = withPassword();
        Node node = new Node();
        LogTrap log = new LogTrap();
        MqttDiagnostics diagnostics =
            node.to(broker.port()).credentials("gateway", "a-wrong-one").start()) {
      log.await("MQTT: node 'gw-1' at mqtt://127.0.0.1:" + broker.port() + " is not connected");
      assertThat(diagnostics.isConnected()).isFalse();
      assertThat(log.text()).contains("NOT_AUTHORIZED").doesNotContain("a-wrong-one");
    }
  }

  @Test
  void aFileThatIsNoCertificateIsRefusedByItsName() throws IOException {
    Path text = Files.writeString(folder.resolve("no.pem"), "hello");
    assertThatThrownBy(() -> new MqttDiagnostics.Builder().tls(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("certificates '" + text + "': ");
    assertThatThrownBy(() -> new MqttDiagnostics.Builder().tls(folder.resolve("none.pem")))
        .hasMessageEndingWith("none.pem': the file cannot be read");
  }

  private static void awaitLog(Broker broker, String text) {
    org.awaitility.Awaitility.await()
        .atMost(Subscriber.PATIENCE)
        .until(() -> broker.log().contains(text));
  }

  // --- brokers --------------------------------------------------------------------------------

  private Broker withPassword() throws Exception {
    Path file = folder.resolve("passwords");
    run(Broker.program("mosquitto_passwd"), "-b", "-c", file.toString(), "gateway", PASSWORD);
    return Broker.start(folder, "allow_anonymous false", "password_file " + file);
  }

  private Broker encrypted(String names) throws Exception {
    Path store = folder.resolve("broker.p12");
    run(
        Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
        "-genkeypair",
        "-alias",
        "broker",
        "-keyalg",
        "EC",
        "-dname",
        "CN=broker",
        "-ext",
        "san=" + names,
        "-validity",
        "2",
        "-storetype",
        "PKCS12",
        "-keystore",
        store.toString(),
        "-storepass",
        "changeit");
    java.security.KeyStore keys =
        java.security.KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
    pem("broker.pem", "CERTIFICATE", keys.getCertificate("broker").getEncoded());
    pem("broker.key", "PRIVATE KEY", keys.getKey("broker", "changeit".toCharArray()).getEncoded());
    return Broker.start(
        folder,
        "certfile " + folder.resolve("broker.pem"),
        "keyfile " + folder.resolve("broker.key"));
  }

  private void pem(String name, String what, byte[] content) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    Files.writeString(
        folder.resolve(name),
        "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(what, text, what));
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(output).isZero();
  }
}
