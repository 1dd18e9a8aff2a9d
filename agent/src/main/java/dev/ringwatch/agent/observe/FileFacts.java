package dev.ringwatch.agent.observe;

import dev.ringwatch.core.graph.FileKind;

/**
 * An open file.
 *
 * @param identity tells the file from every other one that is open at the same time, and mostly from
 *     later ones; meaningless otherwise, and never shown to anyone: it may be a kernel address
 * @param inode its inode number; all rings share one
 * @param device the number of its file system's device, 0 where there is none or it is not known
 * @param name the last part of its name, or what stands in its place; empty for sockets
 */
public record FileFacts(FileKind kind, long identity, long inode, int device, String name) {}
