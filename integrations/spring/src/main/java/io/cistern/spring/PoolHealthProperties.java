package io.cistern.spring;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Which health an application has whose pools are pressed: {@code cistern.health.*}.
 *
 * @param low status at {@link io.cistern.PressureLevel#LOW}; UP, since everything is served yet
 * @param critical status at {@link io.cistern.PressureLevel#CRITICAL}; OUT_OF_SERVICE, so that a
 *     load balancer sends what comes next elsewhere, where it is not about to be refused; UP for
 *     pools that are meant to be full
 */
@ConfigurationProperties(prefix = "cistern.health", ignoreUnknownFields = false)
public record PoolHealthProperties(
    @DefaultValue("UP") String low, @DefaultValue("OUT_OF_SERVICE") String critical) {}
