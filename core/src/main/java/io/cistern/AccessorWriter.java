package io.cistern;

import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_VarHandle;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import io.cistern.Accessor.Dimension;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodType;
import java.util.Objects;

/**
 * Writes the methods of a view: each pushes what it calls, the segment and the place in it, then
 * calls and returns. No method has a branch; indices are checked by the JDK's {@code checkIndex},
 * which the JIT knows how to hoist out of loops.
 */
final class AccessorWriter {
  static final ClassDesc CD_SEGMENT = ClassDesc.of(MemorySegment.class.getName());
  static final String SEGMENT = "segment";
  static final String BASE = "base";

  /** Of a view's constructor, as nested views and makers call it. */
  static final MethodTypeDesc MAKE = MethodTypeDesc.of(CD_Object, CD_SEGMENT, CD_long);

  private static final ClassDesc CD_OBJECTS = ClassDesc.of(Objects.class.getName());
  private static final String CHECK = "checkIndex";

  private final ClassDesc self;
  private final ClassData data;

  /** For a class with fields {@link #SEGMENT} and {@link #BASE}. */
  AccessorWriter(ClassDesc self, ClassData data) {
    this.self = self;
    this.data = data;
  }

  void write(ClassBuilder view, Accessor accessor) {
    MethodType type =
        MethodType.methodType(
            accessor.method().getReturnType(), accessor.method().getParameterTypes());
    view.withMethodBody(
        accessor.method().getName(),
        MethodTypeDesc.ofDescriptor(type.descriptorString()),
        ClassFile.ACC_PUBLIC,
        code -> {
          switch (accessor.form()) {
            case GET -> get(code, accessor);
            case SET -> set(code, accessor).return_();
            case CHAIN -> set(code, accessor).aload(0).areturn();
            case NESTED -> nested(code, accessor);
            case SLICE -> slice(code, accessor);
          }
        });
  }

  private void get(CodeBuilder code, Accessor accessor) {
    ValueLayout value = (ValueLayout) accessor.element();
    ClassDesc carrier = carrier(value);
    place(data.handle(code, value), accessor)
        .invokevirtual(CD_VarHandle, "get", MethodTypeDesc.of(carrier, CD_SEGMENT, CD_long))
        .return_(TypeKind.from(carrier));
  }

  private CodeBuilder set(CodeBuilder code, Accessor accessor) {
    ValueLayout value = (ValueLayout) accessor.element();
    ClassDesc carrier = carrier(value);
    int last = accessor.method().getParameterCount() - 1;
    return place(data.handle(code, value), accessor)
        .loadLocal(TypeKind.from(carrier), code.parameterSlot(last))
        .invokevirtual(
            CD_VarHandle, "set", MethodTypeDesc.of(CD_void, CD_SEGMENT, CD_long, carrier));
  }

  /** The result need not be cast: to the verifier, any object may be an interface. */
  private void nested(CodeBuilder code, Accessor accessor) {
    MethodHandle constructor = Objects.requireNonNull(accessor.nested()).constructor();
    ClassData.call(place(data.handle(code, constructor), accessor), MAKE).areturn();
  }

  private void slice(CodeBuilder code, Accessor accessor) {
    place(code, accessor)
        .loadConstant(accessor.bytes())
        .invokeinterface(CD_SEGMENT, "asSlice", MethodTypeDesc.of(CD_SEGMENT, CD_long, CD_long))
        .areturn();
  }

  /** Pushes the segment, and where in it the accessor reaches. */
  private CodeBuilder place(CodeBuilder code, Accessor accessor) {
    view(code).loadConstant(accessor.offset()).ladd();
    for (int i = 0; i < accessor.dimensions().size(); i++) {
      Dimension dimension = accessor.dimensions().get(i);
      index(code, i, accessor.method().getParameterTypes()[i], dimension.count());
      code.loadConstant(dimension.stride()).lmul().ladd();
    }
    return code;
  }

  /** Pushes the segment, and where in it the view starts. */
  CodeBuilder view(CodeBuilder code) {
    return code.aload(0).getfield(self, SEGMENT, CD_SEGMENT).aload(0).getfield(self, BASE, CD_long);
  }

  /** Pushes a parameter as a long from 0 to below the count. */
  private static void index(CodeBuilder code, int parameter, Class<?> type, long count) {
    int slot = code.parameterSlot(parameter);
    if (type.equals(int.class) && count <= Integer.MAX_VALUE) {
      code.iload(slot)
          .loadConstant((int) count)
          .invokestatic(CD_OBJECTS, CHECK, MethodTypeDesc.of(CD_int, CD_int, CD_int))
          .i2l();
      return;
    }
    code.loadLocal(TypeKind.from(type), slot);
    if (type.equals(int.class)) {
      code.i2l();
    }
    code.loadConstant(count)
        .invokestatic(CD_OBJECTS, CHECK, MethodTypeDesc.of(CD_long, CD_long, CD_long));
  }

  private static ClassDesc carrier(ValueLayout value) {
    return ClassDesc.ofDescriptor(value.carrier().descriptorString());
  }
}
