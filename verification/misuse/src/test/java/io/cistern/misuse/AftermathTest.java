package io.cistern.misuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cistern.CheckLevel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever observes must be able to see. Time budget: 2 s. */
class AftermathTest {
  @TempDir private Path scratch;

  private Outcome observe(CheckLevel level, Misuse misuse) throws Exception {
    MisuseCase one =
        MisuseCase.of(Group.FREES, "test", "", Expected.always(Outcome.NOT_SEEN), misuse);
    return MisuseSuite.run(one, PoolKind.TIERS, level, scratch);
  }

  @Test
  void whatIsRightIsNotSeen() throws Exception {
    for (CheckLevel level : CheckLevel.values()) {
      Outcome outcome =
          observe(
              level,
              stage -> {
                Victim victim = stage.victim();
                stage.misuse(() -> stage.free(victim));
              });
      assertThat(outcome).isEqualTo(Outcome.NOT_SEEN);
    }
  }

  @Test
  void whatIsThrownIsNamed() throws Exception {
    Outcome outcome =
        observe(CheckLevel.STANDARD, stage -> stage.misuse(() -> stage.pool().free(-1)));
    assertThat(outcome).isEqualTo(Outcome.thrown("FOREIGN"));
    assertThat(outcome.text()).isEqualTo("`FOREIGN`");
  }

  @Test
  void aThrownMisuseThatChangedSomethingIsAFailure() {
    assertThatThrownBy(() ->
            observe(
                CheckLevel.STANDARD,
                stage -> {
                  Victim victim = stage.victim();
                  stage.misuse(() -> {
                    victim.segment().fill((byte) 0);
                    throw new IllegalStateException("too late");
                  });
                }))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("thrown, and yet: [MemoryBlock[block 1 of 256 B, generation ")
        .hasMessageEndingWith(" of pool 'pool', 200 B, live] was written to], not seen");
  }

  @Test
  void aBlockThatSomebodyElseFreedIsNoticedAtItsOwnersFree() throws Exception {
    Outcome outcome =
        observe(
            CheckLevel.STANDARD,
            stage -> {
              Victim victim = stage.victim();
              stage.misuse(victim.block()::close);
            });
    assertThat(outcome).isEqualTo(new Outcome(Seen.REPORTED_AT_FREE, "DOUBLE_FREE"));
  }

  @Test
  void aCaseThatMisusesNothingIsAFailure() {
    assertThatThrownBy(() -> observe(CheckLevel.STANDARD, Stage::victim))
        .hasMessage("nothing was misused");
  }
}
