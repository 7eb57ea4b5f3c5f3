package io.cistern.gateway.load;

import java.util.concurrent.atomic.LongAdder;

/** The counters of a load, written by many threads. {@link LoadStats} says what each one means. */
final class Tally {
  final LongAdder framesSent = new LongAdder();
  final LongAdder echoesVerified = new LongAdder();
  final LongAdder echoMismatches = new LongAdder();
  final LongAdder busyAnswers = new LongAdder();
  final LongAdder oversizedSent = new LongAdder();
  final LongAdder oversizedRefused = new LongAdder();
  final LongAdder disconnects = new LongAdder();
  final LongAdder failures = new LongAdder();

  LoadStats snapshot() {
    return new LoadStats(
        framesSent.sum(),
        echoesVerified.sum(),
        echoMismatches.sum(),
        busyAnswers.sum(),
        oversizedSent.sum(),
        oversizedRefused.sum(),
        disconnects.sum(),
        failures.sum());
  }
}
