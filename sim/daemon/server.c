/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The control socket. Nothing here waits: what a client does not read stays in its buffer, and
 * what it sends is looked at when it is complete. A client that breaks the rules loses its
 * connection and nothing else.
 */
#define _GNU_SOURCE
#include "daemon/daemon.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>

/* At most so many strings are in a request. */
#define STRINGS_MOST 64U

/* How long the last answers may take to be read. */
#define LINGER_SECONDS 2

/* ---- listening ---- */

/* Whether this user's process (or root's) is at the other end. */
static bool is_trusted(evutil_socket_t fd)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);

    return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) &&
           (peer.uid == geteuid() || peer.uid == 0);
}

struct bufferevent *server_let_in(struct daemon *d, evutil_socket_t fd, unsigned int count)
{
    struct bufferevent *bev;

    if (count >= CLIENTS_MOST || !is_trusted(fd)) {
        close(fd);
        return NULL;
    }
    evutil_make_socket_nonblocking(fd);
    bev = bufferevent_socket_new(host_loop_base(d->host.loop), fd, BEV_OPT_CLOSE_ON_FREE);
    if (!bev)
        abort();
    return bev;
}

struct evconnlistener *server_listen(struct daemon *d, const char *path, server_accept *accepted)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct evconnlistener *listener;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
    unlink(path); /* of a daemon that was killed: the lock says that none lives */
    if (fd >= 0 && !fchmod(fd, 0600) && !bind(fd, (struct sockaddr *)&address, sizeof(address)) &&
        !listen(fd, SOMAXCONN)) {
        listener = evconnlistener_new(host_loop_base(d->host.loop), accepted, d,
                                      LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
        if (listener)
            return listener;
    }
    if (fd >= 0)
        close(fd);
    return NULL;
}

/* ---- sending ---- */

void client_send(struct client *c, enum frame_kind kind, const void *bytes, size_t len)
{
    const struct frame f = {.magic = FRAME_MAGIC, .kind = kind, .size = (uint32_t)len};

    bufferevent_write(c->bev, &f, sizeof(f));
    if (len)
        bufferevent_write(c->bev, bytes, len);
}

static void send_text(struct client *c, enum frame_kind kind, const char *format, va_list args)
{
    char *text;
    int len = vasprintf(&text, format, args);

    if (len < 0)
        abort();
    client_send(c, kind, text, (size_t)len < FRAME_MOST ? (size_t)len : FRAME_MOST);
    free(text);
}

void client_say(struct client *c, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    send_text(c, FRAME_OUTPUT, format, args);
    va_end(args);
}

void client_complain(struct client *c, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    send_text(c, FRAME_ERROR, format, args);
    va_end(args);
}

static void client_free(struct client *c)
{
    struct client **link = &c->daemon->clients;

    console_log_detach(c);
    if (c->daemon->stopper == c)
        c->daemon->stopper = NULL;
    while (*link != c)
        link = &(*link)->next;
    *link = c->next;
    bufferevent_free(c->bev);
    free(c->awaited);
    free(c);
}

void client_finish(struct client *c, uint32_t status)
{
    console_log_detach(c);
    c->finished = true;
    client_send(c, FRAME_STATUS, &status, sizeof(status));
    /* All is read to the end, unlooked at: closing a socket with unread bytes loses the answer. */
    bufferevent_enable(c->bev, EV_READ);
}

/* ---- receiving ---- */

/* Splits PAYLOAD, LEN bytes, into strings. Returns how many; 0: it is not made of such. */
static unsigned int split(char *payload, size_t len, char **strings)
{
    unsigned int n = 0;

    if (!len || payload[len - 1])
        return 0;
    for (char *s = payload; s < payload + len; s += strlen(s) + 1) {
        if (n == STRINGS_MOST)
            return 0;
        strings[n++] = s;
    }
    strings[n] = NULL;
    return n;
}

static bool take_request(struct client *c, struct evbuffer *input, size_t len)
{
    char *payload = malloc(len + 1), *strings[STRINGS_MOST + 1];
    unsigned int n;

    if (!payload)
        abort();
    evbuffer_remove(input, payload, len);
    n = split(payload, len, strings);
    c->requested = true;
    if (n)
        command_run(c, n, strings);
    free(payload);
    return n;
}

/* Takes one frame if it is there. Returns false if there is not, or C is gone. */
static bool take_frame(struct client *c, struct evbuffer *input)
{
    struct frame f;
    bool good = false;

    if (evbuffer_copyout(input, &f, sizeof(f)) < (ev_ssize_t)sizeof(f))
        return false;
    if (f.magic == FRAME_MAGIC && f.size <= FRAME_MOST) {
        if (evbuffer_get_length(input) < sizeof(f) + f.size)
            return false;
        evbuffer_drain(input, sizeof(f));
        if (f.kind == FRAME_REQUEST && !c->requested) {
            good = take_request(c, input, f.size);
        } else if (f.kind == FRAME_INPUT && c->console) {
            console_log_typed(c, input, f.size);
            good = true;
        }
    }
    if (!good)
        client_free(c);
    return good;
}

static void readable(struct bufferevent *bev, void *context)
{
    struct client *c = context;
    struct evbuffer *input = bufferevent_get_input(bev);

    do {
        if (c->finished) {
            evbuffer_drain(input, evbuffer_get_length(input));
            return;
        }
    } while (take_frame(c, input));
}

/* All that was written has been sent. */
static void writable(struct bufferevent *bev, void *context)
{
    struct client *c = context;

    if (c->console)
        console_log_continue(c);
    else if (c->finished && !evbuffer_get_length(bufferevent_get_output(bev)))
        client_free(c);
}

static void happened(struct bufferevent *bev, short what, void *context)
{
    (void)bev;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR))
        client_free(context);
}

/*
 * Of who is not listened to it is not seen that he has gone: he has typed more than his domain
 * takes, and that waits for it. When there is no room for others, it does not any more.
 */
static void free_gone(struct daemon *d)
{
    for (struct client *c = d->clients, *next; c; c = next) {
        struct pollfd p = {.fd = bufferevent_getfd(c->bev), .events = POLLRDHUP};

        next = c->next;
        if (!(bufferevent_get_enabled(c->bev) & EV_READ) && poll(&p, 1, 0) > 0)
            client_free(c);
    }
}

static unsigned int count_clients(const struct daemon *d)
{
    unsigned int count = 0;

    for (const struct client *c = d->clients; c; c = c->next)
        count++;
    return count;
}

void server_accepted(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
                     int size, void *context)
{
    struct daemon *d = context;
    struct bufferevent *bev;
    struct client *c;

    (void)listener, (void)address, (void)size;
    if (count_clients(d) >= CLIENTS_MOST)
        free_gone(d);
    bev = server_let_in(d, fd, count_clients(d));
    if (!bev)
        return;
    c = calloc(1, sizeof(*c));
    if (!c)
        abort();
    c->daemon = d;
    c->bev = bev;
    c->next = d->clients;
    d->clients = c;
    bufferevent_setcb(c->bev, readable, writable, happened, c);
    /* What does not fit into a frame waits in the socket. */
    bufferevent_setwatermark(c->bev, EV_READ, 0, FRAME_MOST + sizeof(struct frame));
    bufferevent_enable(c->bev, EV_READ | EV_WRITE);
}

/* ---- the end ---- */

static void lingered(evutil_socket_t fd, short what, void *context)
{
    struct daemon *d = context;

    (void)fd, (void)what;
    while (d->clients)
        client_free(d->clients);
}

void server_close(struct daemon *d)
{
    struct event_base *base = host_loop_base(d->host.loop);
    const struct timeval limit = {.tv_sec = LINGER_SECONDS};

    for (struct client *c = d->clients; c; c = c->next) {
        if (!c->finished)
            client_finish(c, 0);
    }
    event_base_once(base, -1, EV_TIMEOUT, lingered, d, &limit);
    while (d->clients && event_base_loop(base, EVLOOP_ONCE) >= 0)
        ;
}
