/** What is demanded over TCP: TLS and users, in the Prometheus exporter-toolkit's file format. */
package dev.ringwatch.agent.web;
