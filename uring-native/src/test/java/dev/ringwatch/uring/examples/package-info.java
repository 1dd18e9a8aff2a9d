/** Programs to learn from, each run by a test as a user runs it. */
package dev.ringwatch.uring.examples;
