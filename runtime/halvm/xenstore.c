/* SPDX-License-Identifier: BSD-3-Clause
 *
 * See include/halvm/xenstore.h. A request that is on its way and a watch are each behind a
 * descriptor, whose object goes when it is closed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <halvm/xenstore.h>

#include <xen/io/xs_wire.h>

#include "core/event.h"
#include "core/xenstore.h"
#include "libc/descriptor.h"
#include "libc/wait.h"

_Static_assert(HALVM_XENSTORE_MAX == XENSTORE_PAYLOAD_MAX, "as in the protocol");

int64_t halvm_xenstore_read(const char *path, void *buf, size_t size)
{
    char *value;
    size_t len;
    int error = xenstore_read(XENSTORE_NONE, path, &value, &len);

    if (error)
        return error;
    memcpy(buf, value, len < size ? len + 1 : size);
    free(value);
    return (int64_t)len;
}

int halvm_xenstore_write(const char *path, const void *value, size_t len)
{
    return xenstore_write(XENSTORE_NONE, path, value, len);
}

int halvm_xenstore_remove(const char *path) { return xenstore_rm(XENSTORE_NONE, path); }

static int store_status(struct open_file *f, struct stat *st)
{
    (void)f;
    memset(st, 0, sizeof *st);
    st->st_mode = S_IFCHR | 0600;
    return 0;
}

/* The object behind FD, if it is of KIND. */
static void *object_of(int fd, const struct file_kind *kind)
{
    struct open_file *f = descriptor_file(fd);

    return f && f->kind == kind ? f->object : NULL;
}

/* ---- requests ---- */

static bool request_ready(struct open_file *f, bool write)
{
    return !write && ((const struct xenstore_request *)f->object)->done;
}

static void request_release(struct open_file *f)
{
    struct xenstore_request *r = f->object;

    xenstore_forget(r);
    free(r->data);
    free(r);
}

static ssize_t request_read(struct open_file *f, void *buf, size_t len, off_t offset)
{
    const struct xenstore_request *r = f->object;

    (void)offset;
    if (!r->done)
        return -EAGAIN;
    if (r->error)
        return r->error;
    memcpy(buf, r->data, len < r->len ? len : r->len);
    return (ssize_t)r->len;
}

static const struct file_kind request_kind = {
    .read = request_read,
    .status = store_status,
    .ready = request_ready,
    .release = request_release,
};

int halvm_xenstore_request(unsigned int type, uint32_t transaction, const void *payload, size_t len)
{
    struct xenstore_request *r;
    int fd, error;

    /* Their events would have no descriptor. */
    if (type == XS_WATCH || type == XS_UNWATCH || type == XS_RESET_WATCHES)
        return -EINVAL;
    r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    fd = descriptor_open(&request_kind, r, O_RDONLY, 3);
    if (fd < 0) {
        free(r);
        return fd;
    }
    error = xenstore_send(r, type, transaction, payload, len);
    if (error) {
        close(fd);
        return error;
    }
    return fd;
}

int64_t halvm_xenstore_answer(int fd, void *buf)
{
    struct xenstore_request *r = object_of(fd, &request_kind);
    int64_t result;

    if (!r)
        return -EBADF;
    while (!r->done)
        wait_for_event(EVENT_FOREVER);
    result = request_read(descriptor_file(fd), buf, HALVM_XENSTORE_MAX, 0);
    close(fd);
    return result;
}

/* ---- watches ---- */

struct event {
    struct event *next;
    size_t len;
    char path[]; /* with its zero byte */
};

struct watch {
    struct xenstore_watch watch;
    struct event *first, **last;
};

static void fired(struct xenstore_watch *watch, const char *path)
{
    struct watch *w = watch->context;
    size_t len = strlen(path);
    struct event *e = malloc(sizeof *e + len + 1);

    if (!e)
        return; /* LCOV_EXCL_LINE: as XenStore itself drops them when it has no memory */
    e->next = NULL;
    e->len = len;
    memcpy(e->path, path, len + 1);
    *w->last = e;
    w->last = &e->next;
}

static bool watch_ready(struct open_file *f, bool write)
{
    const struct watch *w = f->object;

    return !write && (w->first || w->watch.set.error);
}

static void watch_release(struct open_file *f)
{
    struct watch *w = f->object;
    struct event *next;

    xenstore_watch_stop(&w->watch);
    for (struct event *e = w->first; e; e = next) {
        next = e->next;
        free(e);
    }
    free(w->watch.set.data);
    free(w);
}

static ssize_t watch_read(struct open_file *f, void *buf, size_t len, off_t offset)
{
    struct watch *w = f->object;
    struct event *e = w->first;
    ssize_t result;

    (void)offset;
    if (!e)
        return w->watch.set.error ? w->watch.set.error : -EAGAIN;
    if (len < e->len + 1)
        return -EINVAL;
    w->first = e->next;
    if (!w->first)
        w->last = &w->first;
    memcpy(buf, e->path, e->len + 1);
    result = (ssize_t)e->len;
    free(e);
    return result;
}

static const struct file_kind watch_kind = {
    .read = watch_read,
    .status = store_status,
    .ready = watch_ready,
    .release = watch_release,
};

int halvm_xenstore_watch(const char *path)
{
    struct watch *w = calloc(1, sizeof *w);
    int fd, error;

    if (!w)
        return -ENOMEM;
    w->last = &w->first;
    w->watch.fired = fired;
    w->watch.context = w;
    error = xenstore_watch_start(&w->watch, path);
    if (error) {
        free(w);
        return error;
    }
    fd = descriptor_open(&watch_kind, w, O_RDONLY, 3);
    if (fd < 0) {
        xenstore_watch_stop(&w->watch);
        free(w);
    }
    return fd;
}

int64_t halvm_xenstore_event(int fd, char *buf)
{
    struct open_file *f = descriptor_file(fd);

    if (!object_of(fd, &watch_kind))
        return -EBADF;
    while (!watch_ready(f, false))
        wait_for_event(EVENT_FOREVER);
    return watch_read(f, buf, HALVM_XENSTORE_MAX, 0);
}
