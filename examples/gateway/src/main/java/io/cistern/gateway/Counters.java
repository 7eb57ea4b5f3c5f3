package io.cistern.gateway;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The gateway's counters, written by many threads. {@link GatewayStats} says what each one means.
 */
final class Counters {
  final LongAdder framesReceived = new LongAdder();
  final LongAdder framesEchoed = new LongAdder();
  final LongAdder framesRejectedTooLarge = new LongAdder();
  final LongAdder framesDroppedExhausted = new LongAdder();
  final LongAdder framesAborted = new LongAdder();
  final LongAdder busyAnswers = new LongAdder();
  final LongAdder bytesReceived = new LongAdder();
  final LongAdder connectionsOpened = new LongAdder();
  final AtomicInteger checksum = new AtomicInteger();
  final AtomicInteger echoing = new AtomicInteger();

  GatewayStats snapshot(int connections) {
    return new GatewayStats(
        framesReceived.sum(),
        framesEchoed.sum(),
        framesRejectedTooLarge.sum(),
        framesDroppedExhausted.sum(),
        framesAborted.sum(),
        busyAnswers.sum(),
        bytesReceived.sum(),
        checksum.get(),
        echoing.get(),
        connections,
        connectionsOpened.sum());
  }
}
