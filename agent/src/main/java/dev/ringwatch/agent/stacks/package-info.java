/** Names the code that the addresses of a process's stack lie in. */
package dev.ringwatch.agent.stacks;
