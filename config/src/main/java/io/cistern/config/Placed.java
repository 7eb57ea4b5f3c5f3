package io.cistern.config;

/**
 * A value that a program puts in the place of a profile's own, from wherever it has it: the
 * properties of an application, for instance. It is checked like any value of the file.
 *
 * @param origin what messages call the place it came from, such as a file and its line
 * @param path of the key, such as {@code pools.main.tiers.1.count}: a number counts the elements of
 *     a list from 0, and the number after the last adds one
 * @param value as it would be written in the file, without quotes
 */
public record Placed(String origin, String path, String value) {}
