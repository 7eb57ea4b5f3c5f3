/** HTTP servers of the frameworks that answer with what they were sent, and a client. */
@NullMarked
package io.cistern.benchmarks.echo;

import org.jspecify.annotations.NullMarked;
