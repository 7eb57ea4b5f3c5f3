package io.cistern.jdk.jfr;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.SettingDefinition;
import jdk.jfr.StackTrace;

/**
 * What every event of a pool has. Subclasses are plain data: the fields are what a recording shows,
 * under the names of the records that they are taken from. Those that happen on the thread that
 * caused them have the recorder's own stack; the others have the stack that matters as text.
 */
@Category("Cistern")
@StackTrace(false)
abstract class PoolEvent extends Event {
  @Label("Pool")
  @Description("Name of the pool")
  String pool;

  PoolEvent(String pool) {
    this.pool = pool;
  }

  /** Asked by the recorder when the event is to be committed. */
  @SettingDefinition
  @Name("pools")
  @Label("Pools")
  @Description(
      "Names of the pools whose events are recorded, with commas between; * stands for any characters")
  boolean pools(PoolFilter filter) {
    return filter.matches(pool);
  }
}
