package io.cistern.examples.jetty;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.jetty.CisternByteBufferPool;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The example serves, and has no block live when it is closed. Time budget: 5 seconds. */
@Timeout(60)
class JettyServerExampleTest {
  @Test
  void servesAndKeepsNothing() throws Exception {
    try (JettyServerExample example = new JettyServerExample(0, new CisternByteBufferPool())) {
      byte[] sent = new byte[300_000];
      Arrays.fill(sent, (byte) 7);
      HttpURLConnection post = connection(example);
      post.setDoOutput(true);
      post.getOutputStream().write(sent);
      assertThat(post.getInputStream().readAllBytes()).isEqualTo(sent);
      byte[] state = connection(example).getInputStream().readAllBytes();
      assertThat(new String(state, StandardCharsets.UTF_8))
          .contains("pool 'jetty', ", "pool 'jetty-growth', ");
    } // closing the pools fails when a block is live
  }

  private static HttpURLConnection connection(JettyServerExample example) throws IOException {
    URI uri = URI.create("http://127.0.0.1:%d/".formatted(example.port()));
    return (HttpURLConnection) uri.toURL().openConnection();
  }
}
