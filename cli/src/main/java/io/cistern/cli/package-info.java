/**
 * The {@code cistern} command. {@code Cistern} is the entry and lists the subcommands; {@code
 * DemoCommand} parses, {@code DemoRun} runs, {@code Sampler} measures, a {@code Display} shows,
 * {@code DemoReport} is what remains.
 */
@NullMarked
package io.cistern.cli;

import org.jspecify.annotations.NullMarked;
