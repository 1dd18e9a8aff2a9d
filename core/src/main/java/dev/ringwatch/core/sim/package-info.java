/** Drives the model from a seed, checks what must hold after each step, shrinks what fails. */
@org.jspecify.annotations.NullMarked
package dev.ringwatch.core.sim;
