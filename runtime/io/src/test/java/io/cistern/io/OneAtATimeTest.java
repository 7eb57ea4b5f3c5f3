package io.cistern.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Every step of the state picture. Budget: 1 s. */
class OneAtATimeTest {
  private final OneAtATime use = new OneAtATime("thing 7");

  @Test
  void servesOneCallAfterTheOther() {
    use.enter();
    assertThat(use.leave()).isFalse();
    use.enter();
    assertThat(use.leave()).isFalse();
    assertThat(use.isClosed()).isFalse();
  }

  @Test
  void refusesACallDuringACall() {
    use.enter();
    assertThatThrownBy(use::enter)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("thing 7 is in use by another call: it serves one at a time");
    assertThat(use.leave()).isFalse();
    use.enter();
  }

  @Test
  void closedBetweenCallsTheCloserFrees() {
    assertThat(use.close()).isTrue();
    assertThat(use.close()).isFalse();
    assertThat(use.isClosed()).isTrue();
    assertThatThrownBy(use::enter)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("thing 7 is closed");
  }

  @Test
  void closedDuringACallTheCallFrees() {
    use.enter();
    assertThat(use.close()).isFalse();
    assertThat(use.isClosed()).isTrue();
    assertThat(use.close()).isFalse();
    assertThatThrownBy(use::enter).hasMessage("thing 7 is closed");
    assertThat(use.leave()).isTrue();
    assertThat(use.close()).isFalse();
    assertThatThrownBy(use::enter).hasMessage("thing 7 is closed");
  }

  @Test
  void reopenedItIsAsIfItHadNeverBeenClosed() {
    assertThat(use.close()).isTrue();
    use.reopen();
    assertThat(use.isClosed()).isFalse();
    use.enter();
    assertThat(use.leave()).isFalse();
    assertThat(use.close()).isTrue();
  }
}
