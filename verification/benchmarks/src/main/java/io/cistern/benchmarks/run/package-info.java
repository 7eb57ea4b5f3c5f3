/** Who is measured when: the plan, the forks, their order, and what they gave. */
@NullMarked
package io.cistern.benchmarks.run;

import org.jspecify.annotations.NullMarked;
