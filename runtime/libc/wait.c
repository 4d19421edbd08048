/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See wait.h.
 */
#include <signal.h>
#include <stdint.h>

#include <xen/sched.h>

#include "core/clock.h"
#include "core/control.h"
#include "core/domain.h"
#include "core/event.h"
#include "core/start.h"
#include "libc/signal_deliver.h"
#include "libc/wait.h"

/* Nanoseconds */
#define HASTE 100000000UL

static int request_signal;

bool wait_is_request(int sig) { return sig == request_signal; }

/*
 * When the tools are listened to: a program that ends before does not have to talk to the store,
 * which can take longer than all that it does.
 */
static uint64_t listening_from(void)
{
    static uint64_t from;

    if (!from)
        from = clock_monotonic() + HASTE;
    return from;
}

void wait_poll(void)
{
    if (!control_started() && clock_monotonic() >= listening_from())
        control_start();
    if (!control_pending() || shutdown_deliver())
        return;
    if (control_take() == SHUTDOWN_crash)
        domain_crash(128 + SIGABRT);
    request_signal = signal_handled(SIGTERM) ? SIGTERM : SIGINT;
    raise(request_signal);
}

bool wait_for_event(uint64_t deadline)
{
    bool ran = false;

    wait_poll();
    if (!control_started() && deadline > listening_from()) {
        ran = event_wait(listening_from());
        wait_poll();
    }
    if (!ran)
        ran = event_wait(deadline);
    wait_poll();
    return ran;
}
