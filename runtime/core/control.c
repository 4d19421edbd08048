/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See control.h. A request is read and acknowledged in one transaction, so that another that the
 * tools write meanwhile is not wiped out; each step sends the next from where its answer comes.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <xen/errno.h>
#include <xen/io/xs_wire.h>
#include <xen/sched.h>

#include "core/control.h"
#include "core/target.h"
#include "core/xenstore.h"

#define NODE "control/shutdown"

static const struct {
    const char *name;
    int reason;
} requests[] = {
    {"poweroff", SHUTDOWN_poweroff},
    {"halt", SHUTDOWN_poweroff},
    {"reboot", SHUTDOWN_reboot},
    {"crash", SHUTDOWN_crash},
};

static struct {
    bool started;
    bool busy;  /* an exchange with the store is under way */
    bool again; /* the node has changed since it began */
    uint32_t transaction;
    struct xenstore_request request; /* of the exchange */
    int read, pending, reason;       /* SHUTDOWN_*, or -1 */
    struct xenstore_watch watch;
    struct xenstore_request features[3];
} control = {.read = -1, .pending = -1, .reason = -1};

static int request_number(const char *name)
{
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        if (strcmp(requests[i].name, name) == 0)
            return requests[i].reason;
    }
    return -1;
}

/* ---- the exchange ---- */

static void begin(void);

static void done(void)
{
    control.busy = false;
    if (control.again)
        begin();
}

/* The exchange goes on in NEXT. */
static void step(void (*next)(struct xenstore_request *), uint32_t type, const char *payload,
                 size_t len)
{
    control.request.answered = next;
    if (xenstore_send(&control.request, type, control.transaction, payload, len) != 0)
        control.busy = false; /* no store any more, or no memory: the tools ask again */
}

static void ended(struct xenstore_request *r)
{
    int error = r->error;

    free(r->data);
    if (!error && control.read >= 0) {
        control.pending = control.read;
        control.reason = control.read;
    }
    if (error == -XEN_EAGAIN)
        control.again = true;
    done();
}

static void acknowledged(struct xenstore_request *r)
{
    bool good = !r->error;

    free(r->data);
    /* A node that cannot be written: the request counts all the same. */
    step(ended, XS_TRANSACTION_END, good ? "T" : "F", 2);
}

static void was_read(struct xenstore_request *r)
{
    char *value = r->data;

    control.read = value ? request_number(value) : -1;
    free(value);
    if (control.read >= 0)
        step(acknowledged, XS_WRITE, NODE, sizeof NODE);
    else
        step(ended, XS_TRANSACTION_END, "F", 2);
}

static void begun(struct xenstore_request *r)
{
    char *number = r->data;

    if (!number) {
        done();
        return;
    }
    control.transaction = (uint32_t)strtoul(number, NULL, 10);
    free(number);
    step(was_read, XS_READ, NODE, sizeof NODE);
}

static void begin(void)
{
    control.busy = true;
    control.again = false;
    control.transaction = XENSTORE_NONE;
    step(begun, XS_TRANSACTION_START, "", 1);
}

static void changed(struct xenstore_watch *watch, const char *path)
{
    (void)watch, (void)path;
    control.again = true;
    if (!control.busy)
        begin();
}

/* ---- what others call ---- */

static void feature_written(struct xenstore_request *r)
{
    free(r->data); /* if the tools do not let us, they know what that means */
}

void control_start(void)
{
    static const struct {
        const char *payload; /* path, zero byte, value */
        size_t len;
    } features[] = {
#define FEATURE(name, value)                                                                       \
    {"control/feature-" name "\0" value, sizeof "control/feature-" name + 1}
        FEATURE("poweroff", "1"),
        FEATURE("reboot", "1"),
        FEATURE("suspend", "0"),
    };

    if (control.started)
        return;
    control.started = true;
    control.watch.fired = changed;
    if (xenstore_watch_start(&control.watch, NODE) != 0)
        return;
    for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
        control.features[i].answered = feature_written;
        xenstore_send(&control.features[i], XS_WRITE, XENSTORE_NONE, features[i].payload,
                      features[i].len);
    }
    target_start();
}

bool control_started(void) { return control.started; }

bool control_pending(void) { return control.pending >= 0; }

int control_take(void)
{
    int request = control.pending;

    control.pending = -1;
    return request;
}

int control_reason(void) { return control.reason; }

void control_set_reason(int reason) { control.reason = reason; }
