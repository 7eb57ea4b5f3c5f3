/** An example: a Spring Boot application whose buffers live in blocks of a pool. */
@NullMarked
package io.cistern.examples.springboot;

import org.jspecify.annotations.NullMarked;
