/** Builds the dashboards from the metric catalogue. */
package dev.ringwatch.dashboards;
