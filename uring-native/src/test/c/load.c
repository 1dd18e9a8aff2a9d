// The load generator, the same for every server, and the clock.
//
// Answers lines on standard input:
//   cpu PID
//     processor time the process has used, in nanoseconds, ended threads included
//   echo PORT PID CONNECTIONS SIZE DEPTH WARM SECONDS
//     keeps DEPTH messages of SIZE bytes under way on each connection, checks every byte that comes
//     back; after WARM seconds measures for SECONDS
//   pace PORT PID CONNECTIONS SIZE RATE WARM SECONDS
//     sends so many messages a second, whether answers come or not, on the connections in turn; the
//     time of an answer counts from when its message was due
//   get PORT PID CONNECTIONS FILE BYTES WARM SECONDS
//     asks over HTTP for this file of the working directory, of so many bytes, again and again; the
//     first body of each connection must be what it has
// The last three answer: messages, nanoseconds, processor nanoseconds of PID, then the 50th, 99th and
// 99.9th percentile of the time from request to answer in nanoseconds.
#define _GNU_SOURCE
#include "bench.h"
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_DEPTH 256
#define READ_SIZE (256 * 1024)
#define HEADER_SIZE 4096

// Nanoseconds without an answer after which the server is given up.
#define PATIENCE 5000000000

// Times in a histogram that is linear within each power of two: an error below 1.6 %.
#define STEPS 64
static uint64_t histogram[64 * STEPS];

static unsigned bucket_of(uint64_t value) {
    if (value < STEPS)
        return value;
    int shift = 63 - __builtin_clzll(value) - 6;
    return (shift + 1) * STEPS + (value >> shift & (STEPS - 1));
}

static uint64_t value_of(unsigned bucket) {
    if (bucket < STEPS)
        return bucket;
    return (uint64_t)(STEPS + bucket % STEPS) << (bucket / STEPS - 1);
}

static uint64_t percentile(double share) {
    uint64_t total = 0, seen = 0;
    for (unsigned i = 0; i < 64 * STEPS; i++)
        total += histogram[i];
    for (unsigned i = 0; i < 64 * STEPS; i++) {
        seen += histogram[i];
        if (total && seen >= total * share)
            return value_of(i);
    }
    return 0;
}

// The clock of another process: see posix_cpu_clock_get in kernel/time/posix-cpu-timers.c.
static uint64_t cpu_nanos(int pid) { return clock_nanos((clockid_t)(~(unsigned)pid << 3 | 2)); }

struct connection {
    int fd;
    uint64_t sent_at[MOST_DEPTH]; // when each request under way was sent or due, a ring
    unsigned oldest, waiting;
    uint64_t answer_bytes; // of the answer that is coming in
    uint64_t body_left;
    bool checked; // its first answer was compared
    char header[HEADER_SIZE + 1];
    unsigned header_bytes;
};

static struct {
    int port, pid, count;
    double warm, seconds;
    char *request;
    char *expected; // one answer, or its body; for echo repeated for the longest read
    bool http;
    size_t request_size, answer_size;
    int depth;
    double rate; // messages a second; 0 to send when an answer comes
} load;

static char *read_buffer;
static uint64_t messages;
static unsigned long under_way;
static bool stopping; // no new requests: what is under way is let end, so that no server is reset

// Sends requests whose times are that one.
static void send_requests(struct connection *c, int count, uint64_t time) {
    if (stopping)
        return;
    size_t size = count * load.request_size;
    for (int i = 0; i < count; i++)
        c->sent_at[(c->oldest + c->waiting++) % MOST_DEPTH] = time;
    under_way += count;
    ssize_t sent = send(c->fd, load.request, size, MSG_NOSIGNAL);
    if (sent < 0)
        die("send", errno);
    if ((size_t)sent != size)
        die("the server does not read: a send was cut short", EPROTO);
}

static void answered(struct connection *c, uint64_t now) {
    if (!c->waiting)
        die("an answer to no request", EPROTO);
    histogram[bucket_of(now - c->sent_at[c->oldest])]++;
    c->oldest = (c->oldest + 1) % MOST_DEPTH;
    c->waiting--;
    messages++;
    under_way--;
}

// Answers that these bytes complete.
static int take_echo(struct connection *c, size_t size, uint64_t now) {
    int done = 0;
    size_t phase = c->answer_bytes % load.answer_size;
    if (memcmp(read_buffer, load.expected + phase, size))
        die("an answer is not what was sent", EBADMSG);
    c->answer_bytes += size;
    while (c->answer_bytes >= load.answer_size) {
        c->answer_bytes -= load.answer_size;
        answered(c, now);
        done++;
    }
    return done;
}

// Takes header bytes up to the empty line; how many were taken.
static size_t take_header(struct connection *c, const char *bytes, size_t size) {
    size_t room = HEADER_SIZE - c->header_bytes, taken = size < room ? size : room;
    memcpy(c->header + c->header_bytes, bytes, taken);
    c->header[c->header_bytes + taken] = 0;
    char *end = strstr(c->header, "\r\n\r\n");
    if (!end) {
        if (taken == room)
            die("the header of an answer is too long", EMSGSIZE);
        c->header_bytes += taken;
        return taken;
    }
    if (strncmp(c->header, "HTTP/1.1 200", 12))
        die("the server refuses the path", EPROTO);
    size_t used = end + 4 - c->header - c->header_bytes;
    c->header_bytes = 0;
    c->body_left = load.answer_size;
    return used;
}

static int take_http(struct connection *c, size_t size, uint64_t now) {
    int done = 0;
    for (size_t at = 0; at < size;) {
        if (!c->body_left) {
            at += take_header(c, read_buffer + at, size - at);
            continue;
        }
        size_t taken = size - at < c->body_left ? size - at : c->body_left;
        if (!c->checked && memcmp(read_buffer + at,
                                  load.expected + load.answer_size - c->body_left, taken))
            die("an answer is not what the file has", EBADMSG);
        at += taken;
        c->body_left -= taken;
        if (!c->body_left) {
            c->checked = true;
            answered(c, now);
            done++;
        }
    }
    return done;
}

static void readable(struct connection *c) {
    ssize_t size = recv(c->fd, read_buffer, READ_SIZE, 0);
    if (size < 0 && errno == EAGAIN)
        return;
    if (size <= 0)
        die("the server ended a connection", size ? errno : ECONNRESET);
    uint64_t now = now_nanos();
    int done = load.http ? take_http(c, size, now) : take_echo(c, size, now);
    if (done && !load.rate)
        send_requests(c, done, now);
}

static void connect_one(struct connection *c, int epoll) {
    int one = 1;
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_port = htons(load.port),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    c->fd = check(socket(AF_INET, SOCK_STREAM, 0), "socket");
    check(connect(c->fd, (struct sockaddr *)&name, sizeof name), "connect");
    check(setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), "setsockopt");
    check(fcntl(c->fd, F_SETFL, O_NONBLOCK), "fcntl");
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    check(epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event), "epoll_ctl");
}

static void turn(int epoll, int64_t nanos) {
    struct epoll_event events[512];
    struct timespec timeout = {.tv_sec = nanos / 1000000000, .tv_nsec = nanos % 1000000000};
    int count = epoll_pwait2(epoll, events, 512, &timeout, NULL);
    if (count < 0 && errno != EINTR)
        die("epoll_pwait2", errno);
    if (count == 0 && nanos >= PATIENCE)
        die("the server has not answered for five seconds", ETIMEDOUT);
    for (int i = 0; i < count; i++)
        readable(events[i].data.ptr);
}

static struct {
    uint64_t start, sent; // when it began, messages since
} pace;

// Sends what is due; when the next message is.
static uint64_t send_due(struct connection *connections) {
    for (;;) {
        uint64_t due = pace.start + (uint64_t)(pace.sent * 1e9 / load.rate);
        if (due > now_nanos())
            return due;
        struct connection *c = &connections[pace.sent++ % load.count];
        if (c->waiting == MOST_DEPTH)
            die("the server is too slow for this rate", EOVERFLOW);
        send_requests(c, 1, due);
    }
}

static void turn_until(int epoll, struct connection *connections, uint64_t end) {
    for (uint64_t now; (now = now_nanos()) < end;) {
        if (!load.rate) {
            turn(epoll, PATIENCE);
            continue;
        }
        uint64_t next = send_due(connections);
        now = now_nanos();
        turn(epoll, next > now ? next - now : 0);
    }
}

static void run(void) {
    struct connection *connections = calloc(load.count, sizeof *connections);
    int epoll = check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
    for (int i = 0; i < load.count; i++)
        connect_one(&connections[i], epoll);
    uint64_t start = now_nanos();
    stopping = false;
    pace.start = start;
    pace.sent = 0;
    for (int i = 0; i < load.count && !load.rate; i++)
        send_requests(&connections[i], load.depth, start);
    turn_until(epoll, connections, start + (uint64_t)(load.warm * 1e9));
    memset(histogram, 0, sizeof histogram);
    messages = 0;
    uint64_t begin = now_nanos(), cpu = cpu_nanos(load.pid);
    turn_until(epoll, connections, begin + (uint64_t)(load.seconds * 1e9));
    cpu = cpu_nanos(load.pid) - cpu;
    printf("%lu %lu %lu %lu %lu %lu\n", messages, now_nanos() - begin, cpu, percentile(0.5),
           percentile(0.99), percentile(0.999));
    stopping = true;
    while (under_way)
        turn(epoll, PATIENCE);
    for (int i = 0; i < load.count; i++)
        close(connections[i].fd);
    close(epoll);
    free(connections);
}

static void run_echo(size_t size) {
    if (size < 1 || size > READ_SIZE || load.depth < 1 || load.depth > MOST_DEPTH)
        die("size or depth", EINVAL);
    load.http = false;
    load.request_size = load.answer_size = size;
    size_t total = (size + READ_SIZE > size * load.depth ? size + READ_SIZE : size * load.depth);
    load.request = load.expected = malloc(total);
    for (size_t i = 0; i < total; i++)
        load.request[i] = 'a' + i % size % 23;
    run();
    free(load.request);
}

static void read_echo(void) {
    size_t size;
    load.rate = 0;
    if (scanf("%d %d %d %zu %d %lf %lf", &load.port, &load.pid, &load.count, &size, &load.depth,
              &load.warm, &load.seconds) != 7)
        die("echo PORT PID CONNECTIONS SIZE DEPTH WARM SECONDS", EINVAL);
    run_echo(size);
}

static void read_pace(void) {
    size_t size;
    load.depth = 1;
    if (scanf("%d %d %d %zu %lf %lf %lf", &load.port, &load.pid, &load.count, &size, &load.rate,
              &load.warm, &load.seconds) != 7 ||
        load.rate <= 0)
        die("pace PORT PID CONNECTIONS SIZE RATE WARM SECONDS", EINVAL);
    run_echo(size);
}

static void read_get(void) {
    char name[1024], request[1200];
    if (scanf("%d %d %d %1023s %zu %lf %lf", &load.port, &load.pid, &load.count, name,
              &load.answer_size, &load.warm, &load.seconds) != 7 ||
        load.answer_size < 1)
        die("get PORT PID CONNECTIONS FILE BYTES WARM SECONDS", EINVAL);
    load.depth = 1;
    load.rate = 0;
    load.http = true;
    int file = check(open(name, O_RDONLY | O_CLOEXEC), name);
    load.expected = mmap(NULL, load.answer_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (load.expected == MAP_FAILED)
        die(name, errno);
    close(file);
    load.request_size =
        snprintf(request, sizeof request, "GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n", name);
    load.request = request;
    run();
    munmap(load.expected, load.answer_size);
}

int main(void) {
    char command[8];
    int pid;
    // Waits end when they should and not up to 50 microseconds later, prctl(2).
    check(prctl(PR_SET_TIMERSLACK, 1), "prctl");
    read_buffer = malloc(READ_SIZE);
    printf("ready\n");
    fflush(stdout);
    while (scanf("%7s", command) == 1) {
        if (!strcmp(command, "cpu") && scanf("%d", &pid) == 1)
            printf("%lu\n", cpu_nanos(pid));
        else if (!strcmp(command, "echo"))
            read_echo();
        else if (!strcmp(command, "pace"))
            read_pace();
        else if (!strcmp(command, "get"))
            read_get();
        else
            die(command, EINVAL);
        fflush(stdout);
    }
    return 0;
}
