/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Event channels of the guest (<xen/event_channel.h>). Upcalls stay masked: a
 * pending port is seen by looking (event_poll) or by waiting (event_wait).
 */
#ifndef RUNTIME_CORE_EVENT_H
#define RUNTIME_CORE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include <xen/event_channel.h>

/* Called with the port and the pointer given at registration, outside any hypercall. */
typedef void event_handler(evtchn_port_t port, void *arg);

/* No deadline: wait for an event only. */
#define EVENT_FOREVER UINT64_MAX

/*
 * From now on HANDLER(PORT, ARG) runs when PORT becomes pending; the port's pending
 * bit is cleared before the call. Returns 0, or -EINVAL (out of range), -EBUSY (taken)
 * or -ENOSPC: Xen waits for 128 ports at most.
 */
int event_register(evtchn_port_t port, event_handler *handler, void *arg);
void event_unregister(evtchn_port_t port);

/* Binds a virtual interrupt of vCPU 0; returns the port or Xen's negative error. */
int event_bind_virq(uint32_t virq);

/*
 * Offers a port to REMOTE, or takes REMOTE's offer PORT; both return our port or Xen's negative
 * error. A port that has taken an offer is pending at first.
 */
int event_offer(domid_t remote);
int event_take_offer(domid_t remote, evtchn_port_t port);

/* Unregisters and closes PORT; returns 0 or Xen's negative error. */
int event_close(evtchn_port_t port);

/* EVTCHNOP_send; returns 0 or Xen's negative error. */
int event_send(evtchn_port_t port);

/* Runs the handlers of the ports pending now. Returns whether there was one. */
bool event_poll(void);

/*
 * Waits until a registered port is pending or clock_monotonic() >= DEADLINE, then
 * runs the handlers. Returns whether one ran.
 */
bool event_wait(uint64_t deadline);

#endif
