/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The PV clock: Xen writes a time stamp and the rate of the TSC, the guest extrapolates.
 * The protocol is at vcpu_time_info and shared_info.wc_version in <xen/xen.h>.
 */
#include <stddef.h>
#include <stdint.h>

#include <xen/vcpu.h>

#include "core/clock.h"
#include "core/hypercall.h"
#include "core/shared_info.h"

#define NSEC_PER_SEC 1000000000UL

static uint64_t read_tsc(void)
{
    uint32_t low, high;

    /* Not before the version was read: lfence orders rdtsc on all processors. */
    __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
    return (uint64_t)high << 32 | low;
}

/* DELTA * 2^SHIFT * MUL / 2^32, without overflow. */
static uint64_t scale(uint64_t delta, uint32_t mul, int8_t shift)
{
    delta = shift < 0 ? delta >> -shift : delta << shift;
    return (uint64_t)(((unsigned __int128)delta * mul) >> 32);
}

static uint64_t system_time(void)
{
    volatile vcpu_time_info_t *time = &shared_vcpu_info()->time;
    uint32_t version, mul;
    uint64_t now;

    do {
        uint64_t stamp;

        version = time->version;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        stamp = time->tsc_timestamp;
        mul = time->tsc_to_system_mul;
        now = time->system_time;
        /* A clock that stands still (0, in virtual time): reading the TSC may be a trap there. */
        if (mul)
            now += scale(read_tsc() - stamp, mul, time->tsc_shift);
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while ((version & 1) || version != time->version);
    return now;
}

uint64_t clock_monotonic(void)
{
    /* Two stamps may disagree by a few nanoseconds. */
    static uint64_t last;
    uint64_t now = system_time();

    if (now > last)
        last = now;
    return last;
}

uint64_t clock_wall(void)
{
    volatile shared_info_t *info = shared_info();
    uint32_t version;
    uint64_t boot;

    do {
        version = info->wc_version;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        boot = ((uint64_t)info->wc_sec_hi << 32 | info->wc_sec) * NSEC_PER_SEC + info->wc_nsec;
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
    } while ((version & 1) || version != info->wc_version);
    return boot + clock_monotonic();
}

uint64_t clock_cpu(void)
{
    vcpu_runstate_info_t runstate;

    if (hypercall_vcpu_op(VCPUOP_get_runstate_info, 0, &runstate) != 0)
        return clock_monotonic();
    return runstate.time[RUNSTATE_running]; /* up to this moment */
}
