/** Four frameworks in one process, on one manager. */
@NullMarked
package io.cistern.examples.all;

import org.jspecify.annotations.NullMarked;
