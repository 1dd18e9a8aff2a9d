// passing DESCRIPTORS: sends messages of so many descriptors through a pair of AF_UNIX sockets with
// sendmsg, takes them out with recvmsg and closes them; sixteen messages there, sixteen back.
#define _GNU_SOURCE
#include "bench.h"
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define MESSAGES 16
#define MOST 253

static int ends[2], passed, each;
static union {
    char bytes[CMSG_SPACE(MOST * sizeof(int))];
    struct cmsghdr align;
} control;
static char data;
static struct iovec vector = {.iov_base = &data, .iov_len = 1};

static void send_one(void) {
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = CMSG_SPACE(each * sizeof(int))};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(each * sizeof(int));
    for (int i = 0; i < each; i++)
        memcpy(CMSG_DATA(header) + i * sizeof(int), &passed, sizeof(int));
    check(sendmsg(ends[0], &message, MSG_NOSIGNAL), "sendmsg");
}

static int receive_one(void) {
    struct msghdr message = {.msg_iov = &vector,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    int closed = 0;
    check(recvmsg(ends[1], &message, MSG_CMSG_CLOEXEC), "recvmsg");
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header;
         header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
            continue;
        int count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int), fd;
        for (int i = 0; i < count; i++) {
            memcpy(&fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
            check(close(fd), "close");
        }
        closed += count;
    }
    if (closed != each || message.msg_flags & MSG_CTRUNC)
        die("descriptors lost", EBADMSG);
    return closed;
}

static void turn(struct work *work) {
    for (int i = 0; i < MESSAGES; i++)
        send_one();
    for (int i = 0; i < MESSAGES; i++)
        work->operations += receive_one();
}

int main(int count, char **arguments) {
    each = count > 1 ? atoi(arguments[1]) : 1;
    passed = check(eventfd(0, EFD_CLOEXEC), "eventfd");
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), "socketpair");
    serve_runs(turn);
    return 0;
}
