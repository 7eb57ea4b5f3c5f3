package io.cistern.jdk;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.Map;
import javax.management.openmbean.ArrayType;
import javax.management.openmbean.CompositeData;
import javax.management.openmbean.CompositeDataSupport;
import javax.management.openmbean.CompositeType;
import javax.management.openmbean.OpenDataException;
import javax.management.openmbean.OpenType;
import javax.management.openmbean.SimpleType;

/**
 * Records as JMX's composite data, for the user data of notifications: the items are named as the
 * components are, enums become their names, lists the texts of their elements. What attributes
 * return the JDK itself maps in the same way, but it offers that to nobody else.
 */
final class RecordData {
  private static final Map<Class<?>, SimpleType<?>> SIMPLE =
      Map.of(
          int.class, SimpleType.INTEGER,
          long.class, SimpleType.LONG,
          double.class, SimpleType.DOUBLE,
          boolean.class, SimpleType.BOOLEAN,
          String.class, SimpleType.STRING);

  private RecordData() {}

  /**
   * The composite data of a record.
   *
   * @throws IllegalArgumentException when a component has a type that is not foreseen
   */
  static CompositeData of(Record figures) {
    RecordComponent[] components = figures.getClass().getRecordComponents();
    String[] names = new String[components.length];
    OpenType<?>[] types = new OpenType<?>[components.length];
    Object[] values = new Object[components.length];
    try {
      for (int i = 0; i < components.length; i++) {
        names[i] = components[i].getName();
        values[i] = value(components[i].getAccessor().invoke(figures));
        types[i] = type(components[i].getType(), values[i]);
      }
      String name = figures.getClass().getName();
      CompositeType type = new CompositeType(name, name, names, names, types);
      return new CompositeDataSupport(type, names, values);
    } catch (OpenDataException | ReflectiveOperationException wrong) {
      throw new IllegalArgumentException(
          "%s is no composite data: %s".formatted(figures.getClass(), wrong), wrong);
    }
  }

  private static Object value(Object component) {
    return switch (component) {
      case Enum<?> constant -> constant.name();
      case List<?> list -> list.stream().map(Object::toString).toArray(String[]::new);
      case Record nested -> of(nested);
      default -> component;
    };
  }

  private static OpenType<?> type(Class<?> declared, Object value) throws OpenDataException {
    return switch (value) {
      case CompositeData nested -> nested.getCompositeType();
      case String[] texts -> ArrayType.getArrayType(SimpleType.STRING);
      case String text -> SimpleType.STRING;
      default -> {
        SimpleType<?> simple = SIMPLE.get(declared);
        if (simple == null) {
          throw new OpenDataException(declared + " is not foreseen");
        }
        yield simple;
      }
    };
  }
}
