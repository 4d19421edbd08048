/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Requests: who may make them, and what their strings are.
 */
#include "xenstore/store.h"

#include <stdio.h>
#include <string.h>

static const struct {
    request_handler *handler;
    bool privileged;
    bool no_transaction; /* its number is ignored */
} requests[XS_TYPE_COUNT] = {
    [XS_CONTROL] = {do_control, .privileged = true},
    [XS_DIRECTORY] = {do_directory},
    [XS_READ] = {do_read},
    [XS_GET_PERMS] = {do_get_perms},
    [XS_WATCH] = {do_watch, .no_transaction = true},
    [XS_UNWATCH] = {do_unwatch, .no_transaction = true},
    [XS_TRANSACTION_START] = {do_transaction_start},
    [XS_TRANSACTION_END] = {do_transaction_end},
    [XS_INTRODUCE] = {do_introduce, .privileged = true},
    [XS_RELEASE] = {do_release, .privileged = true},
    [XS_GET_DOMAIN_PATH] = {do_get_domain_path},
    [XS_WRITE] = {do_write},
    [XS_MKDIR] = {do_mkdir},
    [XS_RM] = {do_rm},
    [XS_SET_PERMS] = {do_set_perms},
    [XS_IS_DOMAIN_INTRODUCED] = {do_is_domain_introduced, .privileged = true},
    [XS_RESUME] = {do_resume, .privileged = true},
    [XS_SET_TARGET] = {do_set_target, .privileged = true},
    [XS_RESET_WATCHES] = {do_reset_watches},
    [XS_DIRECTORY_PART] = {do_directory_part},
};

/* ---- strings ---- */

unsigned int request_strings(const struct message *m, const char **strings, unsigned int count)
{
    const char *at = m->data, *end = m->data + m->header.len, *zero;
    unsigned int n = 0;

    while (at < end && (zero = memchr(at, '\0', (size_t)(end - at)))) {
        if (n < count)
            strings[n] = at;
        n++;
        at = zero + 1;
    }
    return n;
}

const char *request_one(const struct message *m)
{
    return m->header.len && strlen(m->data) + 1 == m->header.len ? m->data : NULL;
}

const char *request_path(struct connection *c, const char *path, size_t *len)
{
    struct xenstore *s = c->store;

    *len = 0;
    if (!path)
        return NULL;
    *len = strlen(path);
    if (path[0] == '/' || path[0] == '@')
        return path;
    *len = (size_t)snprintf(s->path, sizeof(s->path), "/local/domain/%u/%s", c->id, path);
    return s->path;
}

/* ---- processing ---- */

static int process(struct connection *c, struct message *m)
{
    uint32_t type = m->header.type;
    int error;

    if (type >= XS_TYPE_COUNT || !requests[type].handler)
        return ENOSYS;
    if (requests[type].privileged && !is_privileged(c))
        return EACCES;
    if (m->header.tx_id && !requests[type].no_transaction) {
        c->transaction = transaction_find(c, m->header.tx_id);
        if (!c->transaction)
            return ENOENT;
    }
    error = requests[type].handler(c, m);
    c->transaction = NULL;
    return error;
}

void process_message(struct connection *c)
{
    struct xenstore *s = c->store;
    struct message *m = c->in;
    int error;

    if (s->host.trace)
        s->host.trace(s->host.context, c->id, false, &m->header, m->data);
    error = process(c, m);
    if (error)
        send_error(c, error);
}

/* ---- watches and transactions ---- */

int do_watch(struct connection *c, struct message *m)
{
    const char *strings[2];

    if (request_strings(m, strings, 2) != 2)
        return EINVAL;
    return watch_add(c, strings[0], strings[1]);
}

int do_unwatch(struct connection *c, struct message *m)
{
    const char *strings[2];
    int error;

    if (request_strings(m, strings, 2) != 2)
        return EINVAL;
    error = watch_remove(c, strings[0], strings[1]);
    if (!error)
        send_reply(c, XS_UNWATCH, "OK", 3);
    return error;
}

int do_reset_watches(struct connection *c, struct message *m)
{
    (void)m;
    watches_free(c);
    transactions_free(c);
    send_reply(c, XS_RESET_WATCHES, "OK", 3);
    return 0;
}

int do_transaction_start(struct connection *c, struct message *m)
{
    char text[16];
    uint32_t id;
    int error;

    (void)m;
    if (c->transaction)
        return EBUSY; /* there are none inside of others */
    error = transaction_start(c, &id);
    if (!error)
        send_reply(c, XS_TRANSACTION_START, text,
                   (size_t)snprintf(text, sizeof(text), "%u", id) + 1);
    return error;
}

int do_transaction_end(struct connection *c, struct message *m)
{
    const char *how = request_one(m);
    struct transaction *t = c->transaction;
    int error = 0;

    if (!how || (strcmp(how, "T") != 0 && strcmp(how, "F") != 0))
        return EINVAL;
    if (!t)
        return ENOENT;
    c->transaction = NULL;
    if (how[0] == 'T')
        error = transaction_commit(t);
    else
        transaction_free(t);
    if (!error)
        send_reply(c, XS_TRANSACTION_END, "OK", 3);
    return error;
}
