package io.cistern.spring;

import io.cistern.ManagerListener;
import io.cistern.PoolListener;
import io.cistern.PoolManager;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.io.ResourceLoader;

/**
 * A {@link PoolManager} from the application's {@code cistern.*} properties, unless the application
 * has one of its own, or {@code cistern.enabled=false}. Beans that are {@link PoolListener} or
 * {@link ManagerListener} listen to it. A pool is had by {@code manager.pool("name")}.
 */
@AutoConfiguration
@ConditionalOnProperty(name = "cistern.enabled", matchIfMissing = true)
public final class CisternAutoConfiguration {
  /** For Spring. */
  public CisternAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean(PoolManager.class)
  PoolManagerFactory cisternPoolManager(
      ConfigurableEnvironment environment,
      ResourceLoader resources,
      ObjectProvider<PoolListener> poolListeners,
      ObjectProvider<ManagerListener> managerListeners) {
    return new PoolManagerFactory(
        environment,
        resources,
        poolListeners.orderedStream().toList(),
        managerListeners.orderedStream().toList());
  }
}
