/** Says an observation and its findings: as text for people, JSON for machines, dot for a picture. */
package dev.ringwatch.agent.report;
