// What the C contenders and the load generator share.
#ifndef BENCH_H
#define BENCH_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static inline _Noreturn void die(const char *what, int error) {
    fprintf(stderr, "%s: %s\n", what, strerror(error));
    exit(1);
}

// The result of a system call, if it is not an error.
static inline int check(int result, const char *what) {
    if (result < 0)
        die(what, errno);
    return result;
}

// The result of a liburing function, which is an error number negated or not an error.
static inline int check_uring(int result, const char *what) {
    if (result < 0)
        die(what, -result);
    return result;
}

static inline uint64_t clock_nanos(clockid_t clock) {
    struct timespec now;
    check(clock_gettime(clock, &now), "clock_gettime");
    return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static inline uint64_t now_nanos(void) { return clock_nanos(CLOCK_MONOTONIC); }

// What a contender that drives itself did in one window.
struct work {
    uint64_t operations, enters;
};

// Answers each line "run SECONDS" on standard input with one line: operations, nanoseconds, enters.
static inline void serve_runs(void (*turn)(struct work *)) {
    double seconds;
    printf("ready\n");
    fflush(stdout);
    while (scanf(" run %lf", &seconds) == 1) {
        struct work work = {0};
        uint64_t begin = now_nanos(), end = begin + (uint64_t)(seconds * 1e9), now;
        do {
            turn(&work);
        } while ((now = now_nanos()) < end);
        printf("%lu %lu %lu\n", work.operations, now - begin, work.enters);
        fflush(stdout);
    }
}

static inline uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

#endif
