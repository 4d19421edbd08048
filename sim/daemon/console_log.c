/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Consoles: the last of what each domain has said, and who is attached. The log is the only buffer
 * that there is: a client that is slower than the domain makes it wait, as a terminal does,
 * and whoever is not attached keeps nobody from anything.
 */
#include "daemon/daemon.h"

#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include <xen/io/console.h>

/* What is on its way to a client at most, and typed for a domain. */
#define SENT_MOST  (32U << 10)
#define TYPED_MOST 4096U
#define PART       4096U

/* What a domain can leave in its ring when it ends: then there is room for that. */
#define LEFT_MOST ((unsigned int)sizeof(((struct xencons_interface *)0)->out))

/* So much can be unseen that is not a domain's last. */
#define UNSEEN_MOST (CONSOLE_LOG_SIZE - LEFT_MOST)

/* ---- inside of the guest's hypercalls: only memory is moved ---- */

static void attend_later(struct console_log *l)
{
    l->attended = true;
    hypervisor_attend(l->daemon->host.machine.hv);
}

/* What C, if it is attached to L or will be, has not seen of it. */
static uint64_t unseen(const struct client *c, const struct console_log *l)
{
    if (c->console == l)
        return l->written - c->shown;
    return c->console && c->follows && c->console->successor == l ? l->written : 0;
}

/* As much as the slowest of those that are attached has seen can be written over. */
static size_t room(void *context)
{
    const struct console_log *l = context;
    uint64_t least = UNSEEN_MOST;

    for (const struct client *c = l->attached ? l->daemon->clients : NULL; c; c = c->next) {
        uint64_t behind = unseen(c, l);

        if (behind >= UNSEEN_MOST)
            return 0;
        if (UNSEEN_MOST - behind < least)
            least = UNSEEN_MOST - behind;
    }
    return (size_t)least;
}

static void write_log(void *context, const char *bytes, size_t len)
{
    struct console_log *l = context;

    for (size_t i = 0; i < len; i++)
        l->bytes[l->written++ % CONSOLE_LOG_SIZE] = bytes[i];
    if (l->attached)
        attend_later(l);
}

static size_t read_typed(void *context, char *bytes, size_t len)
{
    struct console_log *l = context;
    int n = evbuffer_remove(l->typed, bytes, len);

    if (n > 0)
        attend_later(l);
    return n > 0 ? (size_t)n : 0;
}

/* ---- clients ---- */

/* As much as is there. */
static uint64_t first_kept(const struct console_log *l)
{
    return l->written > CONSOLE_LOG_SIZE ? l->written - CONSOLE_LOG_SIZE : 0;
}

/* C, which has seen all of its log, goes on with the successor. */
static void follow(struct client *c)
{
    struct console_log *l = c->console->successor;

    c->console->attached--;
    c->console = l;
    c->shown = first_kept(l);
    c->follows = l->successor;
    if (c->follows)
        l->successor->attached++;
}

/* Sends what C has not seen of its log, as far as it reads. Returns whether that was all. */
static bool show_log(struct client *c)
{
    struct console_log *l = c->console;
    struct evbuffer *output = bufferevent_get_output(c->bev);

    /* console_io does not wait. */
    if (c->shown < first_kept(l))
        c->shown = first_kept(l);
    while (c->shown < l->written && evbuffer_get_length(output) < SENT_MOST) {
        size_t from = c->shown % CONSOLE_LOG_SIZE, len = l->written - c->shown;

        if (len > CONSOLE_LOG_SIZE - from)
            len = CONSOLE_LOG_SIZE - from;
        if (len > PART)
            len = PART;
        client_send(c, FRAME_OUTPUT, l->bytes + from, len);
        c->shown += len;
    }
    return c->shown == l->written;
}

static void show(struct client *c)
{
    while (show_log(c) && c->console->ended) {
        if (!c->follows) {
            client_finish(c, 0);
            return;
        }
        follow(c);
    }
}

static void let_guest_go_on(struct console_log *l)
{
    if (l->plan && l->plan->domain)
        console_peer_ready(&l->plan->domain->sim.console);
}

void console_log_attach(struct console_log *l, struct client *c)
{
    c->console = l;
    c->follows = false;
    l->attached++;
    c->shown = first_kept(l);
    client_send(c, FRAME_ATTACHED, NULL, 0);
    show(c);
}

void console_log_continue(struct client *c)
{
    show(c);
    if (c->console)
        let_guest_go_on(c->console);
}

void console_log_detach(struct client *c)
{
    struct console_log *l = c->console;

    c->console = NULL;
    if (!l)
        return;
    l->attached--;
    attend_later(l); /* the guest may have waited for it */
    if (c->follows) {
        l->successor->attached--;
        attend_later(l->successor);
    }
    c->follows = false;
}

void console_log_typed(struct client *c, struct evbuffer *from, size_t len)
{
    struct console_log *l = c->follows ? c->console->successor : c->console;

    evbuffer_remove_buffer(from, l->typed, len);
    let_guest_go_on(l);
    if (evbuffer_get_length(l->typed) > TYPED_MOST)
        bufferevent_disable(c->bev, EV_READ);
}

static void attend(struct console_log *l)
{
    bool takes = evbuffer_get_length(l->typed) <= TYPED_MOST;

    l->attended = false;
    for (struct client *c = l->daemon->clients; c; c = c->next) {
        if (!c->console || (c->console != l && !(c->follows && c->console->successor == l)))
            continue;
        if (takes)
            bufferevent_enable(c->bev, EV_READ);
        show(c);
    }
    let_guest_go_on(l);
}

void console_log_attend(struct daemon *d)
{
    for (struct console_log *l = d->logs; l; l = l->next) {
        if (l->attended)
            attend(l);
    }
}

/* ---- logs ---- */

void console_log_create(struct managed *m)
{
    struct console_log *l = calloc(1, sizeof(*l));

    if (!l || !(l->typed = evbuffer_new()))
        abort();
    l->daemon = m->daemon;
    l->plan = &m->plan;
    l->peer = (struct console_peer){l, room, write_log, read_typed};
    l->next = m->daemon->logs;
    m->daemon->logs = l;
    m->log = l;
    m->plan.peer = &l->peer;
}

struct console_log *console_log_of(const struct host_domain *d)
{
    return d->sim.console.peer->context;
}

/* Nobody writes to L any more. Those that have seen all of it have an end, or follow. */
static void end_log(struct console_log *l)
{
    l->ended = true;
    for (struct client *c = l->daemon->clients; c; c = c->next) {
        if (c->console == l)
            show(c);
    }
}

void console_log_kept(struct sim_host *h, struct host_domain *d)
{
    struct managed *m = managed_of(d->plan);
    struct console_log *kept = m->log;

    (void)h;
    console_log_create(m);
    kept->plan = NULL;
    kept->successor = m->log;
    for (struct client *c = kept->daemon->clients; c; c = c->next) {
        if (c->console != kept)
            continue;
        c->follows = true;
        m->log->attached++;
    }
    evbuffer_add_buffer(m->log->typed, kept->typed);
    end_log(kept);
}

void console_log_end(struct managed *m)
{
    m->ended = true;
    end_log(m->log);
}

static bool is_in_use(const struct daemon *d, const struct console_log *l)
{
    for (const struct managed *m = d->managed; m; m = m->next) {
        if (m->log == l)
            return true;
    }
    for (struct sim_domain *s = d->host.machine.domains; s; s = s->next) {
        if (console_log_of(host_domain_of(s)) == l)
            return true;
    }
    for (const struct client *c = d->clients; c; c = c->next) {
        if (c->console == l)
            return true;
    }
    for (const struct console_log *before = d->logs; before; before = before->next) {
        if (before->successor == l)
            return true;
    }
    return false;
}

void console_log_sweep(struct daemon *d)
{
    struct console_log **link = &d->logs;

    while (*link) {
        struct console_log *l = *link;

        if (is_in_use(d, l)) {
            link = &l->next;
            continue;
        }
        *link = l->next;
        evbuffer_free(l->typed);
        free(l);
        link = &d->logs; /* a successor may be free now */
    }
}
