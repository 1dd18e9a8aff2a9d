package dev.ringwatch.agent.observe;

import dev.ringwatch.core.graph.FileKind;

/**
 * An open file.
 *
 * @param identity with eBPF, tells the file from every other one that is open at the same time and
 *     mostly from later ones; from /proc, as far as names and inode numbers do. Meaningless
 *     otherwise, and never shown to anyone: it is made of a kernel address
 * @param inode its inode number; all rings share one
 * @param device the number of its file system's device, 0 where there is none or it is not known
 * @param name the last part of its name, or what stands in its place; empty for sockets
 */
public record FileFacts(FileKind kind, long identity, long inode, int device, String name) {}
