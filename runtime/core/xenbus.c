/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See xenbus.h.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <xen/errno.h>
#include <xen/io/xs_wire.h>

#include "core/clock.h"
#include "core/event.h"
#include "core/format.h"
#include "core/xenbus.h"
#include "core/xenstore.h"

/* DIRECTORY/NAME in PATH; false if it is longer than any path. */
static bool join(char path[XENSTORE_ABS_PATH_MAX + 1], const char *directory, const char *name)
{
    if (strlen(directory) + 1 + strlen(name) > XENSTORE_ABS_PATH_MAX)
        return false;
    format(path, XENSTORE_ABS_PATH_MAX + 1, "%s/%s", directory, name);
    return true;
}

int xenbus_devices(const char *kind, char **numbers, size_t *len)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    int error =
        join(path, "device", kind) ? xenstore_list(XENSTORE_NONE, path, numbers, len) : -XEN_EINVAL;

    if (error != -XEN_ENOENT)
        return error;
    *numbers = NULL;
    *len = 0;
    return 0;
}

static int read_number(uint32_t t, const char *directory, const char *name, uint64_t *number)
{
    char path[XENSTORE_ABS_PATH_MAX + 1], *value, *end;
    int error = join(path, directory, name) ? xenstore_read(t, path, &value, NULL) : -XEN_EINVAL;

    if (error)
        return error;
    *number = strtoul(value, &end, 10);
    if (end == value || *end || *value == '-')
        error = -XEN_EINVAL;
    free(value);
    return error;
}

int xenbus_read_number(const char *directory, const char *name, uint64_t *number)
{
    return read_number(XENSTORE_NONE, directory, name, number);
}

int xenbus_back_end(const char *directory, char **back, domid_t *domain)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    uint64_t number;
    int error = read_number(XENSTORE_NONE, directory, "backend-id", &number);

    if (!error && number >= DOMID_FIRST_RESERVED)
        error = -XEN_EINVAL;
    if (!error && !join(path, directory, "backend"))
        error = -XEN_EINVAL;
    if (!error)
        error = xenstore_read(XENSTORE_NONE, path, back, NULL);
    if (!error)
        *domain = (domid_t)number;
    return error;
}

/* One that is not there, or that says something else than a state, is Unknown, as for Linux. */
static int read_state(uint32_t t, const char *directory)
{
    uint64_t number;
    int error = read_number(t, directory, "state", &number);

    if (error == -XEN_ENOENT || error == -XEN_EINVAL || error == -XEN_EACCES)
        return XenbusStateUnknown;
    if (error)
        return error;
    return number <= XenbusStateReconfigured ? (int)number : XenbusStateUnknown;
}

int xenbus_state(const char *directory) { return read_state(XENSTORE_NONE, directory); }

static int try_switch(const char *path, XenbusState state)
{
    char text[4], *before;
    uint32_t t;
    int error = xenstore_begin(&t), ended;

    if (error)
        return error;
    error = xenstore_read(t, path, &before, NULL);
    if (!error) {
        free(before);
        format(text, sizeof text, "%u", state);
        error = xenstore_write_text(t, path, text);
    }
    ended = xenstore_end(t, !error);
    return error ? error : ended;
}

int xenbus_switch(const char *directory, XenbusState state)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    int error = -XEN_EINVAL;

    if (!join(path, directory, "state"))
        return error;
    do {
        error = try_switch(path, state);
    } while (error == -XEN_EAGAIN);
    return error;
}

static void changed(struct xenstore_watch *watch, const char *path)
{
    (void)path;
    *(bool *)watch->context = true;
}

int xenbus_wait(const char *directory, unsigned int states, uint64_t deadline)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    bool again = true;
    struct xenstore_watch watch = {.fired = changed, .context = &again};
    int state = join(path, directory, "state") ? xenstore_watch_start(&watch, path) : -XEN_EINVAL;

    if (state)
        return state;
    for (;;) {
        if (again) {
            again = false;
            state = xenbus_state(directory);
            if (state < 0 || (states & XENBUS_IS(state)))
                break;
        } else if (watch.set.error) {
            state = watch.set.error;
            break;
        } else if (deadline != EVENT_FOREVER && clock_monotonic() >= deadline) {
            state = -XEN_EAGAIN;
            break;
        } else {
            event_wait(deadline);
        }
    }
    free(watch.set.data);
    xenstore_watch_stop(&watch);
    return state;
}
