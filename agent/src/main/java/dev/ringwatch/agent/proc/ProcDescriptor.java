package dev.ringwatch.agent.proc;

/**
 * One slot of a process's descriptor table.
 *
 * @param pid in the pid namespace of the proc mount that was read
 */
public record ProcDescriptor(int pid, int fd, DescriptorTarget target) {}
