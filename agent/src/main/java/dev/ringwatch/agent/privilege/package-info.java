/** Who the agent's threads are and what each may do: capabilities and users. */
package dev.ringwatch.agent.privilege;
