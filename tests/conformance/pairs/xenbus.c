/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The states of a device's two ends (core/xenbus.h): a plays the front end, b the back end. It
 * would catch a change of state that is missed, a node that is made where the device is gone, and a
 * wait that no end of the other can end.
 */
#include "pair.h"

#include "core/event.h"
#include "core/xenbus.h"
#include "core/xenstore.h"

#include <xen/io/xs_wire.h>

static char theirs[64];

/* A node that the other may read */
static void make(const char *path, const char *value)
{
    char payload[96];
    size_t len = (size_t)sprintf(payload, "%s", path) + 1;

    xenstore_write_text(0, path, value);
    len += (size_t)sprintf(payload + len, "n%u", self) + 1;
    len += (size_t)sprintf(payload + len, "r%u", peer) + 1;
    xenstore_call(XS_SET_PERMS, 0, payload, len, NULL, NULL);
}

static int wait_state(XenbusState state)
{
    return xenbus_wait(theirs, XENBUS_IS(state), EVENT_FOREVER);
}

static void nodes(void)
{
    uint64_t number;
    domid_t domain;
    char *text;
    size_t len;

    answers(xenbus_devices("vbd", &text, &len), 0, "devices");
    answers((int)len, 0, "there are none");
    answers(xenbus_state("data/none"), XenbusStateUnknown, "no device has no state");
    answers(xenbus_switch("data/none", XenbusStateClosed), -XEN_ENOENT, "nor gets one");
    answers(xenbus_state("data/none"), XenbusStateUnknown, "it was not made");
    xenstore_write_text(0, "data/device/state", "12");
    answers(xenbus_state("data/device"), XenbusStateUnknown, "no state");
    xenstore_write_text(0, "data/device/state", "x");
    answers(xenbus_state("data/device"), XenbusStateUnknown, "no number");
    answers(xenbus_read_number("data/device", "state", &number), -XEN_EINVAL, "no number");
    xenstore_write_text(0, "data/device/state", "4294967296");
    answers(xenbus_read_number("data/device", "state", &number), 0, "a large one");
    ok(number == 1UL << 32, "it is not cut");
    answers(xenbus_back_end("data/device", &text, &domain), -XEN_ENOENT, "no back end");
    xenstore_write_text(0, "data/device/backend-id", "32767");
    xenstore_write_text(0, "data/device/backend", "/some/where");
    answers(xenbus_back_end("data/device", &text, &domain), -XEN_EINVAL, "in no domain");
    xenstore_write_text(0, "data/device/backend-id", "7");
    answers(xenbus_back_end("data/device", &text, &domain), 0, "a back end");
    ok(domain == 7 && strcmp(text, "/some/where") == 0, "its domain and directory");
    free(text);
    answers(xenbus_wait("data/device", XENBUS_IS(XenbusStateClosed), clock_monotonic() + 1000000),
            -XEN_EAGAIN, "nothing changes in a millisecond");
    answers(xenbus_wait("data//device", 0, EVENT_FOREVER), -XEN_EINVAL, "no path to watch");
    xenstore_rm(0, "data/device");
}

static void a(void)
{
    nodes();
    sprintf(theirs, "/local/domain/%u/data/back", peer);
    make("data/front/state", "1");
    answers(wait_state(XenbusStateInitWait), XenbusStateInitWait, "the back end waits");
    answers(xenbus_switch("data/front", XenbusStateInitialised), 0, "we are initialised");
    answers(wait_state(XenbusStateConnected), XenbusStateConnected, "it connects");
    answers(xenbus_switch("data/front", XenbusStateConnected), 0, "so do we");
    answers(xenbus_wait(theirs, XENBUS_IS(XenbusStateClosing) | XENBUS_IS(XenbusStateClosed),
                        EVENT_FOREVER),
            XenbusStateClosing, "it closes");
    answers(xenbus_switch("data/front", XenbusStateClosed), 0, "we have closed");
    answers(wait_state(XenbusStateUnknown), XenbusStateUnknown, "it is gone");
    xenstore_rm(0, "data/front");
    meet();
}

static void b(void)
{
    sprintf(theirs, "/local/domain/%u/data/front", peer);
    answers(wait_state(XenbusStateInitialising), XenbusStateInitialising, "a front end");
    make("data/back/state", "1");
    answers(xenbus_switch("data/back", XenbusStateInitWait), 0, "we wait");
    answers(wait_state(XenbusStateInitialised), XenbusStateInitialised, "it is initialised");
    answers(xenbus_switch("data/back", XenbusStateConnected), 0, "we connect");
    answers(wait_state(XenbusStateConnected), XenbusStateConnected, "so does it");
    answers(xenbus_switch("data/back", XenbusStateClosing), 0, "we close");
    answers(wait_state(XenbusStateClosed), XenbusStateClosed, "it has closed");
    xenstore_rm(0, "data/back");
    meet();
}
