/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Many seeds: a run each, in a process of its own, some at a time. What a run writes is kept in
 * memory and only shown if it has not ended well.
 */
#define _GNU_SOURCE
#include "seeds.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/wait.h>
#include <unistd.h>

/* So far a seed may be ahead of the first whose run goes on still: outputs come in order. */
#define AHEAD 1024U

/* The numbers of so many that failed are in the last line. */
#define NAMED 16U

struct seed_run {
    pid_t process; /* 0: has ended */
    int output;
    int status;
};

struct state {
    const char *program;
    const struct seeds *seeds;
    struct seed_run runs[AHEAD]; /* by the seed modulo AHEAD */
    uint64_t shown, begun;       /* so many from the first on */
    unsigned int going_on;
    uint64_t failed, named[NAMED];
};

static void __attribute__((noreturn)) give_up(const struct state *s, const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", s->program, what, strerror(errno));
    exit(2); /* the processes end with this one */
}

static struct seed_run *run_of(struct state *s, uint64_t index) { return &s->runs[index % AHEAD]; }

static void begin_child(const struct state *s, int output, pid_t parent)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(2); /* LCOV_EXCL_LINE: it has ended in between */
    if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0)
        give_up(s, "cannot redirect a run's output"); /* LCOV_EXCL_LINE: no file is to be had */
}

/* True: this is the child. */
static bool begin(struct state *s)
{
    struct seed_run *r = run_of(s, s->begun);
    pid_t parent = getpid();

    r->output = memfd_create("seed", MFD_CLOEXEC);
    if (r->output < 0)
        give_up(s, "no room for a run's output");
    r->process = fork();
    if (r->process < 0)
        give_up(s, "no process for a run");
    if (!r->process) {
        begin_child(s, r->output, parent);
        return true;
    }
    s->begun++;
    s->going_on++;
    return false;
}

static void wait_for_one(struct state *s)
{
    int status;
    pid_t process = wait(&status);

    if (process < 0 && errno != EINTR)
        give_up(s, "a run is lost");
    for (uint64_t i = s->shown; i < s->begun; i++) {
        struct seed_run *r = run_of(s, i);

        if (r->process != process)
            continue;
        r->process = 0;
        r->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        s->going_on--;
    }
}

static void copy_output(const struct state *s, int output)
{
    off_t at = 0, end = lseek(output, 0, SEEK_END);
    char bytes[65536];

    while (at < end) {
        ssize_t n = pread(output, bytes, sizeof(bytes), at);

        if (n <= 0 || fwrite(bytes, 1, (size_t)n, stdout) != (size_t)n)
            give_up(s, "standard output");
        at += n;
    }
}

/* Of the seeds whose turn it is. */
static void show(struct state *s)
{
    for (; s->shown < s->begun; s->shown++) {
        struct seed_run *r = run_of(s, s->shown);
        uint64_t seed = s->seeds->first + s->shown;

        if (r->process)
            return;
        if (r->status) {
            if (s->failed < NAMED)
                s->named[s->failed] = seed;
            s->failed++;
            printf("seed %lu: status %d\n", seed, r->status);
            copy_output(s, r->output);
            if (fflush(stdout))
                give_up(s, "standard output");
        }
        close(r->output);
    }
}

static int sum_up(const struct state *s)
{
    uint64_t named = s->failed < NAMED ? s->failed : NAMED;

    fprintf(stderr, "%s: %lu seed%s, %lu ended well", s->program, s->shown,
            s->shown == 1 ? "" : "s", s->shown - s->failed);
    for (uint64_t i = 0; i < named; i++)
        fprintf(stderr, "%s %lu", i ? "," : "; not", s->named[i]);
    fprintf(stderr, "%s\n", s->failed > named ? ", ..." : "");
    return s->failed ? 1 : 0;
}

uint64_t seeds_fork(const struct seeds *seeds, const char *program)
{
    struct state *s = calloc(1, sizeof(*s));
    uint64_t count = seeds->last - seeds->first + 1;

    if (!s)
        abort();
    s->program = program;
    s->seeds = seeds;
    while (s->shown < count) {
        while (s->begun < count && s->going_on < seeds->jobs && s->begun - s->shown < AHEAD) {
            if (begin(s))
                return seeds->first + s->begun;
        }
        wait_for_one(s);
        show(s);
    }
    exit(sum_up(s));
}
