// SPDX-License-Identifier: Apache-2.0
/*
 * A program with liburing that knows what its ring has: a sparse table, registered buffers, requests
 * that wait. Tells it, says READY, and ends with its input.
 */
#include <liburing.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SLOTS = 64, FILES = 40, BUFFERS = 5, BUFFER_BYTES = 65536, BY_SLOT = 3, BY_DESCRIPTOR = 4 };

static void must(int result, const char *what)
{
	if (result < 0) {
		fprintf(stderr, "%s: %d\n", what, result);
		exit(1);
	}
}

static void poll_one(struct io_uring *ring, int fd, unsigned flags)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	io_uring_prep_poll_add(sqe, fd, POLLIN);
	sqe->flags |= flags;
}

int main(void)
{
	struct io_uring ring;
	struct iovec buffers[BUFFERS];
	int files[FILES], i;

	must(io_uring_queue_init(32, &ring, 0), "io_uring_queue_init");
	must(io_uring_register_files_sparse(&ring, SLOTS), "io_uring_register_files_sparse");
	for (i = 0; i < FILES; i++) {
		files[i] = eventfd(0, 0);
		must(files[i], "eventfd");
	}
	must(io_uring_register_files_update(&ring, 10, files, FILES), "files_update");
	for (i = 0; i < BUFFERS; i++) {
		buffers[i].iov_len = BUFFER_BYTES;
		if (posix_memalign(&buffers[i].iov_base, 4096, BUFFER_BYTES))
			return 1;
	}
	must(io_uring_register_buffers(&ring, buffers, BUFFERS), "io_uring_register_buffers");
	for (i = 0; i < BY_SLOT; i++)
		poll_one(&ring, 10 + i, IOSQE_FIXED_FILE);
	for (i = 0; i < BY_DESCRIPTOR; i++)
		poll_one(&ring, files[i], 0);
	must(io_uring_submit(&ring), "io_uring_submit");
	/* Nothing names these any more but the table. */
	for (i = BY_DESCRIPTOR; i < FILES; i++)
		close(files[i]);
	printf("fact slots %d\nfact files %d\nfact only %d\n", SLOTS, FILES, FILES - BY_DESCRIPTOR);
	printf("fact buffers %d\nfact bytes %d\nfact requests %d\nREADY\n", BUFFERS,
	       BUFFERS * BUFFER_BYTES, BY_SLOT + BY_DESCRIPTOR);
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}
