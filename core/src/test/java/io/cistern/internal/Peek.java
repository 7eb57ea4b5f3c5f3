package io.cistern.internal;

import java.lang.reflect.Field;

/** Looks at and damages private state, to show that checks see it. */
public final class Peek {
  private Peek() {}

  /** The value of a private field of an object or of one of its superclasses. */
  public static Object get(Object target, String field) {
    try {
      return find(target.getClass(), field).get(target);
    } catch (ReflectiveOperationException changed) {
      throw new IllegalStateException(target.getClass() + " has no field " + field, changed);
    }
  }

  public static void set(Object target, String field, Object value) {
    try {
      find(target.getClass(), field).set(target, value);
    } catch (ReflectiveOperationException changed) {
      throw new IllegalStateException(target.getClass() + " has no field " + field, changed);
    }
  }

  private static Field find(Class<?> type, String name) throws NoSuchFieldException {
    try {
      Field field = type.getDeclaredField(name);
      field.setAccessible(true);
      return field;
    } catch (NoSuchFieldException notHere) {
      if (type.getSuperclass() == null) {
        throw notHere;
      }
      return find(type.getSuperclass(), name);
    }
  }
}
