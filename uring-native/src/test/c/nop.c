// nop BATCH: so many no-operations an enter, through a registered ring descriptor.
#include "bench.h"
#include <liburing.h>

static struct io_uring ring;
static unsigned batch;

static void once(struct work *work) {
    struct io_uring_cqe *cqe;
    unsigned head, count = 0;
    uint64_t sum = 0;
    for (unsigned i = 0; i < batch; i++) {
        struct io_uring_sqe *entry = io_uring_get_sqe(&ring);
        io_uring_prep_nop(entry);
        entry->user_data = i;
    }
    check_uring(io_uring_submit_and_wait(&ring, batch), "submit_and_wait");
    io_uring_for_each_cqe(&ring, head, cqe) {
        sum += cqe->user_data;
        count++;
    }
    io_uring_cq_advance(&ring, count);
    if (sum != (uint64_t)batch * (batch - 1) / 2)
        die("wrong completions", EBADMSG);
    work->operations += count;
    work->enters++;
}

static void turn(struct work *work) {
    for (unsigned i = 0; i < 1024; i += batch)
        once(work);
}

int main(int count, char **arguments) {
    batch = count > 1 ? atoi(arguments[1]) : 1;
    struct io_uring_params params = {.flags =
                                         IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN};
    check_uring(io_uring_queue_init_params(64, &ring, &params), "queue_init");
    check_uring(io_uring_register_ring_fd(&ring), "register_ring_fd");
    serve_runs(turn);
    return 0;
}
