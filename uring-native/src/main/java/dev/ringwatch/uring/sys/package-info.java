/** The only downcalls to libc: errno-capturing system calls, mappings, owned descriptors, SCM_RIGHTS. */
package dev.ringwatch.uring.sys;
