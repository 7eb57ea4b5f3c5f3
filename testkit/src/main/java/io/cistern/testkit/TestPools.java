package io.cistern.testkit;

import io.cistern.MemoryPool;
import io.cistern.OpenPools;
import io.cistern.PoolManager;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstances;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** Finds the pools of a test: in its fields, and among all that are open. */
final class TestPools {
  private TestPools() {}

  /** All that are open, unless another test that runs at the same time may have opened them. */
  static Collection<MemoryPool> open(ExtensionContext context) {
    return context.getExecutionMode() == ExecutionMode.CONCURRENT ? List.of() : OpenPools.list();
  }

  /** Those in static fields. */
  static Collection<MemoryPool> inStaticFields(ExtensionContext context) {
    Set<MemoryPool> found = Collections.newSetFromMap(new IdentityHashMap<>());
    Class<?> type = context.getTestClass().orElse(null);
    while (type != null) { // a nested test class may use what its enclosing class has
      addFields(type, null, found);
      type = type.getEnclosingClass();
    }
    return found;
  }

  /** Those in fields of the test's instance and of those around it. */
  static Collection<MemoryPool> inFields(ExtensionContext context) {
    Set<MemoryPool> found = Collections.newSetFromMap(new IdentityHashMap<>());
    context.getTestInstances().map(TestInstances::getAllInstances).orElse(List.of()).stream()
        .forEach(instance -> addFields(instance.getClass(), instance, found));
    return found;
  }

  private static void addFields(Class<?> type, @Nullable Object instance, Set<MemoryPool> found) {
    List<Field> fields =
        ReflectionSupport.findFields(
            type,
            field ->
                isPool(field.getType())
                    && Modifier.isStatic(field.getModifiers()) == (instance == null),
            HierarchyTraversalMode.TOP_DOWN);
    for (Field field : fields) {
      found.addAll(pools(read(field, instance)));
    }
  }

  private static boolean isPool(Class<?> type) {
    return type.equals(MemoryPool.class) || type.equals(PoolManager.class);
  }

  private static @Nullable Object read(Field field, @Nullable Object instance) {
    try {
      return ReflectionSupport.tryToReadFieldValue(field, instance).get();
    } catch (Exception refused) {
      throw new ExtensionConfigurationException(
          "@NoLeaks cannot read field '%s' of %s: open its package to org.junit.platform.commons"
              .formatted(field.getName(), field.getDeclaringClass().getName()),
          refused);
    }
  }

  private static Collection<MemoryPool> pools(@Nullable Object value) {
    return switch (value) {
      case MemoryPool pool -> List.of(pool);
      case PoolManager manager -> new ArrayList<>(manager.pools());
      case null, default -> List.of();
    };
  }
}
