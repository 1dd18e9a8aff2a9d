package dev.ringwatch.uring.loop;

import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** Turns of those who read, and of those who write. */
final class SocketLocks {
    private SocketLocks() {}

    /** Locks, whatever interrupts: the holder leaves when the socket closes. */
    static void lock(ReentrantLock lock, Deadline deadline) throws SocketTimeoutException {
        if (!deadline.limited()) {
            lock.lock();
            return;
        }
        boolean locked = lock.tryLock();
        boolean interrupted = false;
        while (!locked && !deadline.passed()) {
            try {
                locked = lock.tryLock(deadline.left(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (!locked) {
            throw new SocketTimeoutException("another thread was at it for all the time");
        }
    }
}
