/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Event channels for programs: C that is linked into a unikernel, and Haskell through "foreign
 * import ccall". All calls return at once but halvm_event_wait; import them "unsafe".
 *
 * Functions return 0 or more, or a negative error number as in <errno.h>.
 *
 * A Haskell thread waits for a port without keeping other threads from running:
 *
 *     fd <- halvm_event_descriptor port              -- once
 *     threadWaitRead (Fd fd) >> halvm_event_take port
 *
 * While one does, others that nobody can wake are not told so (BlockedIndefinitelyOnMVar), as
 * natively while a thread waits for a descriptor.
 */
#ifndef HALVM_EVENT_H
#define HALVM_EVENT_H

#include <stdint.h>

/* This domain's number. */
int halvm_domain_id(void);

/*
 * A new port. halvm_event_offer: for domain REMOTE to bind to. halvm_event_bind: bound to PORT,
 * which REMOTE has offered to us; the port is pending at first. halvm_event_bind_virq: for virtual
 * interrupt VIRQ (<xen/xen.h>) of processor 0. -ENOSPC: a domain can wait for 128 ports, of which
 * the runtime has up to two.
 */
int halvm_event_offer(unsigned int remote);
int halvm_event_bind(unsigned int remote, uint32_t port);
int halvm_event_bind_virq(uint32_t virq);

/* Makes the other end's port pending. No error if nobody has bound to the offer yet: it is lost. */
int halvm_event_send(uint32_t port);

/* 1 if an event has come since it was last asked, which is taken; else 0. */
int halvm_event_take(uint32_t port);

/*
 * Waits for an event for up to NANOSECONDS (< 0: for ever), and takes it: 1, or 0 when the time is
 * over. The whole program waits: in Haskell, use the descriptor.
 */
int halvm_event_wait(uint32_t port, int64_t nanoseconds);

/* A descriptor that can be read from while an event is there to be taken. One a port. */
int halvm_event_descriptor(uint32_t port);

/* Closes the port, and its descriptor: threads that wait for it get an IOError. */
int halvm_event_close(uint32_t port);

#endif
