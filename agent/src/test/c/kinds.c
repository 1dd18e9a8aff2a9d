// SPDX-License-Identifier: Apache-2.0
/*
 * Situations of the zoo that need fork(2), another user, or to go on by themselves. Each is made,
 * told, followed by READY, and ends with its input.
 *
 *   kinds KIND [NAME]   NAME is what the process calls itself
 */
#define _GNU_SOURCE
#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	LIMIT = 400,
	AT_A_TIME = 175,
	BUFFER_BYTES = 65536,
	LOCKED_LIMIT = 81920,
	ENTRIES = 4,
	TOO_MANY = 16,
	ROUND_MS = 100,
	CROWD = 40,
	CROWD_ROUND_MS = 500,
	QUEUED_BATCHES = 40, /* beyond 2024, senders wait for the collector */
	TRIGGER_US = 1000,
};

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

/* Whether the input has ended, which is waited for so long. */
static int ended_within(int ms)
{
	struct pollfd in = { 0, POLLIN, 0 };
	char byte;

	return poll(&in, 1, ms) > 0 && read(0, &byte, 1) <= 0;
}

static void ready(void)
{
	puts("READY");
	fflush(stdout);
}

static void ready_until_the_end(void)
{
	ready();
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

static int event(void)
{
	return eventfd(0, 0);
}

static int unix_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static ssize_t try_to_send(int socket, int n, int (*made)(void))
{
	char control[CMSG_SPACE(sizeof(int) * AT_A_TIME)] = { 0 }, byte = 0;
	struct iovec data = { &byte, 1 };
	struct msghdr m = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control,
			    .msg_controllen = CMSG_SPACE(sizeof(int) * n) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int files[AT_A_TIME], i;
	ssize_t sent;

	for (i = 0; i < n; i++)
		must(files[i] = made(), "a file to send");
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(c), files, sizeof(int) * n);
	sent = sendmsg(socket, &m, 0);
	for (i = 0; i < n; i++)
		close(files[i]);
	return sent;
}

static void send_files(int socket, int n, int (*made)(void))
{
	must(try_to_send(socket, n, made), "sendmsg");
}

static void be_refused(int socket)
{
	if (try_to_send(socket, 1, event) < 0 && errno == ETOOMANYREFS)
		return;
	fprintf(stderr, "a send beyond the limit was not refused\n");
	exit(1);
}

/* Takes a packet, and closes what is in it by asking for none of it. */
static void receive(int socket)
{
	char byte;

	must(read(socket, &byte, 1), "read");
}

static void in_flight(int batches)
{
	int pair[2], i;

	limit(RLIMIT_NOFILE, LIMIT);
	become_somebody();
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	for (i = 0; i < batches; i++)
		send_files(pair[0], AT_A_TIME, event);
	ready_until_the_end();
}

/* Sends beyond the limit; then everything is received. */
static void refused(void)
{
	int pair[2], i;

	limit(RLIMIT_NOFILE, LIMIT);
	become_somebody();
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), "socketpair");
	for (i = 0; i <= LIMIT / AT_A_TIME; i++)
		send_files(pair[0], AT_A_TIME, event);
	be_refused(pair[0]);
	while (i--)
		receive(pair[1]);
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

/* Completions that find their queue full, again and again; some always wait outside it. */
static void overflowing(void)
{
	struct io_uring ring;
	struct io_uring_cqe *done;
	int i;

	must(io_uring_queue_init(ENTRIES, &ring, 0), "io_uring_queue_init");
	ready();
	do {
		while (!io_uring_peek_cqe(&ring, &done))
			io_uring_cqe_seen(&ring, done);
		for (i = 0; i < 2 * ENTRIES + TOO_MANY; i++) {
			io_uring_prep_nop(io_uring_get_sqe(&ring));
			must(io_uring_submit(&ring), "io_uring_submit");
		}
	} while (!ended_within(ROUND_MS));
}

static int sent_again;

static int that_one(void)
{
	return dup(sent_again);
}

static void start_the_collector(void)
{
	while (!ended_within(0)) {
		close(unix_socket());
		usleep(TRIGGER_US);
	}
	exit(0);
}

/*
 * Many sockets in a queue, and two in each other's, so that the collector has to look at all of them;
 * and a child that starts it without end. The queues move, and are received in the end.
 */
static void collected(void)
{
	int queue[2], loop[2], i;
	pid_t child;

	must(socketpair(AF_UNIX, SOCK_STREAM, 0, queue), "socketpair");
	must(socketpair(AF_UNIX, SOCK_STREAM, 0, loop), "socketpair");
	for (i = 0; i < QUEUED_BATCHES; i++)
		send_files(queue[0], AT_A_TIME, unix_socket);
	child = fork();
	must(child, "fork");
	if (!child)
		start_the_collector();
	ready();
	do {
		receive(queue[1]);
		send_files(queue[0], AT_A_TIME, unix_socket);
		for (i = 0; i < 2; i++) {
			sent_again = loop[i];
			send_files(loop[i], 1, that_one);
		}
		i = ended_within(ROUND_MS);
		receive(loop[0]);
		receive(loop[1]);
	} while (!i);
	must(waitpid(child, NULL, 0), "waitpid");
}

/* Processes that come and go, many at once, each of which makes a ring. */
static void crowd(void)
{
	struct io_uring ring;
	int i;

	ready();
	do {
		for (i = 0; i < CROWD; i++) {
			pid_t child = fork();

			must(child, "fork");
			if (!child)
				_exit(io_uring_queue_init(ENTRIES, &ring, 0) != 0);
		}
		while (waitpid(-1, NULL, 0) > 0)
			;
	} while (!ended_within(CROWD_ROUND_MS));
}

int main(int n, char **args)
{
	const char *kind = n > 1 ? args[1] : "";

	if (n > 2)
		prctl(PR_SET_NAME, args[2]);
	if (!strcmp(kind, "inherited-ring"))
		inherited_ring(0);
	else if (!strcmp(kind, "shared-ring"))
		inherited_ring(1);
	else if (!strcmp(kind, "in-flight-limit"))
		in_flight(2);
	else if (!strcmp(kind, "in-flight"))
		in_flight(1);
	else if (!strcmp(kind, "refused"))
		refused();
	else if (!strcmp(kind, "locked-limit"))
		locked(LOCKED_LIMIT);
	else if (!strcmp(kind, "locked"))
		locked(4 * LOCKED_LIMIT);
	else if (!strcmp(kind, "overflowing"))
		overflowing();
	else if (!strcmp(kind, "collected"))
		collected();
	else if (!strcmp(kind, "crowd"))
		crowd();
	else
		return 2;
	return 0;
}
