/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The trace of a machine: hypercalls with what their arguments point to, events, XenStore's
 * messages, console output and the lives of domains, written to a file that halvm-trace reads.
 * And, file or not, the last hypercalls of each domain, for reports.
 *
 * The file holds nothing that differs between two runs that are the same to their guests. Real
 * times are in a file beside it. Only what a record says for the first time is written in full;
 * what has been said before is a number (format.h), so that a record costs some nanoseconds.
 *
 * All functions belong to the thread of the hypervisor, but for trace_flush.
 */
#ifndef SIM_TRACE_TRACE_H
#define SIM_TRACE_TRACE_H

#include "hypervisor.h"

#include <xen/io/xs_wire.h>

struct trace;

/* How the file's header describes the run. */
struct trace_options {
    uint64_t seed;
    bool is_virtual; /* the machine's time is, */
    /*
     * The file could not be written: nothing more will be. Called once, maybe inside a hypercall;
     * trace_close says why. NULL: nobody wants to know.
     */
    void (*failed)(void *context);
    void *context;
};

/* Remembers the last hypercalls; no file. NULL: no memory. */
struct trace *trace_create(void);
void trace_destroy(struct trace *t);

/*
 * Begins the file PATH, and PATH.times if that is a regular file. Returns false and one line in
 * MESSAGE, without a program's name, if it cannot be.
 */
bool trace_open(struct trace *t, const char *path, const struct trace_options *options,
                char *message, size_t size);
bool trace_is_open(const struct trace *t);

/* Something could not be written. */
bool trace_has_failed(const struct trace *t);

/*
 * Ends the file. False, and one line in MESSAGE, if not all of it could be written. Nothing is
 * done without a file.
 */
bool trace_close(struct trace *t, char *message, size_t size);

/* Writes out what is buffered: the process may end now. Async-signal-safe. */
void trace_flush(struct trace *t);

/* The same in a run that goes on, when there is time for it: the file can be read meanwhile. */
void trace_write_out(struct trace *t);

/* Notes what the real time is, now that there is time for that. */
void trace_moment(struct trace *t);

/* For struct hypervisor_host. */
void trace_hypercall(struct trace *t, const struct hypervisor_call *call);
void trace_event(struct trace *t, const struct hypervisor_event *event);

/* Output of a domain at system time TIME; IS_ERROR: not of its console proper. */
void trace_console(struct trace *t, uint64_t time, domid_t domid, bool is_error, const char *bytes,
                   size_t len);

/* For struct xenstore_host: a message to (OUT) or from a connection. */
void trace_xenstore(struct trace *t, uint64_t time, unsigned int domid, bool out,
                    const struct xsd_sockmsg *message, const char *data);

/* How many of a domain's hypercalls are remembered. */
#define TRACE_LAST 16U

/*
 * Calls LINE for each of the last hypercalls of DOMID, from the oldest on: "EVTCHNOP_send(0x7f80)
 * -> 0". One that has not come back has no result. Of the arguments these are the registers.
 */
void trace_last(const struct trace *t, domid_t domid, void (*line)(void *context, const char *text),
                void *context);

#endif
