/** The agent's state as pages for a browser: HTML without any outside resource. */
package dev.ringwatch.agent.page;
