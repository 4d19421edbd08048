/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "machine.h"
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct hypervisor *hv;
static struct sim_clock real_clock;

void die(const char *what)
{
    fprintf(stderr, "domains: %s\n", what);
    exit(1);
}

double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

void least(double *best, double time)
{
    if (*best == 0 || time < *best)
        *best = time;
}

/* ---- the host ---- */

static void read_clock(void *context, struct hypervisor_clock *at) { clock_read(context, at); }

static uint64_t wall_clock(void *context)
{
    (void)context;
    return real_clock.wall;
}

static enum hypervisor_wait wait_for_nothing(void *context, uint64_t deadline)
{
    (void)context;
    (void)deadline;
    return HYPERVISOR_WAIT_NEVER;
}

static void console_out(void *context, struct domain *d, enum hypervisor_console which,
                        const char *bytes, size_t len)
{
    (void)context, (void)d, (void)which, (void)bytes, (void)len;
}

static size_t console_in(void *context, struct domain *d, char *bytes, size_t len)
{
    (void)context, (void)d, (void)bytes, (void)len;
    return 0;
}

static void ended(void *context, struct domain *d, unsigned int reason, int latched)
{
    (void)context, (void)d, (void)latched;
    if (reason != SHUTDOWN_poweroff)
        die("a guest has crashed");
}

static void log_line(void *context, enum hypervisor_log_level level, const char *line)
{
    (void)context, (void)level;
    fprintf(stderr, "domains: %s\n", line);
}

void machine_start(unsigned int mib)
{
    const struct hypervisor_host host = {
        .context = &real_clock,
        .clock = read_clock,
        .wall_clock = wall_clock,
        .wait = wait_for_nothing,
        .console_write = console_out,
        .console_read = console_in,
        .domain_ended = ended,
        .log = log_line,
    };
    const struct hypervisor_config config = {
        .memory = (uint64_t)mib << 20,
        .log_level = HYPERVISOR_LOG_WARNING,
    };

    clock_start(&real_clock);
    hv = hypervisor_create(&host, &config);
    if (!hv)
        die("no machine");
}

void machine_stop(void) { hypervisor_destroy(hv); }

void machine_run(void)
{
    if (!hypervisor_run(hv))
        die("all guests sleep");
}

/* ---- guests ---- */

#define STACK_FIRST 200U /* pages of the bare image */
#define STACK_PAGES 56U

struct start {
    void (*function)(void *);
    void *argument;
};

static void guest_begin(const struct start *s)
{
    struct sched_shutdown off = {SHUTDOWN_poweroff};

    s->function(s->argument);
    hypercall(__HYPERVISOR_sched_op, SCHEDOP_shutdown, (uintptr_t)&off, 0, 0, 0);
    abort();
}

/* guest_create says where the vCPU begins. */
static void guest_entry(void) { abort(); }

struct domain *guest_create(void (*function)(void *), void *argument)
{
    const struct domain_config config = {
        .name = "bench",
        .memory = (uint64_t)GUEST_MIB << 20,
        .entry = guest_entry,
    };
    struct domain *d;
    struct vcpu *v;
    struct start *s;

    if (domain_create(hv, &config, &d))
        die("no domain");
    v = d->vcpus[0];
    v->stack = (const void *)(uintptr_t)(d->virt_base + STACK_FIRST * PAGE_SIZE);
    v->stack_size = STACK_PAGES * PAGE_SIZE;
    /* On top of the stack, so that no other page is touched. */
    s = (struct start *)((uintptr_t)v->stack + v->stack_size) - 1;
    *s = (struct start){function, argument};
    v->entry.rip = (uintptr_t)guest_begin;
    v->entry.rdi = (uintptr_t)s;
    v->entry.rsp = (uintptr_t)s - 8; /* as after a call */
    return d;
}

void *guest_page(unsigned int number)
{
    return (void *)(uintptr_t)(current->domain->virt_base + number * PAGE_SIZE);
}
