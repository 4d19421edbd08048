/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The RTS's tick, by which it switches threads and samples profiles. Nobody interrupts a guest:
 * the tick is taken late, where the RTS looks at the clock or waits.
 */
#include "rts_private.h"

#include "core/event.h"
#include "libc/alarm.h"
#include "libc/wait.h"

typedef void tick_handler(int);

static struct {
    Time interval, next;
    tick_handler *handler;
    bool running;
} ticker;

void initTicker(Time interval, tick_handler *handler)
{
    ticker.interval = interval;
    ticker.handler = handler;
}

void startTicker(void)
{
    /* Not before a whole interval has passed; the first look at the clock sets the phase. */
    ticker.next = 0;
    ticker.running = true;
}

void stopTicker(void) { ticker.running = false; }

void exitTicker(bool wait STG_UNUSED) { ticker.running = false; }

int rtsTimerSignal(void) { return 0; /* no signal is ours */ }

void ticker_poll(Time now)
{
    alarm_poll((uint64_t)now);
    if (!ticker.running || ticker.interval == 0)
        return;
    if (ticker.next == 0) {
        ticker.next = now + ticker.interval;
    } else if (now >= ticker.next) {
        ticker.next = now + ticker.interval;
        /* Programs that never wait learn here what has come. */
        event_poll();
        wait_poll();
        ticker.handler(0);
    }
}
