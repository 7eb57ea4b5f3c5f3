package io.cistern.jdk.jfr;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.ValueDescriptor;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** Our events of a recording that was written to a file and read back. */
record Recorded(List<RecordedEvent> events) {
  static final String PREFIX = "io.cistern.";

  /** The fields that every event has. */
  static final List<String> STANDARD =
      List.of("startTime", "duration", "eventThread", "stackTrace");

  /** Ends a recording and reads it back. */
  static Recorded of(Recording recording, Path folder) throws IOException {
    Path file = folder.resolve("test-" + recording.getId() + ".jfr");
    recording.stop();
    recording.dump(file);
    return read(file);
  }

  static Recorded read(Path file) {
    try {
      Predicate<RecordedEvent> ours = event -> event.getEventType().getName().startsWith(PREFIX);
      return new Recorded(RecordingFile.readAllEvents(file).stream().filter(ours).toList());
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  List<RecordedEvent> named(String name) {
    return events.stream()
        .filter(event -> event.getEventType().getName().equals(PREFIX + name))
        .toList();
  }

  /** Which events there are. */
  Set<String> names() {
    return events.stream()
        .map(event -> event.getEventType().getName().substring(PREFIX.length()))
        .collect(Collectors.toSet());
  }

  /** The last of that name. */
  RecordedEvent last(String name) {
    List<RecordedEvent> all = named(name);
    if (all.isEmpty()) {
      throw new AssertionError("no " + name + ", only " + names());
    }
    return all.getLast();
  }

  /** Its own fields with their values, in order, without time and place. */
  static String figures(RecordedEvent event) {
    StringBuilder text = new StringBuilder();
    for (ValueDescriptor field : event.getFields()) {
      String name = field.getName();
      if (!STANDARD.contains(name)) {
        text.append(text.isEmpty() ? "" : " ").append(name).append('=');
        Object value = event.getValue(name);
        text.append(value);
      }
    }
    return text.toString();
  }

  /** Whether the event's own stack goes through a method. */
  static boolean passes(RecordedEvent event, String method) {
    return event.getStackTrace() != null
        && event.getStackTrace().getFrames().stream()
            .anyMatch(frame -> frame.getMethod().getName().equals(method));
  }
}
