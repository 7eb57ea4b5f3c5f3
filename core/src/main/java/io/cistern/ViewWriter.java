package io.cistern;

import static io.cistern.AccessorWriter.BASE;
import static io.cistern.AccessorWriter.CD_SEGMENT;
import static io.cistern.AccessorWriter.MAKE;
import static io.cistern.AccessorWriter.SEGMENT;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_String;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;
import static java.lang.constant.ConstantDescs.MTD_void;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.util.List;

/**
 * Writes the class of a view. What it would read like, for an interface {@code Reading} with a
 * value, a sequence and a struct:
 *
 * {@snippet lang=java :
 * final class ReadingView implements Reading {
 *   private final MemorySegment segment;
 *   private final long base;
 *
 *   public float volts() {
 *     return (float) FLOAT.get(segment, base + 8);
 *   }
 *
 *   public void samples(int i, int value) {
 *     INT.set(segment, base + 16 + checkIndex(i, 8) * 4L, value);
 *   }
 *
 *   public Point position() {
 *     return POINT.invokeExact(segment, base + 48);
 *   }
 * }
 * }
 *
 * <p>It is a hidden class, so the JIT takes its final fields for constant once it knows the object,
 * and nobody can look it up by name. The {@code VarHandle}s (one for each value layout) and the
 * constructors of nested views are <em>class data</em>, loaded by {@code ldc}: constants to the
 * JIT, as {@code static final} ones are. Nothing is left for each access to check but the segment's
 * bounds and liveness, and an index against its count.
 */
final class ViewWriter {
  private static final MethodTypeDesc CONSTRUCTOR = MethodTypeDesc.of(CD_void, CD_SEGMENT, CD_long);
  private static final MethodTypeDesc TEXT = MethodTypeDesc.of(CD_String, CD_SEGMENT, CD_long);
  private static final int FINAL_FIELD = ClassFile.ACC_PRIVATE | ClassFile.ACC_FINAL;
  private static final int FINAL_CLASS =
      ClassFile.ACC_FINAL | ClassFile.ACC_SUPER | ClassFile.ACC_SYNTHETIC;

  private final ClassDesc self;
  private final ClassData data = new ClassData();
  private final AccessorWriter methods;

  private ViewWriter(ClassDesc self) {
    this.self = self;
    this.methods = new AccessorWriter(self, data);
  }

  /**
   * Defines the class of a view.
   *
   * @param beside may define hidden classes in the interface's package
   * @return its constructor, as {@code (MemorySegment, long) -> Object}
   */
  static MethodHandle define(
      Lookup beside, Class<?> type, GroupLayout layout, List<Accessor> accessors) {
    ViewWriter writer = new ViewWriter(ClassDesc.of(type.getName() + "View"));
    byte[] bytes = writer.viewClass(type, layout, accessors);
    MethodType arguments = MethodType.methodType(void.class, MemorySegment.class, long.class);
    return writer.define(beside, bytes, arguments);
  }

  /** An object whose one method calls the constructor with base 0. */
  @SuppressWarnings("unchecked") // the constructor makes what the interface says
  static <T> ViewMaker<T> maker(MethodHandle constructor) {
    ViewWriter writer = new ViewWriter(ClassDesc.of(ViewMaker.class.getName() + "Of"));
    MethodHandle make =
        writer.define(
            MethodHandles.lookup(),
            writer.makerClass(constructor),
            MethodType.methodType(void.class));
    try {
      return (ViewMaker<T>) (Object) make.invokeExact();
    } catch (Throwable impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private MethodHandle define(Lookup beside, byte[] bytes, MethodType arguments) {
    try {
      Lookup hidden = beside.defineHiddenClassWithClassData(bytes, data.objects(), true);
      return hidden
          .findConstructor(hidden.lookupClass(), arguments)
          .asType(arguments.changeReturnType(Object.class));
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private byte[] viewClass(Class<?> type, GroupLayout layout, List<Accessor> accessors) {
    return ClassFile.of()
        .build(
            self,
            view -> {
              view.withFlags(FINAL_CLASS)
                  .withInterfaceSymbols(ClassDesc.ofDescriptor(type.descriptorString()))
                  .withField(SEGMENT, CD_SEGMENT, FINAL_FIELD)
                  .withField(BASE, CD_long, FINAL_FIELD)
                  .withMethodBody(INIT_NAME, CONSTRUCTOR, 0, this::constructor);
              accessors.forEach(accessor -> methods.write(view, accessor));
              text(view, ViewText.of(type, layout));
            });
  }

  private void constructor(CodeBuilder code) {
    object(code)
        .aload(0)
        .aload(1)
        .putfield(self, SEGMENT, CD_SEGMENT)
        .aload(0)
        .lload(2)
        .putfield(self, BASE, CD_long)
        .return_();
  }

  private static CodeBuilder object(CodeBuilder code) {
    return code.aload(0).invokespecial(CD_Object, INIT_NAME, MTD_void);
  }

  private void text(ClassBuilder view, MethodHandle text) {
    view.withMethodBody(
        "toString",
        MethodTypeDesc.of(CD_String),
        ClassFile.ACC_PUBLIC,
        code -> ClassData.call(methods.view(data.handle(code, text)), TEXT).areturn());
  }

  private byte[] makerClass(MethodHandle constructor) {
    return ClassFile.of()
        .build(
            self,
            maker ->
                maker
                    .withFlags(FINAL_CLASS)
                    .withInterfaceSymbols(ClassDesc.of(ViewMaker.class.getName()))
                    .withMethodBody(INIT_NAME, MTD_void, 0, code -> object(code).return_())
                    .withMethodBody(
                        "make",
                        MethodTypeDesc.of(CD_Object, CD_SEGMENT),
                        ClassFile.ACC_PUBLIC,
                        code -> make(code, constructor)));
  }

  private void make(CodeBuilder code, MethodHandle constructor) {
    ClassData.call(data.handle(code, constructor).aload(1).lconst_0(), MAKE).areturn();
  }
}
