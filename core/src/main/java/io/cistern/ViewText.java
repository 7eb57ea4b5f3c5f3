package io.cistern;

import static java.util.stream.Collectors.joining;

import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.PaddingLayout;
import java.lang.foreign.SequenceLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.stream.LongStream;

/**
 * What {@code toString} of a view says: {@code Reading[volts=3.3, samples=[1, 2], at=[x=1, y=2]]}.
 * Members without a name are left out, and what comes after the 16th element of a sequence. For
 * people and debuggers; takes its time.
 */
final class ViewText {
  private static final int MOST_ELEMENTS = 16;

  private final String name;
  private final GroupLayout layout;

  private ViewText(Class<?> type, GroupLayout layout) {
    this.name = type.getSimpleName();
    this.layout = layout;
  }

  /** {@code (MemorySegment, long base) -> String}. */
  static MethodHandle of(Class<?> type, GroupLayout layout) {
    try {
      return MethodHandles.lookup()
          .bind(
              new ViewText(type, layout),
              "text",
              MethodType.methodType(String.class, MemorySegment.class, long.class));
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** What the view of a layout says that starts at an offset. */
  String text(MemorySegment segment, long base) {
    return name + group(layout, segment, base);
  }

  private static String text(MemoryLayout layout, MemorySegment segment, long offset) {
    return switch (layout) {
      case ValueLayout value -> value(value, segment, offset);
      case SequenceLayout sequence -> sequence(sequence, segment, offset);
      case GroupLayout group -> group(group, segment, offset);
      case PaddingLayout _ -> "";
    };
  }

  private static String value(ValueLayout layout, MemorySegment segment, long offset) {
    Object value = layout.withByteAlignment(1).varHandle().get(segment, offset);
    return value instanceof MemorySegment address
        ? "0x" + Long.toHexString(address.address())
        : String.valueOf(value);
  }

  private static String sequence(SequenceLayout layout, MemorySegment segment, long offset) {
    long stride = layout.elementLayout().byteSize();
    return LongStream.range(0, Math.min(layout.elementCount(), MOST_ELEMENTS))
        .mapToObj(i -> text(layout.elementLayout(), segment, offset + (i * stride)))
        .collect(joining(", ", "[", layout.elementCount() > MOST_ELEMENTS ? ", ...]" : "]"));
  }

  private static String group(GroupLayout layout, MemorySegment segment, long offset) {
    return layout.memberLayouts().stream()
        .filter(member -> !(member instanceof PaddingLayout))
        .flatMap(member ->
            member.name().stream()
                .map(name ->
                    name
                        + "="
                        + text(
                            member,
                            segment,
                            offset + layout.byteOffset(PathElement.groupElement(name)))))
        .collect(joining(", ", "[", "]"));
  }
}
