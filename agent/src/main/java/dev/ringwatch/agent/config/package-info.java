/** What the agent is told: a YAML file in sections, read strictly, with a JSON schema. */
package dev.ringwatch.agent.config;
