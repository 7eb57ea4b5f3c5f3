/** An Arrow pipeline in pool memory. */
@NullMarked
package io.cistern.examples.arrow;

import org.jspecify.annotations.NullMarked;
