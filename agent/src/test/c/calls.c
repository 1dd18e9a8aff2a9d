/*
 * Makes one call that the tests of stacks look for, from functions whose names they know, says
 * READY, and keeps what it made until its input ends.
 */
#include <linux/io_uring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAMED __attribute__((noinline, noclone))

static void must(int well, const char *what)
{
	if (!well) {
		perror(what);
		exit(1);
	}
}

static struct io_uring_params params;

static int make_ring(void)
{
	int ring = syscall(__NR_io_uring_setup, 8, &params);

	must(ring >= 0, "io_uring_setup");
	return ring;
}

NAMED void registers_files(int ring, int file)
{
	must(syscall(__NR_io_uring_register, ring, IORING_REGISTER_FILES, &file, 1) >= 0, "register");
}

NAMED void updates_files(int ring, int file)
{
	struct io_uring_files_update update = { .offset = 0, .fds = (unsigned long)&file };

	must(syscall(__NR_io_uring_register, ring, IORING_REGISTER_FILES_UPDATE, &update, 1) >= 0,
	     "update");
}

union control {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

static void prepare(struct msghdr *message, struct iovec *data, union control *control, int file)
{
	memset(message, 0, sizeof(*message));
	memset(control, 0, sizeof(*control));
	message->msg_iov = data;
	message->msg_iovlen = 1;
	message->msg_control = control->bytes;
	message->msg_controllen = sizeof(control->bytes);
	control->align.cmsg_level = SOL_SOCKET;
	control->align.cmsg_type = SCM_RIGHTS;
	control->align.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control->align), &file, sizeof(int));
}

/* So much data that a stream has it in several packets. */
static char bytes[200000];

NAMED void sends_file(int socket, int file, size_t size)
{
	struct iovec data = { .iov_base = bytes, .iov_len = size };
	union control control;
	struct msghdr message;

	prepare(&message, &data, &control, file);
	must(sendmsg(socket, &message, 0) == (ssize_t)size, "sendmsg");
}

NAMED void sends_to_address(int socket, int file, const struct sockaddr_un *to)
{
	struct iovec data = { .iov_base = bytes, .iov_len = 1 };
	union control control;
	struct msghdr message;

	prepare(&message, &data, &control, file);
	message.msg_name = (void *)to;
	message.msg_namelen = sizeof(*to);
	must(sendmsg(socket, &message, 0) == 1, "sendmsg");
}

NAMED void sends_by_ring(int ring, int socket, int file)
{
	char *sq = mmap(NULL, params.sq_off.array + params.sq_entries * 4, PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
	struct io_uring_sqe *entry = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					  MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
	struct iovec data = { .iov_base = bytes, .iov_len = 1 };
	union control control;
	struct msghdr message;

	must(sq != MAP_FAILED && entry != MAP_FAILED, "mmap");
	prepare(&message, &data, &control, file);
	memset(entry, 0, sizeof(*entry));
	entry->opcode = IORING_OP_SENDMSG;
	entry->fd = socket;
	entry->addr = (unsigned long)&message;
	entry->len = 1;
	((unsigned *)(sq + params.sq_off.array))[0] = 0;
	__atomic_store_n((unsigned *)(sq + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	must(syscall(__NR_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) == 1, "enter");
	munmap(sq, params.sq_off.array + params.sq_entries * 4);
	munmap(entry, 4096);
}

static int pair(int type)
{
	int ends[2], most = 1 << 20;

	must(!socketpair(AF_UNIX, type, 0, ends), "socketpair");
	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &most, sizeof(most));
	return ends[0];
}

static void to_address(int file)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int receiver = socket(AF_UNIX, SOCK_DGRAM, 0), sender = socket(AF_UNIX, SOCK_DGRAM, 0);

	snprintf(to.sun_path + 1, sizeof(to.sun_path) - 1, "ringwatch-calls-%d", getpid());
	must(!bind(receiver, (struct sockaddr *)&to, sizeof(to)), "bind");
	sends_to_address(sender, file, &to);
}

static pid_t child;

NAMED void outer(const char *what, int file)
{
	if (!strcmp(what, "register")) {
		registers_files(make_ring(), file);
	} else if (!strcmp(what, "update")) {
		int ring = make_ring(), none = -1;

		must(syscall(__NR_io_uring_register, ring, IORING_REGISTER_FILES, &none, 1) >= 0,
		     "register");
		updates_files(ring, file);
	} else if (!strcmp(what, "send")) {
		sends_file(pair(SOCK_STREAM), file, 1);
	} else if (!strcmp(what, "send-much")) {
		sends_file(pair(SOCK_STREAM), file, sizeof(bytes));
	} else if (!strcmp(what, "send-to")) {
		to_address(file);
	} else if (!strcmp(what, "send-by-ring")) {
		sends_by_ring(make_ring(), pair(SOCK_STREAM), file);
	} else if (!strcmp(what, "send-from-child")) {
		int end = pair(SOCK_STREAM);
		char c;

		child = fork();
		must(child >= 0, "fork");
		if (child == 0) {
			sends_file(end, file, 1);
			_exit(read(0, &c, 1) != 1);
		}
	} else {
		must(0, what);
	}
}

int main(int argc, char **argv)
{
	char name[] = "/tmp/ringwatch-calls-XXXXXX";
	int file = mkstemp(name);

	must(argc == 2 && file >= 0 && !unlink(name), "usage: calls WHAT");
	outer(argv[1], file);
	close(file);
	puts("READY");
	fflush(stdout);
	if (child) {
		must(waitpid(child, NULL, 0) == child, "waitpid");
		puts("ENDED");
		fflush(stdout);
	}
	while (getchar() != EOF)
		;
	return 0;
}
