package io.cistern;

import static java.lang.constant.ConstantDescs.BSM_CLASS_DATA_AT;
import static java.lang.constant.ConstantDescs.CD_MethodHandle;
import static java.lang.constant.ConstantDescs.CD_VarHandle;
import static java.lang.constant.ConstantDescs.DEFAULT_NAME;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.DynamicConstantDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The objects that a hidden class is given along, each loaded by an {@code ldc} of its number:
 * constants to the JIT, as those in {@code static final} fields are, without a field or an
 * initializer.
 */
final class ClassData {
  private final List<Object> objects = new ArrayList<>();
  private final Map<ValueLayout, VarHandle> handles = new HashMap<>();

  /** All, by number. */
  List<Object> objects() {
    return List.copyOf(objects);
  }

  /**
   * Pushes the {@code VarHandle} of a value at {@code (segment, offset)}. Its alignment is 1: where
   * values lie is the layout's business, and was checked for the whole when it was allocated.
   */
  CodeBuilder handle(CodeBuilder code, ValueLayout value) {
    VarHandle handle =
        handles.computeIfAbsent(
            value.withoutName().withByteAlignment(1),
            plain -> plain.varHandle().withInvokeExactBehavior());
    return load(code, handle, CD_VarHandle);
  }

  /** Pushes a method handle, to be called by {@link #call}. */
  CodeBuilder handle(CodeBuilder code, MethodHandle handle) {
    return load(code, handle, CD_MethodHandle);
  }

  /** Calls the method handle that lies below the arguments. */
  static CodeBuilder call(CodeBuilder code, MethodTypeDesc type) {
    return code.invokevirtual(CD_MethodHandle, "invokeExact", type);
  }

  private CodeBuilder load(CodeBuilder code, Object object, ClassDesc type) {
    int number = objects.indexOf(object);
    if (number < 0) {
      number = objects.size();
      objects.add(object);
    }
    return code.loadConstant(
        DynamicConstantDesc.ofNamed(BSM_CLASS_DATA_AT, DEFAULT_NAME, type, number));
  }
}
