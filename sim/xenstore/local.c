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

/* ---- nodes of the toolstack ---- */

static int give(struct xenstore *s, struct view *v, const struct permissions *p)
{
    const struct record *old = v->record;

    view_owner_change(NULL, s, old->permissions[0].domid, -1);
    view_owner_change(NULL, s, p->list[0].domid, 1);
    node_set(s, v->node, record_make(p->list, p->count, record_value(old), old->len));
    return 0;
}

/* A path's hash, and the length and the hash of its parent's. */
struct hashes {
    uint64_t hash, parent;
    size_t parent_len;
};

/* LEN bytes more of PATH, which is not /, AT of which H knows. */
static void hash_on(struct hashes *h, const char *path, size_t at, size_t len)
{
    if (at == 0) {
        h->hash = h->parent = hash_step(HASH_START, '/');
        h->parent_len = at = 1;
    }
    for (; at < len; at++) {
        if (path[at] == '/') {
            h->parent = h->hash;
            h->parent_len = at;
        }
        h->hash = hash_step(h->hash, path[at]);
    }
}

/*
 * What view_create and give do, at once: where a domain begins, most is new and in a node that is
 * there.
 */
static int put_new(struct connection *c, struct node *parent, uint64_t hash, const char *path,
                   size_t len, const char *value, const struct permissions *permissions,
                   struct node **out)
{
    struct xenstore *s = c->store;
    const struct record *above = parent->record;
    unsigned int owner;
    struct record *r;

    if (permissions->count)
        r = record_make(permissions->list, permissions->count, value, strlen(value));
    else
        r = record_adjust(s, record_make(above->permissions, above->count, value, strlen(value)),
                          parent->generation);
    rate_written(s, c); /* it ... */
    rate_written(s, c); /* ... and its parent */
    owner = r->permissions[0].domid;
    if (!quota_memory_allows(s, owner, quota_record_size(r, 0) + len) ||
        !quota_memory_allows(s, above->permissions[0].domid, len)) {
        record_put(r);
        return EIO;
    }
    node_touch(s, parent);
    *out = node_add_hashed(s, parent, hash, path, len, r);
    quota_nodes_add(s, owner, 1);
    return 0;
}

/* Makes what is missing above PATH. */
static int make_above(struct connection *c, const char *path, size_t len)
{
    static const struct permissions as_above = {.count = 0};
    struct xenstore *s = c->store;
    struct node *n = s->root;
    uint64_t hash = hash_step(HASH_START, '/');
    int error = 0;

    for (size_t at = 1; at < len && !error; at++) {
        if (path[at] == '/') {
            struct node *next = node_find_hashed(s, hash, path, at);

            if (!next)
                error = put_new(c, n, hash, path, at, "", &as_above, &next);
            n = next;
        }
        hash = hash_step(hash, path[at]);
    }
    return error;
}

static int put_again(struct connection *c, const char *path, size_t len, const char *value,
                     const struct permissions *permissions)
{
    struct xenstore *s = c->store;
    struct view v;
    int error = view_read(c, s, path, len, &v);

    if (!error)
        error = view_write(
            c, &v, record_make(v.record->permissions, v.record->count, value, strlen(value)));
    return error || !permissions->count ? error : give(s, &v, permissions);
}

int place_set(struct xenstore *s, struct place *p, const char *path)
{
    p->len = strlen(path);
    if (p->len >= sizeof(p->path) || !path_valid(s, path, p->len))
        return EINVAL;
    memcpy(p->path, path, p->len + 1);
    p->hash = hash_of(path, p->len);
    return 0;
}

int place_put(struct xenstore *s, struct place *p, const char *name, const char *value,
              const struct permissions *permissions)
{
    struct connection *c = s->own;
    struct hashes h = {.hash = p->hash, .parent = p->hash, .parent_len = p->len};
    size_t size = strlen(name) + 1, len = p->len;
    struct node *n, *parent;
    int error = 0;

    if (*name) {
        if (len + size >= sizeof(p->path))
            return EINVAL;
        p->path[len] = '/';
        memcpy(p->path + len + 1, name, size);
        len += size;
    }
    if (!path_goes_on(p->path, p->len, len))
        return EINVAL;
    hash_on(&h, p->path, *name ? p->len : 0, len);
    if (node_find_hashed(s, h.hash, p->path, len)) {
        error = put_again(c, p->path, len, value, permissions);
    } else {
        parent = node_find_hashed(s, h.parent, p->path, h.parent_len);
        if (!parent) {
            error = make_above(c, p->path, len);
            parent = node_find_hashed(s, h.parent, p->path, h.parent_len);
        }
        if (!error)
            error = put_new(c, parent, h.hash, p->path, len, value, permissions, &n);
    }
    if (!error)
        view_fire(c, p->path, len, NULL, 0);
    p->path[p->len] = '\0';
    return error;
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
