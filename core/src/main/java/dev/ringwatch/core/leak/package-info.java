/** Turns an observed graph into verdicts with evidence. */
package dev.ringwatch.core.leak;
