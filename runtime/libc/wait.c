/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See wait.h.
 */
#include <signal.h>
#include <stdint.h>

#include <xen/sched.h>

#include "core/control.h"
#include "core/domain.h"
#include "core/event.h"
#include "core/start.h"
#include "libc/signal_deliver.h"
#include "libc/wait.h"

static int request_signal;

bool wait_is_request(int sig) { return sig == request_signal; }

void wait_poll(void)
{
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
    bool ran;

    wait_poll();
    ran = event_wait(deadline);
    wait_poll();
    return ran;
}
