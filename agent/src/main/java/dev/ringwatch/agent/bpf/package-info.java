/** Loads the BPF objects with libbpf, walks the iterators, reads the maps into records. */
package dev.ringwatch.agent.bpf;
