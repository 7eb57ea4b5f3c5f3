package io.cistern.spring;

import io.cistern.PoolManager;
import io.cistern.micrometer.PoolMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.context.annotation.Bean;

/** The pools' figures among the application's metrics: {@code cistern.*}. */
@AutoConfiguration(
    after = {
      CisternAutoConfiguration.class,
      MetricsAutoConfiguration.class,
      CompositeMeterRegistryAutoConfiguration.class
    })
@ConditionalOnClass({MeterRegistry.class, MetricsAutoConfiguration.class})
@ConditionalOnBean(MeterRegistry.class)
@ConditionalOnSingleCandidate(PoolManager.class)
public final class CisternMetricsAutoConfiguration {
  /** For Spring. */
  public CisternMetricsAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean
  PoolMetrics cisternPoolMetrics(PoolManager manager) {
    return new PoolMetrics(manager);
  }
}
