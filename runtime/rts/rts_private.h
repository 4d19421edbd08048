/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Parts of GHC 9.0's RTS that its installed headers do not declare and that its non-threaded
 * archives export: what a replacement of its operating-system members needs. configure checks the
 * version, since these are known from the RTS's source of just that one (rts/Schedule.h, Ticker.h,
 * sm/MBlock.h, sm/OSMem.h, RaiseAsync.h, Threads.h).
 */
#ifndef RUNTIME_RTS_PRIVATE_H
#define RUNTIME_RTS_PRIVATE_H

#include <signal.h>

#include <Rts.h>

enum { SCHEDULER_RUNNING = 0, SCHEDULER_INTERRUPTING = 1 };
extern volatile StgWord sched_state;

extern StgTSO *blocked_queue_hd, *blocked_queue_tl, *sleeping_queue;

extern void scheduleThread(Capability *cap, StgTSO *tso);
extern void setTSOLink(Capability *cap, StgTSO *tso, StgTSO *target);
extern void raiseAsync(Capability *cap, StgTSO *tso, StgClosure *exception, bool stop_at_atomically,
                       StgUpdateFrame *stop_here);
extern void contextSwitchAllCapabilities(void);

extern StgClosure base_GHCziEventziThread_blockedOnBadFD_closure;

/* sm/MBlock.h: how many the RTS has now. */
extern W_ mblocks_allocated;

/* Signals.c: equal when no signal is pending. */
extern siginfo_t pending_handler_buf[], *next_pending_handler;
void startSignalHandlers(Capability *cap);

/* Itimer.c: takes the RTS's tick if its interval has passed at NOW. */
void ticker_poll(Time now);

/* GetTime.h of the RTS. */
Time getProcessElapsedTime(void);

#endif
