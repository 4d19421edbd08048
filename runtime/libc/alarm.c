/* SPDX-License-Identifier: BSD-3-Clause */
#include <signal.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/event.h"
#include "libc/alarm.h"

#define NSEC_PER_SEC 1000000000UL

static uint64_t due = EVENT_FOREVER;

uint64_t alarm_deadline(void) { return due; }

void alarm_poll(uint64_t now)
{
    if (now < due)
        return;
    due = EVENT_FOREVER;
    raise(SIGALRM);
}

unsigned alarm(unsigned seconds)
{
    uint64_t now = clock_monotonic(), before = due;

    due = seconds ? now + seconds * NSEC_PER_SEC : EVENT_FOREVER;
    if (before == EVENT_FOREVER || before <= now)
        return 0;
    return (unsigned)((before - now + NSEC_PER_SEC - 1) / NSEC_PER_SEC);
}
