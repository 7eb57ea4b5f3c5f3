package io.cistern;

import java.lang.foreign.GroupLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * One layout seen through one interface, and the class that was generated for it.
 *
 * <p>There is one for each pair, kept by the interface's {@link Class} itself. Who keeps whom:
 *
 * <pre>
 * pool ──► View ──► generated class ──► interface ──► table ─ ─ ► View       ─ ─ ►: weak
 *                         │
 *                         └──► Views of nested structs, by their constructors
 * </pre>
 *
 * The table consists of classes of the JDK alone and refers to views weakly. So an interface whose
 * class loader is dropped takes its views along, and a long-lived interface does not keep this
 * library. A view that nobody uses is made again at its next use.
 *
 * @param type the interface
 * @param layout without its name, so that members that differ in name alone share a view
 * @param constructor {@code (MemorySegment, long offset) -> Object}, for views nested in others
 * @param maker for views of a whole block
 * @param <T> the interface
 */
record View<T>(Class<T> type, GroupLayout layout, MethodHandle constructor, ViewMaker<T> maker) {
  private static final ClassValue<Map<GroupLayout, Reference<Object>>> KNOWN =
      new ClassValue<>() {
        @Override
        protected Map<GroupLayout, Reference<Object>> computeValue(Class<?> type) {
          return new ConcurrentHashMap<>();
        }
      };

  /**
   * The view of a pair.
   *
   * @param caller who may define classes beside the interface; null for this library itself
   * @throws IllegalArgumentException when the two do not fit, or the interface cannot be reached
   */
  static <T> View<T> of(@Nullable Lookup caller, Class<T> type, GroupLayout layout) {
    ViewChecks.check(type, layout);
    Lookup beside = PackageAccess.lookup(caller, type);
    Map<GroupLayout, Reference<Object>> known = KNOWN.get(type);
    GroupLayout unnamed = layout.withoutName();
    View<T> view = known(known, unnamed);
    return view == null ? keep(known, make(caller, beside, type, unnamed)) : view;
  }

  private static <T> View<T> make(
      @Nullable Lookup caller, Lookup beside, Class<T> type, GroupLayout layout) {
    List<Accessor> accessors = AccessorMatcher.match(caller, type, layout);
    MethodHandle constructor = ViewWriter.define(beside, type, layout, accessors);
    return new View<>(type, layout, constructor, ViewWriter.<T>maker(constructor));
  }

  /** Whichever view of a pair came first; tables of two interfaces are never locked at once. */
  private static <T> View<T> keep(Map<GroupLayout, Reference<Object>> known, View<T> made) {
    synchronized (known) {
      View<T> first = known(known, made.layout);
      if (first != null) {
        return first;
      }
      known.values().removeIf(view -> view.refersTo(null));
      known.put(made.layout, new WeakReference<>(made));
      return made;
    }
  }

  @SuppressWarnings("unchecked") // the table is that of the type
  private static <T> @Nullable View<T> known(
      Map<GroupLayout, Reference<Object>> known, GroupLayout layout) {
    Reference<Object> view = known.get(layout);
    return view == null ? null : (View<T>) view.get();
  }
}
