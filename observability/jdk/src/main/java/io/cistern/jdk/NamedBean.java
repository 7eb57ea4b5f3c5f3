package io.cistern.jdk;

import java.lang.reflect.Method;
import java.util.stream.Stream;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.NotificationEmitter;
import javax.management.StandardEmitterMBean;

/**
 * A bean whose operations' parameters have the names that they have in the interface, so that a
 * person who calls {@code setCount} in a tool reads {@code blockSizeBytes} and {@code count}
 * instead of {@code p0} and {@code p1}.
 */
final class NamedBean extends StandardEmitterMBean {
  <T> NamedBean(T bean, Class<T> face, NotificationEmitter emitter) {
    super(bean, face, true, emitter);
  }

  @Override
  protected String getParameterName(
      MBeanOperationInfo operation, MBeanParameterInfo parameter, int sequence) {
    return Stream.of(getMBeanInterface().getMethods())
        .filter(method -> method.getName().equals(operation.getName()))
        .filter(method -> method.getParameterCount() == operation.getSignature().length)
        .map((Method method) -> method.getParameters()[sequence].getName())
        .findFirst()
        .orElse(parameter.getName());
  }
}
