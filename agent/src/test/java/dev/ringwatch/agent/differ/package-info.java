/** Plays the same programs on the model and on the running kernel, and compares. */
@org.jspecify.annotations.NullMarked
package dev.ringwatch.agent.differ;
