/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The clocks. The real one: CLOCK_MONOTONIC, and the processor's time stamp counter in between, so
 * that a guest reads the time without a call. Nobody sleeps to measure the counter's rate: it is
 * taken over the time since main began, and gets better with each look. The virtual one is a
 * number.
 */
#include "sim.h"

#include <time.h>
#include <x86intrin.h>

/*
 * A pair of counter and clock is off by no more than this many nanoseconds. The rate that a
 * guest gets is lower by the error that follows, so that its clock is never ahead: each look
 * then moves it forward a little, and never back.
 */
#define PAIR_ERROR 100U

#define SECOND 1000000000UL

static uint64_t read_clock(clockid_t id)
{
    struct timespec t;

    clock_gettime(id, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

/* Both at one moment; a pair between which the process lost the processor is taken again. */
static uint64_t read_pair(uint64_t *tsc)
{
    uint64_t time = 0;

    for (int tries = 0; tries < 4; tries++) {
        uint64_t before = __rdtsc(), after;

        time = read_clock(CLOCK_MONOTONIC);
        after = __rdtsc();
        *tsc = before + (after - before) / 2;
        if (after - before < 2000)
            break;
    }
    return time;
}

void clock_start(struct sim_clock *c)
{
    c->first_time = read_pair(&c->first_tsc);
    c->wall = read_clock(CLOCK_REALTIME);
    c->last.tsc_timestamp = c->first_tsc;
    c->last.system_time = 0;
    c->last.tsc_to_system_mul = 0;
}

/* 2025-01-01 00:00 UTC */
#define VIRTUAL_WALL (1735689600UL * SECOND)

void clock_start_virtual(struct sim_clock *c)
{
    *c = (struct sim_clock){.is_virtual = true, .wall = VIRTUAL_WALL};
}

void clock_advance(struct sim_clock *c, uint64_t time)
{
    if (time > c->last.system_time)
        c->last.system_time = time;
}

/* What a guest that uses LAST reads at TSC (<xen/xen.h>, struct vcpu_time_info). */
static uint64_t guest_time(const struct hypervisor_clock *last, uint64_t tsc)
{
    uint64_t delta = tsc - last->tsc_timestamp;

    if (last->tsc_shift >= 0)
        delta <<= last->tsc_shift;
    else
        delta >>= -last->tsc_shift;
    return last->system_time + (uint64_t)((unsigned __int128)delta * last->tsc_to_system_mul >> 32);
}

static void read_real(struct sim_clock *c)
{
    uint64_t tsc, time = read_pair(&tsc) - c->first_time, seen;
    uint64_t ticks = tsc - c->first_tsc, elapsed = time > PAIR_ERROR ? time - PAIR_ERROR : 0;
    unsigned __int128 mul;

    seen = guest_time(&c->last, tsc);
    c->last.system_time = time > seen ? time : seen;
    c->last.tsc_timestamp = tsc;
    if (ticks && !c->frozen) {
        c->last.tsc_shift = 0;
        mul = ((unsigned __int128)elapsed << 32) / ticks;
        /* Slower than 1 GHz: the factor does not fit without a shift of the counter. */
        while (mul > UINT32_MAX) {
            mul >>= 1;
            c->last.tsc_shift++;
        }
        c->last.tsc_to_system_mul = (uint32_t)mul;
        /* Ahead after all (the counter was paused with the machine): stand until caught up. */
        if (seen > time + 1000)
            c->last.tsc_to_system_mul = 0;
    }
}

void clock_read(struct sim_clock *c, struct hypervisor_clock *now)
{
    if (!c->is_virtual)
        read_real(c);
    *now = c->last;
}
