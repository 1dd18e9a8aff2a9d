/** A live table of who holds what, in a terminal. */
package dev.ringwatch.agent.top;
