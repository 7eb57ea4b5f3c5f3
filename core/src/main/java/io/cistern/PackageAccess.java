package io.cistern;

import static java.lang.constant.ConstantDescs.CD_MethodHandles;
import static java.lang.constant.ConstantDescs.CD_MethodHandles_Lookup;

import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The right to define hidden classes in an interface's package. The JDK grants it to code of the
 * interface's own module alone. So there are two ways:
 *
 * <ul>
 *   <li>The caller is of that module, or passed a {@link Lookup} that is: nothing else is needed.
 *   <li>The package is open to us: that is the right to define an ordinary class there, so we
 *       define one, once for each interface, whose only method gives a lookup of its own. On the
 *       class path, every package is open to us.
 * </ul>
 */
final class PackageAccess {
  private static final String METHOD = "lookup";
  private static final int MOST_COPIES = 16;

  /** Kept by the interface; of classes of the JDK and of its own class loader alone. */
  private static final ClassValue<AtomicReference<Lookup>> KEYS =
      new ClassValue<>() {
        @Override
        protected AtomicReference<Lookup> computeValue(Class<?> type) {
          return new AtomicReference<>();
        }
      };

  private PackageAccess() {}

  /**
   * A lookup that may define hidden classes in an interface's package.
   *
   * @param caller who asks; null for this library itself
   * @throws IllegalArgumentException when the package is not open
   */
  static Lookup lookup(@Nullable Lookup caller, Class<?> type) {
    if (caller == null) {
      PackageAccess.class.getModule().addReads(type.getModule());
    }
    try {
      Lookup found =
          MethodHandles.privateLookupIn(type, caller == null ? MethodHandles.lookup() : caller);
      return found.hasFullPrivilegeAccess() ? found : byKey(found);
    } catch (IllegalAccessException closed) {
      throw caller == null ? notOpen(type, closed) : notReached(caller, type, closed);
    }
  }

  private static Lookup byKey(Lookup open) throws IllegalAccessException {
    AtomicReference<Lookup> known = KEYS.get(open.lookupClass());
    synchronized (known) {
      Lookup lookup = known.get();
      if (lookup == null) {
        lookup = open(open, define(open));
        known.set(lookup);
      }
      return lookup;
    }
  }

  private static Class<?> define(Lookup open) throws IllegalAccessException {
    String name = open.lookupClass().getName() + "Key";
    LinkageError taken = null;
    for (int i = 0; i < MOST_COPIES; i++) {
      try {
        return open.defineClass(keyClass(ClassDesc.of(name + i)));
      } catch (LinkageError byOtherCopy) { // of this library, in another class loader
        taken = byOtherCopy;
      }
    }
    throw new IllegalStateException(
        "no class named %s0 to %s%d can be defined".formatted(name, name, MOST_COPIES - 1), taken);
  }

  private static Lookup open(Lookup open, Class<?> key) throws IllegalAccessException {
    try {
      return (Lookup)
          open.findStatic(key, METHOD, MethodType.methodType(Lookup.class)).invokeExact();
    } catch (IllegalAccessException refused) {
      throw refused;
    } catch (Throwable impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static byte[] keyClass(ClassDesc name) {
    MethodTypeDesc lookup = MethodTypeDesc.of(CD_MethodHandles_Lookup);
    return ClassFile.of()
        .build(
            name,
            key ->
                key.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC)
                    .withMethodBody(
                        METHOD,
                        lookup,
                        ClassFile.ACC_STATIC,
                        code -> code.invokestatic(CD_MethodHandles, METHOD, lookup).areturn()));
  }

  private static IllegalArgumentException notOpen(Class<?> type, IllegalAccessException cause) {
    Module ours = PackageAccess.class.getModule();
    return new IllegalArgumentException(
        ("interface %s: package %s of module %s is not open to %s; write 'opens %s%s;' into that module's"
                + " module-info.java, or pass MethodHandles.lookup() from a class of that module to TypedPool.of")
            .formatted(
                type.getName(),
                type.getPackageName(),
                type.getModule().getName(),
                ours.isNamed() ? "module " + ours.getName() : "the class path",
                type.getPackageName(),
                ours.isNamed() ? " to " + ours.getName() : ""),
        cause);
  }

  private static IllegalArgumentException notReached(
      Lookup caller, Class<?> type, IllegalAccessException cause) {
    return new IllegalArgumentException(
        "interface %s of %s cannot be reached by the lookup that was given, %s of %s: pass MethodHandles.lookup() from a class of the interface's module"
            .formatted(type.getName(), type.getModule(), caller, caller.lookupClass().getModule()),
        cause);
  }
}
