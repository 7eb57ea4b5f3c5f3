/**
 * What came out: figures and their ratios, as a table, as JSON, as a section of a page, as charts.
 */
@NullMarked
package io.cistern.benchmarks.report;

import org.jspecify.annotations.NullMarked;
