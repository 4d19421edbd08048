/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Connections of the host's programs, which bring bytes as through a Unix socket, and requests of
 * the host's own.
 */
#include "xenstore/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- connections ---- */

static int local_read(struct connection *c, char *bytes, size_t len)
{
    if (len > c->received_len)
        len = c->received_len;
    memcpy(bytes, c->received, len);
    c->received += len;
    c->received_len -= len;
    return (int)len;
}

static int local_write(struct connection *c, const char *bytes, size_t len)
{
    size_t n = c->local.send(c->local.context, bytes, len);

    if (n < len)
        c->blocked = true;
    return (int)n;
}

static bool local_can_read(struct connection *c) { return c->received_len > 0; }

static bool local_can_write(struct connection *c) { return !c->blocked; }

static const struct transport local_transport = {.read = local_read,
                                                 .write = local_write,
                                                 .can_read = local_can_read,
                                                 .can_write = local_can_write};

struct connection *xenstore_local_open(struct xenstore *s, const struct xenstore_local *local)
{
    struct connection *c = connection_new(s, &local_transport);

    c->local = *local;
    return c;
}

void xenstore_local_close(struct connection *c) { connection_free(c); }

void xenstore_local_receive(struct connection *c, const char *bytes, size_t len)
{
    struct xenstore *s = c->store;

    c->received = bytes;
    c->received_len = len;
    while (connection_input(c))
        ;
    if (c->closing)
        connection_close(c);
    xenstore_run(s);
}

void xenstore_local_writable(struct connection *c)
{
    struct xenstore *s = c->store;

    c->blocked = false;
    connection_activate(c);
    xenstore_run(s);
}

/* ---- the host's own requests ---- */

static int error_number(const char *name)
{
    size_t i = sizeof(xsd_errors) / sizeof(xsd_errors[0]);

    while (--i > 0 && strcmp(xsd_errors[i].errstring, name) != 0)
        ;
    return xsd_errors[i].errnum;
}

/* The number is what stands for a transaction. */
static uint32_t id_of(const struct xenstore_transaction *t) { return (uint32_t)(uintptr_t)t; }

/*
 * Processes a request whose payload is the strings ARGUMENTS, each but the last ended by a zero
 * byte, and VALUE. Stores what is answered in *ANSWER (NULL: nobody asks), which the caller frees.
 */
static int request(struct xenstore *s, uint32_t type, const struct xenstore_transaction *t,
                   const char *path, const void *value, size_t len, struct message **answer)
{
    struct xsd_sockmsg header = {.type = type, .tx_id = id_of(t)};
    struct connection *c = s->own;
    size_t path_size = strlen(path) + 1;
    struct message *m;
    int error = 0;

    if (path_size + len > XENSTORE_PAYLOAD_MAX)
        return E2BIG;
    header.len = (uint32_t)(path_size + len);
    m = c->in = message_new(&header);
    m->data = store_realloc(NULL, header.len + 1);
    memcpy(m->data, path, path_size);
    if (len)
        memcpy(m->data + path_size, value, len);
    m->data[header.len] = '\0';
    process_message(c);
    /* What C is answered is its only message: it has no watches. */
    m = container_of(c->out.next, struct message, link);
    list_remove(&m->link);
    list_remove(&c->active);
    quota_memory_sub(s, 0, m->header.len + sizeof(m->header));
    c->unsent = 0;
    if (m->header.type == XS_ERROR)
        error = error_number(m->data);
    if (answer && !error)
        *answer = m;
    else
        message_free(m);
    xenstore_run(s);
    return error;
}

struct xenstore_transaction *xenstore_transaction_start(struct xenstore *s)
{
    struct message *m;
    uintptr_t id;

    /* It has no quota. */
    request(s, XS_TRANSACTION_START, NULL, "", NULL, 0, &m);
    id = strtoul(m->data, NULL, 10);
    message_free(m);
    return (struct xenstore_transaction *)id;
}

int xenstore_transaction_end(struct xenstore *s, struct xenstore_transaction *t, bool commit)
{
    return request(s, XS_TRANSACTION_END, t, commit ? "T" : "F", NULL, 0, NULL);
}

int xenstore_write(struct xenstore *s, struct xenstore_transaction *t, const char *path,
                   const void *value, size_t len)
{
    return request(s, XS_WRITE, t, path, value, len, NULL);
}

/* PERMISSIONS as text, in which a single space is between two. */
static int give(struct xenstore *s, struct view *v, const char *permissions)
{
    struct permission p[4];
    char text[64];
    unsigned int count = 1;
    const struct record *old = v->record;
    int error;

    snprintf(text, sizeof(text), "%s", permissions);
    for (char *space = text; (space = strchr(space, ' ')) && count < 4; count++)
        *space++ = '\0';
    error = permissions_parse(s, p, count, text);
    if (error)
        return error;
    view_owner_change(NULL, s, v->record->permissions[0].domid, -1);
    view_owner_change(NULL, s, p[0].domid, 1);
    node_set(s, v->node, record_make(p, count, record_value(old), old->len));
    return 0;
}

int xenstore_put(struct xenstore *s, const char *path, const char *value, const char *permissions)
{
    struct connection *c = s->own;
    size_t len = strlen(path), size = strlen(value);
    struct view v;
    int error;

    if (!path_valid(s, path, len))
        return EINVAL;
    error = view_read(c, s, path, len, &v);
    if (error == ENOENT)
        error = view_create(c, path, len, value, size);
    else if (!error)
        error = view_write(c, &v, record_make(v.record->permissions, v.record->count, value, size));
    if (!error && permissions) {
        view_read(c, s, path, len, &v);
        error = give(s, &v, permissions);
    }
    if (!error)
        view_fire(c, path, len, NULL, 0);
    return error;
}

int xenstore_printf(struct xenstore *s, struct xenstore_transaction *t, const char *path,
                    const char *format, ...)
{
    char value[XENSTORE_PAYLOAD_MAX];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(value, sizeof(value), format, args);
    va_end(args);
    return (size_t)len < sizeof(value) ? xenstore_write(s, t, path, value, (size_t)len) : E2BIG;
}

int xenstore_mkdir(struct xenstore *s, struct xenstore_transaction *t, const char *path)
{
    return request(s, XS_MKDIR, t, path, NULL, 0, NULL);
}

int xenstore_rm(struct xenstore *s, struct xenstore_transaction *t, const char *path)
{
    return request(s, XS_RM, t, path, NULL, 0, NULL);
}

int xenstore_set_permissions(struct xenstore *s, struct xenstore_transaction *t, const char *path,
                             const char *permissions)
{
    char text[XENSTORE_PAYLOAD_MAX];
    size_t len = strlen(permissions) + 1;

    if (len > sizeof(text))
        return E2BIG;
    for (size_t i = 0; i < len; i++)
        text[i] = permissions[i] == ' ' ? '\0' : permissions[i];
    return request(s, XS_SET_PERMS, t, path, text, len, NULL);
}

int xenstore_read(struct xenstore *s, struct xenstore_transaction *t, const char *path, char *value,
                  size_t size, size_t *len)
{
    struct message *m;
    int error = request(s, XS_READ, t, path, NULL, 0, &m);

    if (error)
        return error;
    memcpy(value, m->data, m->header.len < size ? m->header.len : size);
    if (m->header.len < size)
        value[m->header.len] = '\0';
    if (len)
        *len = m->header.len;
    message_free(m);
    return 0;
}

/* ---- domains ---- */

static int domain_request(struct xenstore *s, uint32_t type, unsigned int domid)
{
    char text[16];

    snprintf(text, sizeof(text), "%u", domid);
    return request(s, type, NULL, text, NULL, 0, NULL);
}

int xenstore_introduce(struct xenstore *s, unsigned int domid, evtchn_port_t port)
{
    char text[16], rest[32] = "0"; /* the frame is not used */
    int len = snprintf(rest + 2, sizeof(rest) - 2, "%u", port);

    snprintf(text, sizeof(text), "%u", domid);
    return request(s, XS_INTRODUCE, NULL, text, rest, (size_t)len + 3, NULL);
}

int xenstore_release(struct xenstore *s, unsigned int domid)
{
    return domain_request(s, XS_RELEASE, domid);
}

int xenstore_resume(struct xenstore *s, unsigned int domid)
{
    return domain_request(s, XS_RESUME, domid);
}

bool xenstore_is_introduced(struct xenstore *s, unsigned int domid)
{
    const struct store_domain *d = store_domain_find(s, domid);

    return d && d->introduced;
}
