/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Clocks and waiting.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/event.h"
#include "libc/descriptor.h"
#include "libc/wait.h"

#define SECOND 1000000000UL

static struct timespec timespec_of(uint64_t ns)
{
    struct timespec ts = {ns / SECOND, ns % SECOND};

    return ts;
}

static struct timeval timeval_of(uint64_t ns)
{
    struct timeval tv = {ns / SECOND, ns % SECOND / 1000};

    return tv;
}

/* The value of a clock; false if there is no such clock. */
static bool read_clock(clockid_t clock, uint64_t *ns)
{
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
    case CLOCK_TAI:
        *ns = clock_wall();
        return true;
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_BOOTTIME:
        *ns = clock_monotonic();
        return true;
    case CLOCK_PROCESS_CPUTIME_ID:
    case CLOCK_THREAD_CPUTIME_ID:
        *ns = clock_cpu();
        return true;
    default:
        return false;
    }
}

int clock_gettime(clockid_t clock, struct timespec *ts)
{
    uint64_t ns;

    if (!read_clock(clock, &ns))
        return errno_result(-EINVAL);
    *ts = timespec_of(ns);
    return 0;
}

int clock_getres(clockid_t clock, struct timespec *ts)
{
    uint64_t ns;

    if (!read_clock(clock, &ns))
        return errno_result(-EINVAL);
    if (ts)
        *ts = timespec_of(1);
    return 0;
}

int clock_settime(clockid_t clock, const struct timespec *ts)
{
    (void)clock, (void)ts;
    return errno_result(-EPERM);
}

int clock_getcpuclockid(pid_t pid, clockid_t *clock)
{
    if (pid && pid != getpid())
        return ESRCH;
    *clock = CLOCK_PROCESS_CPUTIME_ID;
    return 0;
}

int gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
    (void)tz;
    *tv = timeval_of(clock_wall());
    return 0;
}

time_t time(time_t *t)
{
    time_t now = clock_wall() / SECOND;

    if (t)
        *t = now;
    return now;
}

clock_t clock(void) { return clock_cpu() / (SECOND / CLOCKS_PER_SEC); }

/* Both in ticks of sysconf(_SC_CLK_TCK), 100 a second. */
clock_t times(struct tms *t)
{
    memset(t, 0, sizeof *t);
    t->tms_utime = clock_cpu() / (SECOND / 100);
    return clock_monotonic() / (SECOND / 100);
}

int getrusage(int who, struct rusage *usage)
{
    if (who != RUSAGE_SELF && who != RUSAGE_CHILDREN && who != 1 /* RUSAGE_THREAD */)
        return errno_result(-EINVAL);
    /* musl's struct has a reserve at the end, which callers that know glibc's do not have. */
    memset(usage, 0, offsetof(struct rusage, __reserved));
    if (who != RUSAGE_CHILDREN)
        usage->ru_utime = timeval_of(clock_cpu());
    return 0;
}

static void sleep_until(uint64_t deadline)
{
    while (clock_monotonic() < deadline)
        wait_for_event(deadline);
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *ts, struct timespec *left)
{
    uint64_t now, length;

    if (ts->tv_sec < 0 || ts->tv_nsec < 0 || ts->tv_nsec >= (long)SECOND ||
        !read_clock(clock, &now))
        return EINVAL;
    length = (uint64_t)ts->tv_sec >= UINT64_MAX / 2 / SECOND
                 ? UINT64_MAX / 2
                 : (uint64_t)ts->tv_sec * SECOND + (uint64_t)ts->tv_nsec;
    if (flags & TIMER_ABSTIME)
        length = length > now ? length - now : 0;
    sleep_until(clock_monotonic() + length);
    if (left && !(flags & TIMER_ABSTIME))
        *left = timespec_of(0);
    return 0;
}

int nanosleep(const struct timespec *ts, struct timespec *left)
{
    return errno_result(-clock_nanosleep(CLOCK_MONOTONIC, 0, ts, left));
}

int usleep(unsigned microseconds)
{
    sleep_until(clock_monotonic() + microseconds * 1000UL);
    return 0;
}

unsigned sleep(unsigned seconds)
{
    sleep_until(clock_monotonic() + seconds * SECOND);
    return 0;
}

/* Nothing can interrupt a guest, so there are no timers that would have to; see also alarm.c. */
int setitimer(int which, const struct itimerval *restrict new, struct itimerval *restrict old)
{
    (void)which, (void)new, (void)old;
    return errno_result(-ENOSYS);
}

int getitimer(int which, struct itimerval *value)
{
    (void)which;
    memset(value, 0, sizeof *value);
    return 0;
}

struct sigevent;
int timer_create(clockid_t clock, struct sigevent *restrict event, timer_t *restrict timer)
{
    (void)clock, (void)event, (void)timer;
    return errno_result(-ENOSYS);
}

int timer_settime(timer_t timer, int flags, const struct itimerspec *restrict value,
                  struct itimerspec *restrict old)
{
    (void)timer, (void)flags, (void)value, (void)old;
    return errno_result(-EINVAL);
}

int timer_delete(timer_t timer)
{
    (void)timer;
    return errno_result(-EINVAL);
}

int __clock_gettime(clockid_t, struct timespec *) __attribute__((alias("clock_gettime")));
int __clock_nanosleep(clockid_t, int, const struct timespec *, struct timespec *)
    __attribute__((alias("clock_nanosleep")));
