package io.cistern;

import io.cistern.Accessor.Dimension;
import io.cistern.Accessor.Form;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.PaddingLayout;
import java.lang.foreign.SequenceLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds for each abstract method of an interface the member of its name, and which {@link Form} its
 * parameters and result are; what fits none is refused, with the forms that would.
 */
final class AccessorMatcher {
  /** Methods of {@link Object} that an interface may declare once more. */
  private static final Set<String> OF_EVERY_OBJECT =
      Set.of("boolean equals(Object)", "int hashCode()", "String toString()");

  private final @Nullable Lookup caller;
  private final Class<?> type;
  private final GroupLayout layout;
  private final Map<String, MemoryLayout> members = new LinkedHashMap<>();

  private AccessorMatcher(@Nullable Lookup caller, Class<?> type, GroupLayout layout) {
    this.caller = caller;
    this.type = type;
    this.layout = layout;
    for (MemoryLayout member : layout.memberLayouts()) {
      if (!(member instanceof PaddingLayout)) {
        member.name().ifPresent(name -> members.put(name, member));
      }
    }
  }

  /**
   * One accessor for each abstract method.
   *
   * @throws IllegalArgumentException for the first method, by name and parameters, that fits no
   *     member
   */
  static List<Accessor> match(@Nullable Lookup caller, Class<?> type, GroupLayout layout) {
    AccessorMatcher matcher = new AccessorMatcher(caller, type, layout);
    return methods(type).stream().map(matcher::match).toList();
  }

  /** Sorted; methods that several interfaces above declare alike are one. */
  private static List<Method> methods(Class<?> type) {
    Map<String, Method> methods = new TreeMap<>();
    Arrays.stream(type.getMethods())
        .filter(method -> Modifier.isAbstract(method.getModifiers()))
        .filter(method -> !OF_EVERY_OBJECT.contains(describe(method)))
        .sorted(Comparator.comparing(method -> method.getDeclaringClass().getName()))
        .forEach(method ->
            methods.put(
                method.getName()
                    + Arrays.toString(method.getParameterTypes())
                    + method.getReturnType(),
                method));
    return List.copyOf(methods.values());
  }

  private Accessor match(Method method) {
    MemoryLayout member = members.get(method.getName());
    if (member == null) {
      throw refused(method, "the layout has no such member; it has " + names());
    }
    List<Dimension> dimensions = new ArrayList<>();
    MemoryLayout element = member;
    while (element instanceof SequenceLayout sequence) {
      element = sequence.elementLayout();
      dimensions.add(new Dimension(sequence.elementCount(), element.byteSize()));
    }
    Form form = form(method, element, dimensions.size());
    if (form == null) {
      throw refused(
          method,
          "member '%s' is %s; allowed are %s"
              .formatted(
                  method.getName(),
                  describe(member),
                  allowed(method.getName(), element, dimensions.size())));
    }
    return new Accessor(
        method,
        form,
        element,
        layout.byteOffset(PathElement.groupElement(method.getName())),
        member.byteSize(),
        form == Form.SLICE ? List.of() : List.copyOf(dimensions),
        form == Form.NESTED
            ? View.of(caller, method.getReturnType(), (GroupLayout) element)
            : null);
  }

  private @Nullable Form form(Method method, MemoryLayout element, int dimensions) {
    Class<?>[] parameters = method.getParameterTypes();
    Class<?> result = method.getReturnType();
    if (method.getTypeParameters().length > 0) {
      return null;
    }
    if (parameters.length == 0
        && result.equals(MemorySegment.class)
        && (dimensions > 0 || element instanceof GroupLayout)) {
      return Form.SLICE;
    }
    if (parameters.length < dimensions || !areIndices(parameters, dimensions)) {
      return null;
    }
    return switch (element) {
      case ValueLayout value -> formOfValue(value, parameters, result, dimensions);
      case GroupLayout _ when parameters.length == dimensions && result.isInterface() ->
          Form.NESTED;
      default -> null;
    };
  }

  private static boolean areIndices(Class<?>[] parameters, int count) {
    return Arrays.stream(parameters, 0, count)
        .allMatch(parameter -> parameter.equals(int.class) || parameter.equals(long.class));
  }

  private @Nullable Form formOfValue(
      ValueLayout value, Class<?>[] parameters, Class<?> result, int dimensions) {
    if (parameters.length == dimensions) {
      return result.equals(value.carrier()) ? Form.GET : null;
    }
    if (parameters.length != dimensions + 1 || !parameters[dimensions].equals(value.carrier())) {
      return null;
    }
    if (result.equals(void.class)) {
      return Form.SET;
    }
    return result.isInterface() && result.isAssignableFrom(type) ? Form.CHAIN : null;
  }

  // --- refusals -------------------------------------------------------------------------------

  private IllegalArgumentException refused(Method method, String why) {
    String generics = method.getTypeParameters().length > 0 ? " is generic;" : "";
    return new IllegalArgumentException(
        "%s, method '%s':%s %s".formatted(type.getName(), describe(method), generics, why));
  }

  private String names() {
    return members.isEmpty() ? "none with a name" : String.join(", ", members.keySet());
  }

  private static String describe(Method method) {
    return "%s %s(%s)"
        .formatted(
            method.getReturnType().getSimpleName(),
            method.getName(),
            String.join(
                ", ",
                Arrays.stream(method.getParameterTypes()).map(Class::getSimpleName).toList()));
  }

  private static String describe(MemoryLayout member) {
    return switch (member) {
      case ValueLayout value -> "a value of type " + value.carrier().getSimpleName();
      case SequenceLayout sequence ->
          "a sequence of %d, each %s"
              .formatted(sequence.elementCount(), describe(sequence.elementLayout()));
      case GroupLayout group ->
          group instanceof java.lang.foreign.UnionLayout ? "a union" : "a struct";
      case PaddingLayout _ -> "padding";
    };
  }

  /** The forms of a member, an index shown as an int. */
  private String allowed(String name, MemoryLayout element, int dimensions) {
    List<String> indices = Stream.generate(() -> "int").limit(dimensions).toList();
    String get = name + "(" + String.join(", ", indices) + ")";
    List<String> forms = new ArrayList<>();
    if (element instanceof ValueLayout value) {
      String carrier = value.carrier().getSimpleName();
      String set =
          name
              + "("
              + String.join(", ", Stream.concat(indices.stream(), Stream.of(carrier)).toList())
              + ")";
      forms.add("'" + carrier + " " + get + "'");
      forms.add("'void " + set + "'");
      forms.add("'" + type.getSimpleName() + " " + set + "'");
    } else if (element instanceof GroupLayout) {
      forms.add("'Q " + get + "' with an interface Q of its members");
    }
    if (dimensions > 0 || element instanceof GroupLayout) {
      forms.add("'MemorySegment " + name + "()'");
    }
    return String.join(", ", forms) + (dimensions > 0 ? "; an index is an int or a long" : "");
  }
}
