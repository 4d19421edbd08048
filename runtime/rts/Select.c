/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Where the scheduler waits: for sleepers that are due, descriptors that are ready, events. The
 * threads stay on the RTS's own queues, since the collector and throwTo look for them there.
 */
#include "rts_private.h"

#include "core/clock.h"
#include "core/event.h"
#include "libc/alarm.h"
#include "libc/descriptor.h"
#include "libc/wait.h"

/* The target is kept as nanoseconds of the elapsed time. */
StgWord getDelayTarget(HsInt us)
{
    Time now = getProcessElapsedTime();

    if (us > TimeToUS(TIME_MAX - now))
        return TIME_MAX;
    return (StgWord)(now + USToTime(us));
}

static void make_runnable(StgTSO *tso)
{
    tso->why_blocked = NotBlocked;
    tso->_link = END_TSO_QUEUE;
    scheduleThread(&MainCapability, tso);
}

/* The queue is sorted by target. */
static bool wake_sleepers(Time now)
{
    bool woken = false;

    while (sleeping_queue != END_TSO_QUEUE && (Time)sleeping_queue->block_info.target <= now) {
        StgTSO *tso = sleeping_queue;

        sleeping_queue = tso->_link;
        make_runnable(tso);
        woken = true;
    }
    return woken;
}

/* Wakes whoever waits for a descriptor that is ready, and keeps the others in their order. */
static bool wake_descriptors(void)
{
    StgTSO *next, *last = END_TSO_QUEUE;
    StgTSO *tso = blocked_queue_hd;
    bool woken = false;

    blocked_queue_hd = END_TSO_QUEUE;
    for (; tso != END_TSO_QUEUE; tso = next) {
        next = tso->_link;
        switch (descriptor_ready((int)tso->block_info.fd, tso->why_blocked == BlockedOnWrite)) {
        case FD_READY:
            make_runnable(tso);
            woken = true;
            break;
        case FD_BAD:
            raiseAsync(&MainCapability, tso, &base_GHCziEventziThread_blockedOnBadFD_closure, false,
                       NULL);
            woken = true;
            break;
        case FD_BLOCKED:
            if (last == END_TSO_QUEUE)
                blocked_queue_hd = tso;
            else
                setTSOLink(&MainCapability, last, tso);
            last = tso;
            break;
        }
    }
    if (last != END_TSO_QUEUE)
        last->_link = END_TSO_QUEUE;
    blocked_queue_tl = last;
    return woken;
}

/*
 * WAIT: nothing can run; come back only when something can, or the scheduler shall stop. Looking
 * comes after waiting for an event, so one that arrives in between is not missed.
 */
void awaitEvent(bool wait)
{
    for (;;) {
        bool woken;
        uint64_t deadline = alarm_deadline();

        event_poll();
        alarm_poll(clock_monotonic());
        woken = wake_sleepers(getProcessElapsedTime());
        woken = wake_descriptors() || woken;
        if (!wait || woken || sched_state != SCHEDULER_RUNNING)
            return;
        if (next_pending_handler != pending_handler_buf) {
            startSignalHandlers(&MainCapability);
            return;
        }
        if (sleeping_queue != END_TSO_QUEUE && sleeping_queue->block_info.target < deadline)
            deadline = sleeping_queue->block_info.target;
        wait_for_event(deadline);
    }
}
