/** Programs of system calls for the model: as steps, as text, and a library of known ones. */
package dev.ringwatch.core.scenario;
