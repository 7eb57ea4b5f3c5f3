package io.cistern.misuse;

import io.cistern.CheckLevel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * All cases, and how one of them is run: in a fresh pool of one kind at one level. What comes of it
 * is observed, never assumed.
 */
final class MisuseSuite {
  private MisuseSuite() {}

  /** In the order of the table. */
  static List<MisuseCase> cases() {
    List<MisuseCase> cases = new ArrayList<>();
    cases.addAll(DoubleFrees.cases());
    cases.addAll(ForeignFrees.cases());
    cases.addAll(StaleUse.cases());
    cases.addAll(Bounds.cases());
    cases.addAll(UseAfterFree.cases());
    cases.addAll(FromElsewhere.cases());
    cases.addAll(Closing.cases());
    cases.addAll(InUse.cases());
    cases.addAll(Arenas.cases());
    cases.addAll(TypedObjects.cases());
    return cases;
  }

  /**
   * Runs a case.
   *
   * @param scratch a folder for files
   * @return what became of it
   * @throws Exception when it could not be set up
   */
  static Outcome run(MisuseCase one, PoolKind kind, CheckLevel level, Path scratch)
      throws Exception {
    try (Stage stage = new Stage(kind, level, scratch)) {
      one.misuse().commit(stage);
      return Aftermath.of(stage);
    }
  }
}
