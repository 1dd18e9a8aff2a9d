/** Joins the sources into one immutable {@link dev.ringwatch.agent.observe.Observation}. */
package dev.ringwatch.agent.observe;
