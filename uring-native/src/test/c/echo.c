// echo: the peer of our raw loop, in the usual idiom of liburing: multishot accept and receive, one
// ring of provided buffers, completions of a batch handled before the next enter.
//
// Prints "ready PORT"; answers each line on standard input with its completions and enters so far.
#define _GNU_SOURCE
#include "bench.h"
#include <liburing.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFERS 1024
#define BUFFER_SIZE 4096
#define ENTRIES 1024
#define COMPLETIONS 8192

enum { ACCEPT = 1, RECEIVE, SEND };

static struct io_uring ring;
static struct io_uring_buf_ring *buffer_ring;
static char *buffers;
static int listener;
static _Atomic uint64_t completions, enters;

static struct io_uring_sqe *next_entry(void) {
    struct io_uring_sqe *entry = io_uring_get_sqe(&ring);
    if (!entry) {
        check_uring(io_uring_submit(&ring), "submit");
        entry = io_uring_get_sqe(&ring);
    }
    return entry;
}

static uint64_t tag(uint64_t kind, uint64_t buffer, int fd) {
    return kind << 56 | buffer << 32 | (uint32_t)fd;
}

static void arm_accept(void) {
    struct io_uring_sqe *entry = next_entry();
    io_uring_prep_multishot_accept(entry, listener, NULL, NULL, 0);
    entry->user_data = tag(ACCEPT, 0, 0);
}

static void arm_receive(int fd) {
    struct io_uring_sqe *entry = next_entry();
    io_uring_prep_recv_multishot(entry, fd, NULL, 0, 0);
    entry->flags |= IOSQE_BUFFER_SELECT;
    entry->buf_group = 0;
    entry->user_data = tag(RECEIVE, 0, fd);
}

static void send_back(int fd, int buffer, int length) {
    struct io_uring_sqe *entry = next_entry();
    io_uring_prep_send(entry, fd, buffers + (size_t)buffer * BUFFER_SIZE, length,
                       MSG_WAITALL | MSG_NOSIGNAL);
    entry->user_data = tag(SEND, buffer, fd);
}

static void accepted(int fd, int more) {
    int one = 1;
    if (fd >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        arm_receive(fd);
    }
    if (!more)
        arm_accept();
}

static void received(int fd, const struct io_uring_cqe *cqe) {
    int more = cqe->flags & IORING_CQE_F_MORE;
    if (cqe->res > 0) {
        send_back(fd, cqe->flags >> IORING_CQE_BUFFER_SHIFT, cqe->res);
        if (!more)
            arm_receive(fd);
    } else if (cqe->res == -ENOBUFS) {
        arm_receive(fd);
    } else if (!more) {
        close(fd);
    }
}

static void give_back(int buffer, int offset) {
    io_uring_buf_ring_add(buffer_ring, buffers + (size_t)buffer * BUFFER_SIZE, BUFFER_SIZE, buffer,
                          io_uring_buf_ring_mask(BUFFERS), offset);
}

static void turn(void) {
    struct io_uring_cqe *cqe;
    unsigned head, count = 0, given = 0;
    int result = io_uring_submit_and_wait(&ring, 1);
    if (result < 0 && result != -EINTR)
        die("submit_and_wait", -result);
    enters++;
    io_uring_for_each_cqe(&ring, head, cqe) {
        int fd = (int)cqe->user_data;
        count++;
        switch (cqe->user_data >> 56) {
        case ACCEPT:
            accepted(cqe->res, cqe->flags & IORING_CQE_F_MORE);
            break;
        case RECEIVE:
            received(fd, cqe);
            break;
        case SEND:
            give_back(cqe->user_data >> 32 & 0xffff, given++);
            break;
        }
    }
    completions += count;
    if (given)
        io_uring_buf_ring_advance(buffer_ring, given);
    io_uring_cq_advance(&ring, count);
}

static void open_ring(void) {
    struct io_uring_params params = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
        .cq_entries = COMPLETIONS,
    };
    check_uring(io_uring_queue_init_params(ENTRIES, &ring, &params), "queue_init");
    check_uring(io_uring_register_ring_fd(&ring), "register_ring_fd");
    buffer_ring = aligned_alloc(4096, BUFFERS * sizeof(struct io_uring_buf));
    buffers = aligned_alloc(4096, (size_t)BUFFERS * BUFFER_SIZE);
    if (!buffer_ring || !buffers)
        die("aligned_alloc", ENOMEM);
    io_uring_buf_ring_init(buffer_ring);
    struct io_uring_buf_reg request = {
        .ring_addr = (uintptr_t)buffer_ring, .ring_entries = BUFFERS, .bgid = 0};
    check_uring(io_uring_register_buf_ring(&ring, &request, 0), "register_buf_ring");
    for (int i = 0; i < BUFFERS; i++)
        give_back(i, i);
    io_uring_buf_ring_advance(buffer_ring, BUFFERS);
}

static int listen_anywhere(void) {
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof name;
    listener = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
    check(bind(listener, (struct sockaddr *)&name, size), "bind");
    check(listen(listener, 1024), "listen");
    check(getsockname(listener, (struct sockaddr *)&name, &size), "getsockname");
    return ntohs(name.sin_port);
}

static void *answer(void *unused) {
    (void)unused;
    while (scanf("%*s") != EOF) {
        printf("%lu %lu\n", completions, enters);
        fflush(stdout);
    }
    exit(0);
}

int main(void) {
    pthread_t control;
    int port = listen_anywhere();
    open_ring();
    printf("ready %d\n", port);
    fflush(stdout);
    pthread_create(&control, NULL, answer, NULL);
    arm_accept();
    for (;;)
        turn();
}
