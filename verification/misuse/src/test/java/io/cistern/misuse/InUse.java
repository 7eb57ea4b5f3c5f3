package io.cistern.misuse;

import io.cistern.Pin;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;

/**
 * Blocks that are freed while the operating system, or somebody with a pin, is at work on them; and
 * pins that are misused. That a free is put off is told, so it counts as reported at free.
 */
final class InUse {
  private static final Expected PUT_OFF = Expected.always(Outcome.AT_FREE);
  private static final Expected DOUBLE = Expected.thrown("DOUBLE_FREE");
  private static final Expected FOREIGN = Expected.thrown("FOREIGN");
  private static final Expected CLOSED = Expected.thrown("IllegalStateException");

  private InUse() {}

  static List<MisuseCase> cases() {
    List<MisuseCase> cases = new ArrayList<>();
    cases.addAll(duringRead());
    for (FreeForm form : FreeForm.values()) {
      cases.add(
          of(
              "free while it is pinned",
              form.text(),
              PUT_OFF,
              stage -> {
                Victim victim = stage.victim();
                Pin pin = victim.block().pin();
                stage.misuse(() -> form.free(stage.pool(), victim));
                stage.forget(victim);
                pin.close();
              }));
      MisuseCase again =
          of(
              "double free while it is pinned",
              form.text(),
              DOUBLE,
              stage -> {
                Victim victim = stage.victim();
                Pin pin = victim.block().pin();
                stage.free(victim);
                stage.misuse(() -> form.free(stage.pool(), victim));
                pin.close();
              });
      cases.add(form == FreeForm.ADDRESS ? again.except(FOREIGN, PoolKind.FALLBACK) : again);
    }
    cases.addAll(pins());
    return cases;
  }

  private static MisuseCase of(String row, String variant, Expected expected, Misuse misuse) {
    return MisuseCase.of(Group.IN_USE, row, variant, expected, misuse);
  }

  /** Fallback memory is not freed before the read is over: its free waits for that. */
  private static List<MisuseCase> duringRead() {
    Expected unpinned =
        Expected.unseenThen(Outcome.AT_REUSE, Outcome.thrown("IllegalStateException"));
    return List.of(
        of(
                "free while a read into it is under way",
                "not pinned",
                unpinned,
                stage -> {
                  Victim victim = stage.victim();
                  freeDuringRead(stage, victim, victim.buffer());
                  if (stage.thrown().isPresent()) {
                    stage.living().refill(victim);
                  } else {
                    stage.forget(victim);
                  }
                })
            .notIn(PoolKind.FALLBACK),
        of(
            "free while a read into it is under way",
            "pinned",
            PUT_OFF,
            stage -> {
              Victim victim = stage.victim();
              Pin pin = victim.block().pin();
              freeDuringRead(stage, victim, pin.segment().asByteBuffer());
              stage.forget(victim);
              pin.close();
            }));
  }

  /** The read has begun when the block is freed, and ends after that. */
  private static void freeDuringRead(Stage stage, Victim victim, ByteBuffer into) throws Exception {
    Pipe pipe = Pipe.open();
    stage.atEnd(pipe.sink());
    stage.atEnd(pipe.source());
    FutureTask<Integer> read = new FutureTask<>(() -> pipe.source().read(into));
    Thread reader = Thread.ofPlatform().daemon().start(read);
    Elsewhere.untilIn(reader, "read0");
    stage.misuse(victim.block()::close);
    pipe.sink().write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    read.get();
  }

  private static List<MisuseCase> pins() {
    return List.of(
        of(
            "close a pin twice",
            "the only one",
            CLOSED,
            stage -> {
              Pin pin = stage.victim().block().pin();
              pin.close();
              stage.misuse(pin::close);
            }),
        of(
            "close a pin twice",
            "while another is open",
            CLOSED,
            stage -> {
              Victim victim = stage.victim();
              Pin pin = victim.block().pin();
              Pin other = victim.block().pin();
              pin.close();
              stage.misuse(pin::close);
              other.close();
            }),
        of(
            "segment of a closed pin",
            "",
            CLOSED,
            stage -> {
              Pin pin = stage.victim().block().pin();
              pin.close();
              stage.misuse(pin::segment);
            }),
        of(
            "pin what is freed, and still pinned",
            "",
            CLOSED,
            stage -> {
              Victim victim = stage.victim();
              Pin pin = victim.block().pin();
              stage.free(victim);
              stage.misuse(victim.block()::pin);
              pin.close();
            }),
        of(
            "close the pool while a freed block is pinned",
            "",
            CLOSED,
            stage -> {
              Victim victim = stage.victim();
              Pin pin = victim.block().pin();
              stage.living().all().forEach(stage::free);
              stage.misuse(stage.pool()::close);
              pin.close();
            }));
  }
}
