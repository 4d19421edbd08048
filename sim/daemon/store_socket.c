/* SPDX-License-Identifier: BSD-3-Clause
 *
 * XenStore's Unix socket, as xenstored has one: what is said there is XenStore's own protocol, so
 * Xen's library and its tools find the store by XENSTORED_PATH. Who is let in has the rights of
 * domain 0.
 */
#include "daemon/daemon.h"
#include "xenstore/xenstore.h"

#include <stdlib.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>

/* What is not read yet of one's answers; beyond that it is not listened to. */
#define UNREAD_MOST 65536U

struct store_client {
    struct store_client *next;
    struct daemon *daemon;
    struct bufferevent *bev;
    struct connection *connection; /* NULL: the store has closed it */
};

static void client_free(struct store_client *c)
{
    struct store_client **link = &c->daemon->store_clients;

    if (c->connection)
        xenstore_local_close(c->connection);
    while (*link != c)
        link = &(*link)->next;
    *link = c->next;
    bufferevent_free(c->bev);
    free(c);
}

/* ---- what the store calls ---- */

static size_t send_bytes(void *context, const char *bytes, size_t len)
{
    struct store_client *c = context;
    size_t unread = evbuffer_get_length(bufferevent_get_output(c->bev));

    if (unread >= UNREAD_MOST) {
        bufferevent_disable(c->bev, EV_READ);
        return 0;
    }
    bufferevent_write(c->bev, bytes, len);
    return len;
}

/* C goes when libevent looks: who calls may still have it in hand. */
static void closed(void *context)
{
    struct store_client *c = context;

    c->connection = NULL;
    bufferevent_trigger_event(c->bev, BEV_EVENT_ERROR, BEV_TRIG_DEFER_CALLBACKS);
}

/* ---- what libevent calls ---- */

static void readable(struct bufferevent *bev, void *context)
{
    struct store_client *c = context;
    char bytes[4096];
    size_t n;

    while (c->connection && (bufferevent_get_enabled(bev) & EV_READ) &&
           (n = bufferevent_read(bev, bytes, sizeof(bytes))))
        xenstore_local_receive(c->connection, bytes, n);
    if (!c->connection)
        client_free(c);
}

static void writable(struct bufferevent *bev, void *context)
{
    struct store_client *c = context;

    if (bufferevent_get_enabled(bev) & EV_READ)
        return;
    bufferevent_enable(bev, EV_READ);
    xenstore_local_writable(c->connection);
    readable(bev, c);
}

static void happened(struct bufferevent *bev, short what, void *context)
{
    (void)bev;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
        client_free(context);
}

void store_socket_accepted(struct evconnlistener *listener, evutil_socket_t fd,
                           struct sockaddr *address, int size, void *context)
{
    struct daemon *d = context;
    struct xenstore_local local = {.send = send_bytes, .closed = closed};
    struct bufferevent *bev;
    struct store_client *c;
    unsigned int count = 0;

    (void)listener, (void)address, (void)size;
    for (c = d->store_clients; c; c = c->next)
        count++;
    bev = server_let_in(d, fd, count);
    if (!bev)
        return;
    c = calloc(1, sizeof(*c));
    if (!c)
        abort();
    c->daemon = d;
    c->bev = bev;
    local.context = c;
    c->connection = xenstore_local_open(d->host.machine.store, &local);
    c->next = d->store_clients;
    d->store_clients = c;
    bufferevent_setcb(c->bev, readable, writable, happened, c);
    bufferevent_setwatermark(c->bev, EV_READ, 0, UNREAD_MOST);
    bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

void store_socket_close(struct daemon *d)
{
    while (d->store_clients)
        client_free(d->store_clients);
}
