/** HTTP over Netty's epoll transport, TCP and unix socket: metrics, health, API, the page. */
package dev.ringwatch.agent.serve;
