// files PATH BYTES DEPTH DIRECT: random reads of 4 KiB, so many at a time, with plain reads: no
// registered file, no registered buffer. DIRECT is 1 for O_DIRECT, 0 for the page cache.
#define _GNU_SOURCE
#include "bench.h"
#include <fcntl.h>
#include <liburing.h>

#define BLOCK 4096

static struct io_uring ring;
static char *memory;
static int file, direct;
static uint64_t blocks, state = 88172645463325252ull;

static void read_somewhere(unsigned slot) {
    struct io_uring_sqe *entry = io_uring_get_sqe(&ring);
    uint64_t offset = next_random(&state) % blocks * BLOCK;
    io_uring_prep_read(entry, file, memory + (size_t)slot * BLOCK, BLOCK, offset);
    entry->user_data = slot;
}

static void turn(struct work *work) {
    struct io_uring_cqe *cqe;
    unsigned head, count = 0;
    check_uring(io_uring_submit_and_wait(&ring, direct ? 1 : 32), "submit_and_wait");
    io_uring_for_each_cqe(&ring, head, cqe) {
        if (cqe->res != BLOCK)
            die("read", cqe->res < 0 ? -cqe->res : EIO);
        read_somewhere(cqe->user_data);
        count++;
    }
    io_uring_cq_advance(&ring, count);
    work->operations += count;
    work->enters++;
}

int main(int count, char **arguments) {
    if (count != 5)
        die("files PATH BYTES DEPTH DIRECT", EINVAL);
    unsigned depth = atoi(arguments[3]);
    direct = atoi(arguments[4]);
    blocks = strtoull(arguments[2], NULL, 10) / BLOCK;
    file = check(open(arguments[1], O_RDONLY | (direct ? O_DIRECT : 0)), arguments[1]);
    memory = aligned_alloc(BLOCK, (size_t)depth * BLOCK);
    if (!memory)
        die("aligned_alloc", ENOMEM);
    struct io_uring_params params = {.flags =
                                         IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN};
    check_uring(io_uring_queue_init_params(64, &ring, &params), "queue_init");
    check_uring(io_uring_register_ring_fd(&ring), "register_ring_fd");
    for (unsigned i = 0; i < depth; i++)
        read_somewhere(i);
    serve_runs(turn);
    return 0;
}
