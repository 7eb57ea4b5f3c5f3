package io.cistern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The rules of a tree of quotas, one thread. Against a model: {@link QuotaModelTest}; several
 * threads: {@link QuotaThreadsTest}. Time budget: 1 second.
 */
class QuotaTest {
  private final Quota root = Quota.root(1000);

  @AfterEach
  void walk() {
    assertThat(root.verify()).isEmpty();
  }

  private Quota child(String name, long limit, long guaranteed) {
    return root.child(name, limit, guaranteed, false);
  }

  private static void assertUsed(Quota quota, long used, long peak) {
    assertThat(quota.usedBytes()).as("used of %s", quota).isEqualTo(used);
    assertThat(quota.peakBytes()).as("peak of %s", quota).isEqualTo(peak);
  }

  @Test
  void aNodeKnowsItsPlace() {
    Quota network = root.child("network", 500, 100, false);
    Quota tcp = network.child("tcp-4_b", 400, 50, false);
    assertThat(root.name()).isEmpty();
    assertThat(root.path()).isEmpty();
    assertThat(network.path()).isEqualTo("network");
    assertThat(tcp.name()).isEqualTo("tcp-4_b");
    assertThat(tcp.path()).isEqualTo("network/tcp-4_b");
    assertThat(tcp.limitBytes()).isEqualTo(400);
    assertThat(tcp.guaranteedBytes()).isEqualTo(50);
    assertThat(root.children()).containsExactly(network);
    assertThat(network.children()).containsExactly(tcp).isUnmodifiable();
    assertThat(tcp.children()).isEmpty();
  }

  @Test
  void whatIsChargedIsChargedToAllAbove() {
    Quota network = child("network", 500, 0);
    Quota tcp = network.child("tcp", 400, 0, false);
    assertThat(tcp.charge(300)).isNull();
    assertThat(network.charge(20)).isNull();
    assertThat(root.charge(1)).isNull();
    assertUsed(tcp, 300, 300);
    assertUsed(network, 320, 320);
    assertUsed(root, 321, 321);
    tcp.uncharge(299);
    network.uncharge(20);
    assertUsed(tcp, 1, 300);
    assertUsed(network, 1, 320);
    assertUsed(root, 2, 321);
  }

  @Test
  void everyNodeAboveMayRefuseAndCountsIt() {
    Quota network = child("network", 500, 0);
    Quota tcp = network.child("tcp", 400, 0, false);
    assertThat(tcp.charge(401)).isEqualTo(tcp);
    assertThat(network.charge(200)).isNull();
    assertThat(tcp.charge(301)).isEqualTo(network);
    assertThat(root.charge(700)).isNull();
    assertThat(tcp.charge(101)).isEqualTo(root);
    assertThat(tcp.charge(100)).isNull();
    assertThat(tcp.charge(301)).as("the lowest refuses").isEqualTo(tcp);
    assertUsed(tcp, 100, 100);
    assertUsed(network, 300, 300);
    assertUsed(root, 1000, 1000);
    assertThat(tcp.failed()).isEqualTo(2);
    assertThat(network.failed()).isEqualTo(1);
    assertThat(root.failed()).isEqualTo(1);
  }

  @Test
  void aGuaranteeIsKeptWhateverOthersTake() {
    Quota kept = child("kept", 500, 300);
    Quota greedy = child("greedy", 2000, 0);
    assertThat(root.usedBytes()).as("kept is not used").isZero();
    assertThat(greedy.charge(701)).isEqualTo(root);
    assertThat(greedy.charge(700)).isNull();
    assertThat(root.charge(1)).isEqualTo(root);
    assertThat(kept.charge(299)).isNull();
    assertThat(kept.charge(1)).isNull();
    assertThat(kept.charge(1)).isEqualTo(root);
    assertUsed(root, 1000, 1000);
    kept.uncharge(300);
    assertThat(greedy.charge(1)).as("it stays kept").isEqualTo(root);
    greedy.uncharge(100);
    assertThat(kept.charge(400)).as("and what is free, too").isNull();
  }

  @Test
  void aGuaranteeIsSharedByAllBelowIt() {
    Quota module = child("module", 600, 400);
    Quota part = module.child("part", 600, 250, false);
    assertThat(root.charge(600)).isNull();
    assertThat(module.charge(150)).isNull();
    assertThat(module.charge(1)).as("the rest is kept for the part").isEqualTo(root);
    assertThat(part.charge(250)).isNull();
    assertThat(part.charge(1)).isEqualTo(root);
    root.uncharge(10);
    assertThat(part.charge(10)).isNull();
    part.uncharge(260);
    assertThat(root.charge(10)).isNull();
    assertThat(root.charge(1)).isEqualTo(root);
  }

  @Test
  void hugeAmountsDoNotOverflow() {
    Quota all = Quota.root(Long.MAX_VALUE);
    Quota kept = all.child("kept", Long.MAX_VALUE, Long.MAX_VALUE - 10, false);
    Quota other = all.child("other", Long.MAX_VALUE, 0, false);
    assertThat(other.charge(Long.MAX_VALUE)).isEqualTo(all);
    assertThat(other.charge(10)).isNull();
    assertThat(kept.charge(Long.MAX_VALUE)).isEqualTo(all);
    assertThat(kept.charge(Long.MAX_VALUE - 10)).isNull();
    assertThat(other.charge(Long.MAX_VALUE)).isEqualTo(other);
    assertUsed(all, Long.MAX_VALUE, Long.MAX_VALUE);
    assertThat(all.verify()).isEmpty();
  }

  @Test
  void criticalIsInherited() {
    Quota plain = child("plain", 10, 0);
    Quota critical = root.child("critical", 10, 0, true);
    assertThat(root.isCritical()).isFalse();
    assertThat(plain.child("below", 10, 0, false).isCritical()).isFalse();
    assertThat(plain.child("other", 10, 0, true).isCritical()).isTrue();
    assertThat(critical.child("below", 10, 0, false).isCritical()).isTrue();
    assertThat(critical)
        .hasToString(
            "quota 'critical': 0 B used of 10 B, peak 0 B, guaranteed 0 B, 0 refused, critical");
  }

  @Test
  void aNodeIsFoundByItsNumber() {
    assertThat(root.number).isZero();
    Quota last = root;
    for (int number = 1; number <= 100; number++) {
      last = (number % 3 == 0 ? last : root).child("n" + number, 10, 0, false);
      assertThat(last.number).isEqualTo(number);
      assertThat(root.byNumber(number)).isEqualTo(last);
      assertThat(last.byNumber(number - 1).number).isEqualTo(number - 1);
    }
    for (int none : new int[] {-1, 101, 127, 128, Quota.MAX}) {
      assertThatThrownBy(() -> root.byNumber(none))
          .isInstanceOf(IndexOutOfBoundsException.class)
          .hasMessage("there is no quota of number " + none);
    }
  }

  @Test
  void aTreeHasAsManyNodesAsSixteenBitsCanName() {
    Quota last = Quota.root(10);
    for (int number = 1; number < Quota.MAX; number++) {
      Quota parent = number % 256 == 1 ? last.byNumber(0) : last;
      last = parent.child("n" + number, 10, 0, false);
    }
    Quota full = last;
    assertThat(full.number).isEqualTo(65_534);
    assertThatIllegalStateException()
        .isThrownBy(() -> full.byNumber(1).child("more", 10, 0, false))
        .withMessage("quota 'n1/more': there are 65535 quotas, the most");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1a", "-a", "_a", "a/b", "a b", "ä", "a.", "a\n"})
  void namesAreSimple(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> child(name, 10, 0))
        .withMessage("quota name '" + name + "': a letter, then letters, digits, '_' and '-'");
    assertThat(root.children()).isEmpty();
  }

  @Test
  void aNodeIsRefusedWithTheFigures() {
    Quota a = child("a", 500, 300);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> child("a", 10, 0))
        .withMessage("quota 'a': there is one of that name");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> a.child("b", 10, 11, false))
        .withMessage("quota 'a/b': a guarantee of 11 B is more than the limit of 10 B");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> child("b", -1, 0))
        .withMessage("quota 'b': a limit of -1 B, at least 0 is needed");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> child("b", 10, -2))
        .withMessage("quota 'b': a guarantee of -2 B, at least 0 is needed");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> child("b", 5000, 701))
        .withMessage(
            "quota 'b': a guarantee of 701 B, with 300 B of the others, is more than the limit"
                + " 1000 B of quota ''");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Quota.root(-3))
        .withMessage("quota '': a limit of -3 B, at least 0 is needed");
    assertThat(root.children()).containsExactly(a);
    assertThat(child("b", 5000, 700).number).as("numbers are not lost").isEqualTo(2);
  }

  @Test
  void aGuaranteeThatCannotBeKeptNowIsRefused() {
    assertThat(root.charge(600)).isNull();
    Quota module = child("module", 900, 0);
    assertThatIllegalStateException()
        .isThrownBy(() -> module.child("part", 500, 401, false))
        .withMessage(
            "quota 'module/part': a guarantee of 401 B cannot be kept, quota '' of 1000 B has 400 B"
                + " left");
    assertThat(module.children()).isEmpty();
    assertThat(root.failed()).as("it was no request").isZero();
    assertThat(module.child("part", 500, 400, false).charge(400)).isNull();
  }

  @Test
  void aLimitChanges() {
    Quota network = child("network", 500, 100);
    Quota tcp = network.child("tcp", 400, 60, false);
    assertThat(network.charge(200)).isNull();
    assertThat(tcp.charge(10)).isNull();
    assertThatIllegalStateException()
        .isThrownBy(() -> network.setLimit(259))
        .withMessage(
            "quota 'network': a limit of 259 B is less than the 210 B used and 50 B kept for"
                + " guarantees");
    assertThat(network.limitBytes()).isEqualTo(500);
    network.setLimit(260);
    assertThat(network.charge(1)).isEqualTo(network);
    assertThat(tcp.charge(50)).isNull();
    assertThat(tcp.charge(1)).isEqualTo(network);
    network.setLimit(Long.MAX_VALUE);
    assertThat(tcp.charge(340)).isNull();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.setLimit(99))
        .withMessage("quota 'network': a limit of 99 B is less than the guarantee of 100 B");
  }

  @Test
  void moreThanIsUsedCannotBeGivenBack() {
    Quota network = child("network", 500, 100);
    assertThat(root.charge(50)).isNull();
    assertThat(network.charge(20)).isNull();
    assertThatIllegalStateException()
        .isThrownBy(() -> network.uncharge(21))
        .withMessage("quota 'network': 21 B given back, but only 20 B used");
    assertUsed(network, 20, 20);
    assertUsed(root, 70, 70);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.uncharge(-1))
        .withMessage("quota 'network': a return of -1 B, at least 0 is needed");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> network.charge(-1))
        .withMessage("quota 'network': a charge of -1 B, at least 0 is needed");
  }
}
