/**
 * A fleet that is not there: simulated machines, seen, rendered and served with what real agents have,
 * and a real Prometheus that scrapes them.
 */
package dev.ringwatch.agent.fleet;
