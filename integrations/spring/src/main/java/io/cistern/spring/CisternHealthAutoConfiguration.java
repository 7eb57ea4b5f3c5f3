package io.cistern.spring;

import io.cistern.PoolManager;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * The pools among the application's health, as {@code cistern}; not with {@code
 * management.health.cistern.enabled=false}.
 */
@AutoConfiguration(
    after = CisternAutoConfiguration.class,
    before = HealthContributorAutoConfiguration.class)
@ConditionalOnClass(HealthIndicator.class)
@ConditionalOnSingleCandidate(PoolManager.class)
@ConditionalOnEnabledHealthIndicator("cistern")
@EnableConfigurationProperties(PoolHealthProperties.class)
public final class CisternHealthAutoConfiguration {
  /** For Spring. */
  public CisternHealthAutoConfiguration() {}

  @Bean
  @ConditionalOnMissingBean(name = "cisternHealthIndicator")
  PoolHealthIndicator cisternHealthIndicator(PoolManager manager, PoolHealthProperties properties) {
    return new PoolHealthIndicator(manager, properties);
  }
}
