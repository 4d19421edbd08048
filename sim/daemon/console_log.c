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

static void attend_later(struct managed *m)
{
    m->attended = true;
    hypervisor_attend(m->daemon->host.machine.hv);
}

/* As much as the slowest of those that are attached has seen can be written over. */
static size_t room(void *context)
{
    const struct managed *m = context;
    uint64_t least = UNSEEN_MOST;

    for (const struct client *c = m->attached ? m->daemon->clients : NULL; c; c = c->next) {
        uint64_t behind = c->console == m ? m->written - c->shown : 0;

        if (behind >= UNSEEN_MOST)
            return 0;
        if (UNSEEN_MOST - behind < least)
            least = UNSEEN_MOST - behind;
    }
    return (size_t)least;
}

static void write_log(void *context, const char *bytes, size_t len)
{
    struct managed *m = context;

    for (size_t i = 0; i < len; i++)
        m->log[m->written++ % CONSOLE_LOG_SIZE] = bytes[i];
    if (m->attached)
        attend_later(m);
}

static size_t read_typed(void *context, char *bytes, size_t len)
{
    struct managed *m = context;
    int n = evbuffer_remove(m->typed, bytes, len);

    if (n > 0)
        attend_later(m);
    return n > 0 ? (size_t)n : 0;
}

/* ---- clients ---- */

void console_log_init(struct managed *m)
{
    m->peer = (struct console_peer){m, room, write_log, read_typed};
    m->typed = evbuffer_new();
    if (!m->typed)
        abort();
}

void console_log_free(struct managed *m) { evbuffer_free(m->typed); }

/* Sends C what it has not seen, as far as it reads. */
static void show(struct client *c)
{
    struct managed *m = c->console;
    struct evbuffer *output = bufferevent_get_output(c->bev);

    /* console_io does not wait. */
    if (m->written - c->shown > CONSOLE_LOG_SIZE)
        c->shown = m->written - CONSOLE_LOG_SIZE;
    while (c->shown < m->written && evbuffer_get_length(output) < SENT_MOST) {
        size_t from = c->shown % CONSOLE_LOG_SIZE, len = m->written - c->shown;

        if (len > CONSOLE_LOG_SIZE - from)
            len = CONSOLE_LOG_SIZE - from;
        if (len > PART)
            len = PART;
        client_send(c, FRAME_OUTPUT, m->log + from, len);
        c->shown += len;
    }
    if (m->ended && c->shown == m->written)
        client_finish(c, 0);
}

static void let_guest_go_on(struct managed *m)
{
    if (m->plan.domain)
        console_peer_ready(&m->plan.domain->sim.console);
}

void console_log_attach(struct managed *m, struct client *c)
{
    c->console = m;
    m->attached++;
    c->shown = m->written > CONSOLE_LOG_SIZE ? m->written - CONSOLE_LOG_SIZE : 0;
    client_send(c, FRAME_ATTACHED, NULL, 0);
    show(c);
}

void console_log_continue(struct client *c)
{
    struct managed *m = c->console;

    show(c);
    let_guest_go_on(m);
}

void console_log_detach(struct client *c)
{
    struct managed *m = c->console;

    c->console = NULL;
    if (!m)
        return;
    m->attached--;
    attend_later(m); /* the guest may have waited for it */
}

void console_log_typed(struct client *c, struct evbuffer *from, size_t len)
{
    struct managed *m = c->console;

    evbuffer_remove_buffer(from, m->typed, len);
    let_guest_go_on(m);
    if (evbuffer_get_length(m->typed) > TYPED_MOST)
        bufferevent_disable(c->bev, EV_READ);
}

static void attend(struct managed *m)
{
    bool takes = evbuffer_get_length(m->typed) <= TYPED_MOST;

    m->attended = false;
    for (struct client *c = m->daemon->clients; c; c = c->next) {
        if (c->console != m)
            continue;
        if (takes)
            bufferevent_enable(c->bev, EV_READ);
        show(c);
    }
    let_guest_go_on(m);
}

void console_log_attend(struct daemon *d)
{
    for (struct managed *m = d->managed; m; m = m->next) {
        if (m->attended)
            attend(m);
    }
}

void console_log_end(struct managed *m)
{
    m->ended = true;
    for (struct client *c = m->daemon->clients; c; c = c->next) {
        if (c->console == m)
            show(c);
    }
}
