/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See include/halvm/event.h. A port of the program's has a channel, which remembers that an event
 * has come until it is taken.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <halvm/event.h>

#include "core/clock.h"
#include "core/domain.h"
#include "core/event.h"
#include "libc/descriptor.h"
#include "libc/wait.h"

/* Of the two-level ABI */
#define PORTS 4096U

struct channel {
    bool pending;
    int descriptor; /* -1: none */
};

static struct channel *channels[PORTS];

int halvm_domain_id(void) { return domain_id(); }

static struct channel *channel_of(uint32_t port) { return port < PORTS ? channels[port] : NULL; }

static void fired(evtchn_port_t port, void *channel)
{
    (void)port;
    ((struct channel *)channel)->pending = true;
}

/* PORT is new, or an error. */
static int open_channel(int port)
{
    struct channel *c;
    int error = -ENOMEM;

    if (port < 0)
        return port;
    c = malloc(sizeof *c);
    if (c) {
        *c = (struct channel){.descriptor = -1};
        error = event_register((evtchn_port_t)port, fired, c);
    }
    if (error) {
        free(c);
        event_close((evtchn_port_t)port);
        return error;
    }
    channels[port] = c;
    return port;
}

int halvm_event_offer(unsigned int remote) { return open_channel(event_offer((domid_t)remote)); }

int halvm_event_bind(unsigned int remote, uint32_t port)
{
    return open_channel(event_take_offer((domid_t)remote, port));
}

int halvm_event_bind_virq(uint32_t virq) { return open_channel(event_bind_virq(virq)); }

int halvm_event_send(uint32_t port) { return event_send(port); }

int halvm_event_take(uint32_t port)
{
    struct channel *c = channel_of(port);
    bool pending;

    if (!c)
        return -EINVAL;
    pending = c->pending;
    c->pending = false;
    return pending;
}

int halvm_event_wait(uint32_t port, int64_t nanoseconds)
{
    uint64_t deadline = nanoseconds < 0 ? EVENT_FOREVER : clock_monotonic() + (uint64_t)nanoseconds;
    struct channel *c;

    event_poll();
    /* Another event's handler may close it. */
    while ((c = channel_of(port)) && !c->pending && clock_monotonic() < deadline)
        wait_for_event(deadline);
    return halvm_event_take(port);
}

static ssize_t no_bytes(struct open_file *f, void *buf, size_t len, off_t offset)
{
    (void)f, (void)buf, (void)len, (void)offset;
    return -EINVAL;
}

static bool channel_ready(struct open_file *f, bool write)
{
    return !write && ((const struct channel *)f->object)->pending;
}

static int channel_status(struct open_file *f, struct stat *st)
{
    (void)f;
    memset(st, 0, sizeof *st);
    st->st_mode = S_IFCHR | 0600;
    return 0;
}

static const struct file_kind channel_kind = {
    .read = no_bytes, .status = channel_status, .ready = channel_ready};

int halvm_event_descriptor(uint32_t port)
{
    struct channel *c = channel_of(port);

    if (!c)
        return -EINVAL;
    if (c->descriptor < 0 || !descriptor_file(c->descriptor) ||
        descriptor_file(c->descriptor)->object != c) {
        int fd = descriptor_open(&channel_kind, c, O_RDONLY, 3);

        if (fd < 0)
            return fd;
        c->descriptor = fd;
    }
    return c->descriptor;
}

int halvm_event_close(uint32_t port)
{
    struct channel *c = channel_of(port);

    if (!c)
        return -EINVAL;
    channels[port] = NULL;
    if (c->descriptor >= 0)
        close(c->descriptor);
    free(c);
    return event_close(port);
}
