// SPDX-License-Identifier: Apache-2.0
/*
 * Situations of the zoo that need fork(2) or another user. Each is made, told, followed by READY, and
 * ends with its input.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <liburing.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT = 400, AT_A_TIME = 175, BUFFER_BYTES = 65536, LOCKED_LIMIT = 81920 };

static void must(long result, const char *what)
{
	if (result < 0) {
		fprintf(stderr, "%s: %s\n", what, strerror(errno));
		exit(1);
	}
}

static void until_the_end(void)
{
	char byte;

	while (read(0, &byte, 1) > 0)
		;
}

static void ready_until_the_end(void)
{
	puts("READY");
	fflush(stdout);
	until_the_end();
}

static void limit(int which, rlim_t n)
{
	struct rlimit r = { n, n };

	must(setrlimit(which, &r), "setrlimit");
}

/* A user whom nobody else is, without capabilities. */
static void become_somebody(void)
{
	uid_t uid = 1000000 + getpid();

	must(setresgid(uid, uid, uid), "setresgid");
	must(setresuid(uid, uid, uid), "setresuid");
	printf("fact uid %d\n", uid);
}

/* A ring with a pipe in its table that only a child has, which has never used it. */
static void inherited_ring(int keep)
{
	struct io_uring ring;
	int pipes[2];
	pid_t maker = fork(), heir, self;

	must(maker, "fork");
	if (maker) {
		must(waitpid(maker, NULL, 0), "waitpid");
		until_the_end(); /* whoever started this closes the input when this process ends */
		return;
	}
	must(io_uring_queue_init(4, &ring, 0), "io_uring_queue_init");
	must(pipe(pipes), "pipe");
	must(io_uring_register_files(&ring, pipes, 2), "io_uring_register_files");
	close(pipes[0]);
	close(pipes[1]);
	self = getpid();
	heir = fork();
	must(heir, "fork");
	if (heir && !keep)
		exit(0);
	if (!heir) {
		/* A process that ends gives its rings up before its children have another parent. */
		while (!keep && getppid() == self)
			usleep(1000);
		printf("fact heir %d\n", getpid());
		ready_until_the_end();
		exit(0);
	}
	/* The twin: who made it stays. */
	must(waitpid(heir, NULL, 0), "waitpid");
	exit(0);
}

static void send_files(int socket, int n)
{
	char control[CMSG_SPACE(sizeof(int) * AT_A_TIME)] = { 0 }, byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr m = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = CMSG_SPACE(sizeof(int) * n) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int files[AT_A_TIME], i;

	for (i = 0; i < n; i++)
		must(files[i] = eventfd(0, 0), "eventfd");
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(c), files, sizeof(int) * n);
	must(sendmsg(socket, &m, 0), "sendmsg");
	for (i = 0; i < n; i++)
		close(files[i]);
}

static void in_flight(int batches)
{
	int pair[2], i;

	limit(RLIMIT_NOFILE, LIMIT);
	become_somebody();
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	for (i = 0; i < batches; i++)
		send_files(pair[0], AT_A_TIME);
	ready_until_the_end();
}

static void locked(rlim_t bytes)
{
	struct io_uring ring;
	struct iovec buffer = { NULL, BUFFER_BYTES };

	limit(RLIMIT_MEMLOCK, bytes);
	become_somebody();
	must(io_uring_queue_init(4, &ring, 0), "io_uring_queue_init");
	if (posix_memalign(&buffer.iov_base, 4096, BUFFER_BYTES))
		exit(1);
	memset(buffer.iov_base, 1, BUFFER_BYTES);
	must(io_uring_register_buffers(&ring, &buffer, 1), "io_uring_register_buffers");
	ready_until_the_end();
}

int main(int n, char **args)
{
	const char *kind = n > 1 ? args[1] : "";

	if (!strcmp(kind, "inherited-ring"))
		inherited_ring(0);
	else if (!strcmp(kind, "shared-ring"))
		inherited_ring(1);
	else if (!strcmp(kind, "in-flight-limit"))
		in_flight(2);
	else if (!strcmp(kind, "in-flight"))
		in_flight(1);
	else if (!strcmp(kind, "locked-limit"))
		locked(LOCKED_LIMIT);
	else if (!strcmp(kind, "locked"))
		locked(4 * LOCKED_LIMIT);
	else
		return 2;
	return 0;
}
