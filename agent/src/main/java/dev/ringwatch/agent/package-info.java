/** The command line, configuration and wiring. */
package dev.ringwatch.agent;
