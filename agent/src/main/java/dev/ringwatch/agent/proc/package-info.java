/**
 * Reads {@code /proc} and {@code sock_diag} into records, from a root you give it.
 *
 * <p>This is what an ordinary user can see without BPF. {@link dev.ringwatch.agent.proc.ProcScan}
 * walks the tree once and gives a {@link dev.ringwatch.agent.proc.ProcSnapshot}. What {@code /proc}
 * does not say is unknown in the snapshot and never 0: empty optionals and variants of sealed types.
 *
 * <p>What no scan can see: rings and sockets that no descriptor names (their ring has no
 * {@code fdinfo}; of the socket only the line in {@code net/unix} remains), which request holds which
 * file, which descriptors lie in which queue, and ages. A process is seen through its first thread's
 * descriptor table; a thread that left that table with {@code unshare(CLONE_FILES)} is not seen, and
 * neither is a process whose first thread has ended while others run.
 */
@NullMarked
package dev.ringwatch.agent.proc;

import org.jspecify.annotations.NullMarked;
