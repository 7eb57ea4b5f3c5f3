/** Charts of replays and of tuned tiers, as SVG or PNG files. */
@NullMarked
package io.cistern.simulator.chart;

import org.jspecify.annotations.NullMarked;
