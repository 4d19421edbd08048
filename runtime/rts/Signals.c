/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Signals come from the program itself (System.Posix.Signals), and from the host's tools when they
 * ask the domain to end (libc/wait.h). The Haskell handler starts where those of POSIX do: as a new
 * thread, in the scheduler's next round.
 */
#include "rts_private.h"

#include <signal.h>
#include <string.h>

#include "core/clock.h"
#include "core/event.h"
#include "libc/alarm.h"
#include "libc/signal_deliver.h"
#include "libc/wait.h"

#define PENDING_MAX 16

extern StgClosure base_GHCziConcziSignal_runHandlersPtr_closure;

/* The scheduler compares these two: equal means that nothing is pending. */
siginfo_t pending_handler_buf[PENDING_MAX];
siginfo_t *next_pending_handler = pending_handler_buf;

int nocldstop;

/* The handler's kind for each signal, STG_SIG_*; Haskell keeps the actions themselves. */
static int actions[_NSIG];
static unsigned int handler_count;

static bool is_haskell(int action) { return action == STG_SIG_HAN || action == STG_SIG_RST; }

int stg_sig_install(int sig, int action, void *mask STG_UNUSED)
{
    int previous;

    if (sig <= 0 || sig >= _NSIG || sig == SIGKILL || sig == SIGSTOP)
        return STG_SIG_ERR;
    previous = actions[sig] ? actions[sig] : STG_SIG_DFL;
    handler_count += is_haskell(action);
    handler_count -= is_haskell(previous);
    actions[sig] = action;
    return previous;
}

bool signal_handled_by_haskell(int sig) { return is_haskell(actions[sig]); }

bool signal_deliver(int sig)
{
    int action = actions[sig];

    if (action == STG_SIG_IGN)
        return true;
    if (!is_haskell(action))
        return false;
    if (next_pending_handler == pending_handler_buf + PENDING_MAX) {
        errorBelch("too many pending signals");
        stg_exit(EXIT_FAILURE);
    }
    memset(next_pending_handler, 0, sizeof *next_pending_handler);
    next_pending_handler->si_signo = sig;
    next_pending_handler++;
    if (action == STG_SIG_RST)
        stg_sig_install(sig, STG_SIG_DFL, NULL);
    contextSwitchAllCapabilities();
    return true;
}

void startSignalHandlers(Capability *cap)
{
    while (next_pending_handler != pending_handler_buf) {
        siginfo_t *info = malloc(sizeof *info); /* freed by runHandlersPtr */
        HaskellObj run;

        if (!info)
            barf("no memory for a signal handler");
        *info = *--next_pending_handler;
        run = rts_apply(
            cap,
            rts_apply(cap, &base_GHCziConcziSignal_runHandlersPtr_closure, rts_mkPtr(cap, info)),
            rts_mkInt(cap, info->si_signo));
        scheduleThread(cap, createIOThread(cap, RtsFlags.GcFlags.initialStkSize, run));
    }
}

bool anyUserHandlers(void) { return handler_count != 0; }

/*
 * Called when nothing runs and nothing can, after a collection that has thrown
 * BlockedIndefinitely to whom nobody can wake. Events may come, and requests of the host's tools.
 */
void awaitUserSignals(void)
{
    while (next_pending_handler == pending_handler_buf && sched_state == SCHEDULER_RUNNING) {
        wait_for_event(alarm_deadline());
        alarm_poll(clock_monotonic());
    }
}

void initUserSignals(void) {}

void freeSignalHandlers(void) {}

void initDefaultHandlers(void) {}

void resetDefaultHandlers(void) {}

void blockUserSignals(void) {}

void unblockUserSignals(void) {}

void setIOManagerWakeupFd(int fd STG_UNUSED) {}

void setTimerManagerControlFd(int fd STG_UNUSED) {}

void ioManagerWakeup(void) {}
