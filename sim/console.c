/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The console's back end: the ring of <xen/io/console.h> on standard output and input, and
 * console_io. Output is taken inside the guest's notification, so the order of bytes is the
 * program's and the guest never waits. Input is taken only when there is room for it in the
 * ring: what the guest has not asked for stays in the pipe, for whoever reads it next.
 */
#include "sim.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <xen/io/console.h>

/* As a terminal does: end of file, and "the next byte is meant as it is". */
#define END_OF_FILE  0x04
#define LITERAL_NEXT 0x16

#define OUT_SIZE sizeof(((struct xencons_interface *)0)->out)
#define IN_SIZE  sizeof(((struct xencons_interface *)0)->in)

static void give_up(const struct sim_console *c, int fd)
{
    char line[256];
    int len, error = errno;

    if (c->trace)
        trace_flush(c->trace);
    if (error == EPIPE) {
        /* SIGPIPE was ignored when we were started: end as if it had not been. */
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
        _exit(141);
    }
    len = snprintf(line, sizeof(line), "%s: standard %s: %s\n", c->program,
                   fd == c->out ? "output" : "error", strerror(error));
    if (write(2, line, (size_t)len) < 0)
        _exit(1);
    _exit(1);
}

void console_write_all(const struct sim_console *c, int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(fd, bytes, len);

        if (n >= 0) {
            bytes += n;
            len -= (size_t)n;
        } else if (errno == EAGAIN) {
            struct pollfd p = {.fd = fd, .events = POLLOUT};

            poll(&p, 1, -1);
        } else if (errno != EINTR) {
            give_up(c, fd);
        }
    }
}

static void output(struct sim_console *c, int fd, const char *bytes, size_t len)
{
    if (c->trace)
        trace_console(c->trace, hypervisor_time(domain_hypervisor(c->domain)), domain_id(c->domain),
                      fd == c->err, bytes, len);
    if (c->peer)
        c->peer->write(c->peer->context, bytes, len);
    else if (c->lines)
        console_lines_write(c, fd, bytes, len);
    else
        console_write_all(c, fd, bytes, len);
}

/* Takes up to MOST bytes of the ring's. Returns how many. */
static size_t drain(struct sim_console *c, size_t most)
{
    struct xencons_interface *ring = c->ring;
    XENCONS_RING_IDX cons, prod;
    size_t done = 0;

    if (!ring)
        return 0;
    cons = ring->out_cons;
    prod = __atomic_load_n(&ring->out_prod, __ATOMIC_ACQUIRE);
    /* A guest that claims more than fits has overwritten it itself: take one ring full. */
    if (prod - cons > OUT_SIZE)
        cons = prod - (XENCONS_RING_IDX)OUT_SIZE;
    while (cons != prod && done < most) {
        size_t from = MASK_XENCONS_IDX(cons, ring->out), len = prod - cons;

        if (len > OUT_SIZE - from)
            len = OUT_SIZE - from;
        if (len > most - done)
            len = most - done;
        output(c, c->out, ring->out + from, len);
        cons += (XENCONS_RING_IDX)len;
        done += len;
    }
    __atomic_store_n(&ring->out_cons, cons, __ATOMIC_RELEASE);
    return done;
}

void console_drain(struct sim_console *c) { drain(c, OUT_SIZE); }

void console_write(struct sim_console *c, enum hypervisor_console which, const char *bytes,
                   size_t len)
{
    /* What was put into the ring before comes first. */
    console_drain(c);
    output(c, which == HYPERVISOR_CONSOLE_DEBUG ? c->err : c->out, bytes, len);
}

/* Bytes that can be passed on now, if each of them needs two. */
static size_t room(const struct sim_console *c)
{
    if (c->ring) {
        XENCONS_RING_IDX used =
            c->ring->in_prod - __atomic_load_n(&c->ring->in_cons, __ATOMIC_ACQUIRE);

        return used > IN_SIZE ? 0 : (IN_SIZE - used) / 2;
    }
    return c->pending_start == c->pending_end ? sizeof(c->pending) / 2 : 0;
}

static void put(struct sim_console *c, char byte)
{
    if (c->ring) {
        c->ring->in[MASK_XENCONS_IDX(c->ring->in_prod, c->ring->in)] = byte;
        __atomic_store_n(&c->ring->in_prod, c->ring->in_prod + 1, __ATOMIC_RELEASE);
    } else {
        c->pending[c->pending_end++] = byte;
    }
}

static void end_input(struct sim_console *c)
{
    c->eof = true;
    put(c, END_OF_FILE);
}

static void tell_of_input(struct sim_console *c)
{
    if (c->ring)
        event_channel_host_raise(c->domain, c->port);
    else
        event_channel_virq(c->domain, VIRQ_CONSOLE);
}

/* N bytes for which there is room; none: the end. */
static void pass_on(struct sim_console *c, const char *bytes, size_t n)
{
    if (!c->ring)
        c->pending_start = c->pending_end = 0;
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] == END_OF_FILE || bytes[i] == LITERAL_NEXT)
            put(c, LITERAL_NEXT);
        put(c, bytes[i]);
    }
    if (!n)
        end_input(c);
    tell_of_input(c);
}

/* A terminal is at the other end: its end of file is a byte already. */
static void input_of_peer(struct sim_console *c)
{
    char bytes[IN_SIZE / 2];
    size_t n = c->ring && !c->eof ? room(c) : 0;

    n = n ? c->peer->read(c->peer->context, bytes, n) : 0;
    for (size_t i = 0; i < n; i++)
        put(c, bytes[i]);
    if (n)
        tell_of_input(c);
}

void console_peer_ready(struct sim_console *c)
{
    if (c->ring && drain(c, c->peer->room(c->peer->context)))
        event_channel_host_raise(c->domain, c->port);
    input_of_peer(c);
}

void console_input(struct sim_console *c)
{
    struct pollfd p = {.fd = c->in, .events = POLLIN};
    char bytes[IN_SIZE / 2];
    size_t limit = room(c);
    ssize_t n;

    if (c->peer) {
        input_of_peer(c);
        return;
    }
    if (c->eof || !limit || c->by_lines || poll(&p, 1, 0) <= 0)
        return;
    n = read(c->in, bytes, limit < sizeof(bytes) ? limit : sizeof(bytes));
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    /* No standard input at all is the same to a program on a console as its end. */
    pass_on(c, bytes, n > 0 ? (size_t)n : 0);
}

/* Up to LIMIT bytes of what was read, to the end of a line, are there: how many; 0: not yet. */
static size_t line_length(const struct sim_console *c, size_t limit)
{
    const char *end = memchr(c->held, '\n', c->held_count);
    size_t n = end ? (size_t)(end - c->held) + 1 : c->held_count;

    if (n >= limit)
        return limit;
    return end || c->held_last ? n : 0;
}

void console_input_line(struct sim_console *c)
{
    size_t limit = room(c), n;

    if (c->eof || !limit)
        return;
    if (limit > sizeof(c->held))
        limit = sizeof(c->held);
    while (!(n = line_length(c, limit)) && !c->held_last) {
        struct pollfd p = {.fd = c->in, .events = POLLIN};
        ssize_t got = read(c->in, c->held + c->held_count, sizeof(c->held) - c->held_count);

        if (got > 0)
            c->held_count += (size_t)got;
        else if (got < 0 && errno == EAGAIN)
            poll(&p, 1, -1);
        else if (!(got < 0 && errno == EINTR))
            c->held_last = true;
    }
    pass_on(c, c->held, n);
    memmove(c->held, c->held + n, c->held_count - n);
    c->held_count -= n;
}

int console_wanted(struct sim_console *c)
{
    if (c->eof || !room(c))
        return -1;
    if (c->ring ? event_channel_awaited(c->domain, c->port)
                : event_channel_virq_awaited(c->domain, VIRQ_CONSOLE))
        return c->in;
    return -1;
}

size_t console_read(struct sim_console *c, char *bytes, size_t len)
{
    size_t n;

    if (c->ring)
        return 0; /* the input belongs to the ring */
    console_input(c);
    n = c->pending_end - c->pending_start;
    if (n > len)
        n = len;
    memcpy(bytes, c->pending + c->pending_start, n);
    c->pending_start += n;
    return n;
}

static void notified(void *context, struct domain *d, evtchn_port_t port)
{
    struct sim_console *c = context;
    bool output = c->ring->out_prod != c->ring->out_cons;

    (void)port;
    /*
     * The guest waits for room if it has filled the ring: there is some now. A notification
     * without output says that it has taken input, or wants to know whether there is any.
     */
    if (!output)
        console_input(c);
    else if (drain(c, c->peer ? c->peer->room(c->peer->context) : OUT_SIZE))
        event_channel_host_raise(d, c->port);
}

void console_connect(struct sim_console *c, const char *program, struct domain *d, bool input)
{
    start_info_t *si = domain_start_info(d);

    c->program = program;
    c->domain = d;
    c->in = input ? 0 : -1;
    c->out = 1;
    c->err = 2;
    if (domain_is_hardware(d))
        return;
    c->ring = domain_frame(d, si->console.domU.mfn);
    c->port = si->console.domU.evtchn;
    event_channel_host_bind(d, c->port, notified, c);
    if (!input && !c->peer)
        end_input(c);
}

void console_disconnect(struct sim_console *c)
{
    console_drain(c);
    if (c->lines)
        console_lines_finish(c);
    c->ring = NULL; /* goes with the domain */
    c->eof = true;
}
