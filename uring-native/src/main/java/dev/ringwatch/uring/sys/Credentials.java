package dev.ringwatch.uring.sys;

/**
 * Who sent a message over an AF_UNIX socket, vouched for by the kernel. Source: unix(7),
 * SCM_CREDENTIALS.
 *
 * @param pid process; 0 if it is none of the receiver's pid namespace
 * @param uid effective user, unsigned
 * @param gid effective group, unsigned
 */
public record Credentials(int pid, int uid, int gid) {}
