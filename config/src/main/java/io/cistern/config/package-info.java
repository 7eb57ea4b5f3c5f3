/**
 * Profiles. {@link io.cistern.config.Profile#load(String)} reads one by name or from a file,
 * applies the overrides of the environment and of system properties, and either gives a profile
 * that can be opened or a {@link io.cistern.config.ProfileException} that lists everything that is
 * wrong with it.
 */
@NullMarked
package io.cistern.config;

import org.jspecify.annotations.NullMarked;
