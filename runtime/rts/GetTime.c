/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The RTS's clocks; its Time is in nanoseconds. It reads the elapsed time at every collection,
 * and there the tick is taken.
 */
#include "rts_private.h"

#include "core/clock.h"

#define NSEC_PER_SEC 1000000000UL

void initializeTimer(void) {}

StgWord64 getMonotonicNSec(void) { return clock_monotonic(); }

Time getProcessElapsedTime(void)
{
    Time now = (Time)clock_monotonic();

    ticker_poll(now);
    return now;
}

Time getProcessCPUTime(void) { return (Time)clock_cpu(); }

Time getCurrentThreadCPUTime(void) { return (Time)clock_cpu(); }

void getProcessTimes(Time *user, Time *elapsed)
{
    *user = getProcessCPUTime();
    *elapsed = getProcessElapsedTime();
}

void getUnixEpochTime(StgWord64 *sec, StgWord32 *nsec)
{
    uint64_t now = clock_wall();

    *sec = now / NSEC_PER_SEC;
    *nsec = (StgWord32)(now % NSEC_PER_SEC);
}

/* Faults that cost a read from a disk: there are none without a swap. */
W_ getPageFaults(void) { return 0; }
