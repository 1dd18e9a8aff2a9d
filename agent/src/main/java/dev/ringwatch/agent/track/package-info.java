/** What one observation alone does not know: groups, findings over time, and since when. */
package dev.ringwatch.agent.track;
