/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Requests about domains. Numbers are read as atoi() does it, whatever follows.
 */
#include "xenstore/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int acknowledge(struct connection *c, uint32_t type)
{
    send_reply(c, type, "OK", 3);
    return 0;
}

static int find_connected(struct xenstore *s, unsigned int domid, struct store_domain **d)
{
    *d = store_domain_find(s, domid);
    return *d && (*d)->introduced ? 0 : ENOENT;
}

/* The domain, not 0, that a request of one string names. */
static int named_domain(struct connection *c, const struct message *m, struct store_domain **d)
{
    const char *text = request_one(m);
    unsigned int domid = text ? (unsigned int)atoi(text) : 0;

    return domid ? find_connected(c->store, domid, d) : EINVAL;
}

/* domid, frame, port: the frame is the one of GNTTAB_RESERVED_XENSTORE. */
int do_introduce(struct connection *c, struct message *m)
{
    const char *strings[3];
    int error;

    if (request_strings(m, strings, 3) < 3)
        return EINVAL;
    error = store_domain_introduce(c->store, (unsigned int)atoi(strings[0]),
                                   (evtchn_port_t)atoi(strings[2]));
    return error ? error : acknowledge(c, XS_INTRODUCE);
}

int do_release(struct connection *c, struct message *m)
{
    struct store_domain *d;
    int error = named_domain(c, m, &d);

    if (error)
        return error;
    store_domain_end(c->store, d);
    return acknowledge(c, XS_RELEASE);
}

int do_resume(struct connection *c, struct message *m)
{
    struct store_domain *d;
    int error = named_domain(c, m, &d);

    if (error)
        return error;
    d->shutdown = false;
    return acknowledge(c, XS_RESUME);
}

int do_set_target(struct connection *c, struct message *m)
{
    const char *strings[2];
    struct store_domain *d, *target;
    int error;

    if (request_strings(m, strings, 2) < 2)
        return EINVAL;
    error = find_connected(c->store, (unsigned int)atoi(strings[0]), &d);
    if (!error)
        error = find_connected(c->store, (unsigned int)atoi(strings[1]), &target);
    if (error)
        return error;
    if (d->connection) {
        d->connection->has_target = true;
        d->connection->target = target->domid;
    }
    return acknowledge(c, XS_SET_TARGET);
}

int do_get_domain_path(struct connection *c, struct message *m)
{
    const char *text = request_one(m);
    char path[40];

    if (!text)
        return EINVAL;
    send_reply(c, XS_GET_DOMAIN_PATH, path,
               store_domain_path((unsigned int)atoi(text), path, sizeof(path)) + 1);
    return 0;
}

int do_is_domain_introduced(struct connection *c, struct message *m)
{
    const char *text = request_one(m);
    struct store_domain *d;
    unsigned int domid;

    if (!text)
        return EINVAL;
    domid = (unsigned int)atoi(text);
    send_reply(c, XS_IS_DOMAIN_INTRODUCED,
               domid == DOMID_SELF || !find_connected(c->store, domid, &d) ? "T" : "F", 2);
    return 0;
}
