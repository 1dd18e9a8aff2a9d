/**
 * The executable model: open files, AF_UNIX sockets and io_uring rings as the kernel keeps them,
 * system calls as transitions, and the rules and collector of each era.
 */
package dev.ringwatch.core.kernel;
