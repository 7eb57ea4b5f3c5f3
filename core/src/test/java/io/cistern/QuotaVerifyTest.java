package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;

import io.cistern.internal.Allowance;
import io.cistern.internal.Peek;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is damaged in a tree of quotas is found, and by its figures. Time budget: 1 second. */
class QuotaVerifyTest {
  private final Quota root = Quota.root(1000);
  private final Quota network = root.child("network", 500, 100, false);
  private final Quota tcp = network.child("tcp", 400, 50, false);

  @BeforeEach
  void charge() {
    assertThat(root.charge(10)).isNull();
    assertThat(network.charge(20)).isNull();
    assertThat(tcp.charge(200)).isNull();
    assertThat(root.verify()).isEmpty();
  }

  private static Allowance committed(Quota quota) {
    return (Allowance) Peek.get(quota, "committed");
  }

  @Test
  void whatWasLost() {
    committed(tcp).giveBack(1);
    assertThat(root.verify())
        .containsExactly(
            "quota 'network': 220 B committed, but 219 B by use",
            "quota 'network/tcp': 199 B committed, but 200 B by use");
  }

  @Test
  void whatLeaked() {
    assertThat(committed(root).tryTake(7)).isTrue();
    assertThat(root.verify()).containsExactly("quota '': 237 B committed, but 230 B by use");
  }

  @Test
  void aGuaranteeThatIsNotKept() {
    tcp.uncharge(200);
    assertThat(root.verify()).isEmpty();
    committed(network).giveBack(50);
    assertThat(network.verify())
        .containsExactly("quota 'network': 20 B committed, but 70 B by use");
  }

  @Test
  void whatWasGivenBackElsewhere() {
    network.uncharge(21);
    assertThat(root.verify())
        .containsExactly("quota 'network': 199 B used, but 200 B by those below");
  }

  @Test
  void aLimitThatIsOverstepped() {
    Peek.set(committed(network), "limit0", 219L);
    assertThat(root.verify()).containsExactly("quota 'network': 220 B committed of 219 B");
  }
}
