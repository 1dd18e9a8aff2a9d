/** The service manager's side of a service: its sockets, and what it is told. */
package dev.ringwatch.agent.systemd;
