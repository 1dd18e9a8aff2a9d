/** Says who keeps something open, as ledgers that balance against the kernel's own counts. */
package dev.ringwatch.agent.why;
