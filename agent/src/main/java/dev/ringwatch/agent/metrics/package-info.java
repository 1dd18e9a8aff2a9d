/** Names every metric once and renders the last observation and what is tracked. */
package dev.ringwatch.agent.metrics;
