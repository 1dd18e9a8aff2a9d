package dev.ringwatch.core.leak;

import dev.ringwatch.core.graph.HoldingPath;

/**
 * What supports a verdict, so that a person can follow it.
 *
 * @param path what holds the file
 * @param because one sentence, without file names: the rule that applied
 */
public record Evidence(HoldingPath path, String because) {}
