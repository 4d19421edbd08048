/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The conventions by which the two ends of a device find each other in XenStore and tell how far
 * they are (<xen/io/xenbus.h>), for drivers. All of these wait for the store.
 *
 * Functions that return int return a negative XEN_E* for an error of XenStore's.
 */
#ifndef RUNTIME_CORE_XENBUS_H
#define RUNTIME_CORE_XENBUS_H

#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/io/xenbus.h>

/* A set of states */
#define XENBUS_IS(state) (1U << (state))

/*
 * Stores the numbers of the devices of a KIND ("vbd", "vif") that the domain has: names, each with
 * its zero byte, LEN bytes in all, to be freed. Their directories are device/KIND/NUMBER.
 */
int xenbus_devices(const char *kind, char **numbers, size_t *len);

/* The back end of the device in DIRECTORY: its directory, to be freed, and its domain. */
int xenbus_back_end(const char *directory, char **back, domid_t *domain);

/* The state of the end in DIRECTORY; XenbusStateUnknown if it says none. */
int xenbus_state(const char *directory);

/*
 * Our end, in DIRECTORY, is in STATE now. -ENOENT: the directory has no state, so the device has
 * been taken away, and none is made.
 */
int xenbus_switch(const char *directory, XenbusState state);

/*
 * Waits until the end in DIRECTORY is in one of STATES, and returns which; -EAGAIN if it is in
 * none when clock_monotonic() reaches DEADLINE (EVENT_FOREVER: never).
 */
int xenbus_wait(const char *directory, unsigned int states, uint64_t deadline);

/* Reads an unsigned decimal number at DIRECTORY/NAME; -EINVAL if there is something else. */
int xenbus_read_number(const char *directory, const char *name, uint64_t *number);

#endif
