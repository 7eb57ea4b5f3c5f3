package io.cistern.concurrency.quota;

import io.cistern.Quota;
import io.cistern.internal.Allowance;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;

/** What {@link Quota} keeps to its package: pools alone charge it. */
public final class Quotas {
  private static final MethodHandle ROOT;
  private static final MethodHandle CHILD;
  private static final MethodHandle CHARGE;
  private static final MethodHandle UNCHARGE;
  private static final MethodHandle SET_LIMIT;
  private static final MethodHandle VERIFY;
  private static final MethodHandle COMMITTED;

  static {
    try {
      MethodHandles.Lookup in = MethodHandles.privateLookupIn(Quota.class, MethodHandles.lookup());
      ROOT = in.findStatic(Quota.class, "root", type(Quota.class, long.class));
      MethodType child = type(Quota.class, String.class, long.class, long.class, boolean.class);
      CHILD = in.findVirtual(Quota.class, "child", child);
      CHARGE = in.findVirtual(Quota.class, "charge", type(Quota.class, long.class));
      UNCHARGE = in.findVirtual(Quota.class, "uncharge", type(void.class, long.class));
      SET_LIMIT = in.findVirtual(Quota.class, "setLimit", type(void.class, long.class));
      VERIFY = in.findVirtual(Quota.class, "verify", type(List.class));
      COMMITTED = in.findGetter(Quota.class, "committed", Allowance.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private Quotas() {}

  private static MethodType type(Class<?> result, Class<?>... arguments) {
    return MethodType.methodType(result, arguments);
  }

  /**
   * A tree of one node.
   *
   * @param limit bytes
   * @return the root
   */
  public static Quota root(long limit) {
    try {
      return (Quota) ROOT.invokeExact(limit);
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
  }

  /**
   * Adds a node that is not critical.
   *
   * @param parent of it
   * @param name of it
   * @param limit bytes
   * @param guaranteed bytes
   * @return the new node
   */
  public static Quota child(Quota parent, String name, long limit, long guaranteed) {
    try {
      return (Quota) CHILD.invokeExact(parent, name, limit, guaranteed, false);
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
  }

  /**
   * Charges, if all nodes above allow it.
   *
   * @param quota that is charged
   * @param bytes at least 0
   * @return whether they were charged
   */
  public static boolean charge(Quota quota, long bytes) {
    try {
      return (Quota) CHARGE.invokeExact(quota, bytes) == null;
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
  }

  /**
   * Gives back.
   *
   * @param quota that was charged
   * @param bytes at least 0
   */
  public static void uncharge(Quota quota, long bytes) {
    try {
      UNCHARGE.invokeExact(quota, bytes);
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
  }

  /**
   * Changes the limit.
   *
   * @param quota the node
   * @param bytes at least what is committed
   */
  public static void setLimit(Quota quota, long bytes) {
    try {
      SET_LIMIT.invokeExact(quota, bytes);
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
  }

  /**
   * Walks the tree.
   *
   * @param root of it
   * @return how many things are wrong
   */
  public static int findings(Quota root) {
    try {
      return ((List<?>) VERIFY.invokeExact(root)).size();
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
  }

  /**
   * What is committed in a node: used, or kept for guarantees below it.
   *
   * @param quota the node
   * @return bytes
   */
  public static long committed(Quota quota) {
    try {
      return ((Allowance) COMMITTED.invokeExact(quota)).taken();
    } catch (Throwable thrown) {
      throw failed(thrown);
    }
  }

  private static IllegalStateException failed(Throwable thrown) {
    return new IllegalStateException(thrown);
  }
}
