/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Requests that read and write nodes.
 */
#include "xenstore/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The node that PATH names for C, if C has PERM on it; FULL and LEN are its path. */
static int get(struct connection *c, const char *path, unsigned int perm, struct view *v,
               const char **full, size_t *len)
{
    *full = request_path(c, path, len);
    return view_get(c, *full, *len, perm, v);
}

static int acknowledge(struct connection *c, uint32_t type)
{
    send_reply(c, type, "OK", 3);
    return 0;
}

/* ---- reading ---- */

int do_read(struct connection *c, struct message *m)
{
    const char *path;
    struct view v;
    size_t len;
    int error = get(c, request_one(m), PERM_READ, &v, &path, &len);

    if (!error)
        send_reply(c, XS_READ, record_value(v.record), v.record->len);
    return error;
}

int do_directory(struct connection *c, struct message *m)
{
    struct buffer *list = &c->store->listing;
    const char *path;
    struct view v;
    size_t len;
    int error = get(c, request_one(m), PERM_READ, &v, &path, &len);

    if (error)
        return error;
    if (view_child_bytes(&v) > XENSTORE_PAYLOAD_MAX)
        return E2BIG;
    view_children(&v, list);
    send_reply(c, XS_DIRECTORY, list->bytes, list->len);
    return 0;
}

/* As many whole names from OFFSET of LIST as there is room for, and an empty one at the end. */
static size_t list_part(char *out, size_t room, const struct buffer *list, size_t offset)
{
    size_t len = 0, next;

    while (offset + len < list->len) {
        next = strlen(list->bytes + offset + len) + 1;
        if (len + next > room)
            return len;
        memcpy(out + len, list->bytes + offset + len, next);
        len += next;
    }
    out[len] = '\0';
    return len + 1;
}

int do_directory_part(struct connection *c, struct message *m)
{
    struct buffer *list = &c->store->listing;
    const char *strings[2], *path;
    unsigned int offset;
    struct view v;
    size_t len;
    char *out;
    int error;

    if (request_strings(m, strings, 2) != 2)
        return EINVAL;
    error = get(c, strings[0], PERM_READ, &v, &path, &len);
    if (error)
        return error;
    offset = (unsigned int)atoi(strings[1]);
    view_children(&v, list);
    /* The generation tells whether parts belong together. */
    out = store_alloc(XENSTORE_PAYLOAD_MAX);
    len = (size_t)snprintf(out, XENSTORE_PAYLOAD_MAX, "%" PRIu64, v.generation) + 1;
    len += list_part(out + len, XENSTORE_PAYLOAD_MAX - len - 1, list, offset);
    send_reply(c, XS_DIRECTORY_PART, out, len);
    free(out);
    return 0;
}

int do_get_perms(struct connection *c, struct message *m)
{
    const char *path;
    struct view v;
    size_t len, size;
    char *text;
    int error = get(c, request_one(m), PERM_READ, &v, &path, &len);

    if (error)
        return error;
    size = v.record->count * PERMISSION_SIZE;
    text = store_alloc(size);
    send_reply(c, XS_GET_PERMS, text, permissions_print(v.record, text, size));
    free(text);
    return 0;
}

/* ---- writing ---- */

int do_write(struct connection *c, struct message *m)
{
    const char *string, *path, *value;
    size_t len, value_len;
    struct view v;
    int error;

    if (request_strings(m, &string, 1) < 1)
        return EINVAL;
    value = string + strlen(string) + 1;
    value_len = (size_t)(m->data + m->header.len - value);
    error = get(c, string, PERM_WRITE, &v, &path, &len);
    if (error == ENOENT)
        error = view_create(c, path, len, value, value_len);
    else if (!error)
        error = view_write(c, &v,
                           record_make(v.record->permissions, v.record->count, value, value_len));
    if (error)
        return error;
    view_fire(c, path, len, NULL, 0);
    return acknowledge(c, XS_WRITE);
}

int do_mkdir(struct connection *c, struct message *m)
{
    const char *path;
    struct view v;
    size_t len;
    int error = get(c, request_one(m), PERM_WRITE, &v, &path, &len);

    if (error == ENOENT) {
        error = view_create(c, path, len, NULL, 0);
        if (!error)
            view_fire(c, path, len, NULL, 0);
    }
    return error ? error : acknowledge(c, XS_MKDIR);
}

int do_rm(struct connection *c, struct message *m)
{
    const char *path;
    struct view v;
    size_t len;
    int error = get(c, request_one(m), PERM_WRITE, &v, &path, &len);

    if (error == ENOENT) {
        /* It is not there, as is wanted; its parent must be. */
        error = view_read(c, c->store, path, path_parent(path, len), &v);
        return error ? error : acknowledge(c, XS_RM);
    }
    if (error)
        return error;
    if (len == 1)
        return EINVAL;
    error = view_remove(c, c->store, path, len);
    return error ? error : acknowledge(c, XS_RM);
}

/* ---- permissions ---- */

static int set_special(struct connection *c, const char *name, const struct permission *p,
                       unsigned int count)
{
    struct record **r = permissions_special(c->store, name);
    const unsigned int wanted = PERM_WRITE | PERM_OWNER;

    if (!r)
        return EINVAL;
    if ((permission_of(c->store, c, *r, c->store->generation) & wanted) != wanted)
        return EACCES;
    record_put(*r);
    *r = record_make(p, count, NULL, 0);
    return acknowledge(c, XS_SET_PERMS);
}

static int set_node(struct connection *c, const char *string, const struct permission *p,
                    unsigned int count)
{
    const char *path;
    struct record *old;
    uint64_t generation;
    struct view v;
    size_t len;
    int error = get(c, string, PERM_WRITE | PERM_OWNER, &v, &path, &len);

    if (error)
        return error;
    if (!is_privileged(c) && p[0].domid != v.record->permissions[0].domid)
        return EPERM;
    old = record_make(v.record->permissions, v.record->count, NULL, 0);
    generation = v.generation;
    error = view_write(c, &v, record_make(p, count, record_value(v.record), v.record->len));
    if (!error) {
        view_owner_change(c, c->store, old->permissions[0].domid, -1);
        view_owner_change(c, c->store, p[0].domid, 1);
        view_fire(c, path, len, old, generation);
        acknowledge(c, XS_SET_PERMS);
    }
    record_put(old);
    return error;
}

int do_set_perms(struct connection *c, struct message *m)
{
    unsigned int count = request_strings(m, NULL, 0);
    struct permission *p;
    int error;

    if (count < 2)
        return EINVAL;
    count--;
    if (!is_privileged(c) && count > (unsigned int)c->store->quota.permissions)
        return ENOSPC;
    p = store_alloc(count * sizeof(*p));
    error = permissions_parse(c->store, p, count, m->data + strlen(m->data) + 1);
    if (!error && m->data[0] == '@')
        error = set_special(c, m->data, p, count);
    else if (!error)
        error = set_node(c, m->data, p, count);
    free(p);
    return error;
}
