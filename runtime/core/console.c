/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The console. The initial domain has console_io and VIRQ_CONSOLE for the machine's serial line;
 * every other domain a page with two rings (<xen/io/console.h>) and an event channel. What goes
 * to the error stream tries console_io there too, since Xen lets a domain that owns the
 * console, and no other, write to its own log.
 */
#include <stdint.h>
#include <string.h>

#include <xen/io/console.h>

#include "core/console.h"
#include "core/domain.h"
#include "core/event.h"
#include "core/hypercall.h"
#include "core/start.h"

/* At most this much a hypercall, so that a long output does not hold up Xen. */
#define IO_CHUNK 4096u

#define KEY_EOF     0x04 /* Ctrl-D */
#define KEY_HIGH    0x0e /* Ctrl-N: the next byte has its top bit set; Xen's serial line clears it */
#define KEY_LITERAL 0x16 /* Ctrl-V */

static struct {
    struct xencons_interface *ring; /* NULL: console_io */
    evtchn_port_t port;
    bool has_io;  /* console_io takes our output */
    bool literal; /* the last byte taken was KEY_LITERAL */
    bool high;    /* the last byte taken was KEY_HIGH */
    bool eof;
    /* Input that was taken from Xen and not yet by a reader, decoded. */
    unsigned int first, last;
    char input[256];
} console;

/* The event itself is all that a waiter needs: it looks again. */
static void console_event(evtchn_port_t port, void *arg) { (void)port, (void)arg; }

/*
 * Xen keeps 128 bytes of a serial line's input and drops what comes when they are full. Under
 * QEMU, its debug port tells the sender (tools/xen_run.c) that GOT bytes have been taken.
 */
static void tell_taken(size_t got) { qemu_report("+%u\n", (unsigned int)got); }

void console_start(void)
{
    const start_info_t *si = domain_start_info();
    int port;

    if (domain_is_initial()) {
        console.has_io = true;
        port = event_bind_virq(VIRQ_CONSOLE);
    } else {
        console.ring = memory_initial_page(si->console.domU.mfn);
        console.has_io = hypercall_console_io(CONSOLEIO_write, 0, "") == 0;
        port = (int)si->console.domU.evtchn;
    }
    if (port < 0)
        return; /* output works, input never comes */
    console.port = (evtchn_port_t)port;
    event_register(console.port, console_event, NULL);
    if (!console.ring)
        tell_taken(0); /* ready */
}

static void write_io(const char *buf, size_t len)
{
    while (len) {
        unsigned int part = len < IO_CHUNK ? (unsigned int)len : IO_CHUNK;

        if (hypercall_console_io(CONSOLEIO_write, part, buf) < 0)
            return;
        buf += part;
        len -= part;
    }
}

/* Waits for room when the ring is full; the other end notifies when it has taken something. */
static void write_ring(const char *buf, size_t len)
{
    struct xencons_interface *ring = console.ring;

    while (len) {
        XENCONS_RING_IDX prod = ring->out_prod;
        XENCONS_RING_IDX cons = __atomic_load_n(&ring->out_cons, __ATOMIC_ACQUIRE);
        size_t room = sizeof ring->out - (prod - cons);

        if (room == 0) {
            event_wait(EVENT_FOREVER);
            continue;
        }
        for (; room && len; room--, len--)
            ring->out[MASK_XENCONS_IDX(prod++, ring->out)] = *buf++;
        __atomic_store_n(&ring->out_prod, prod, __ATOMIC_RELEASE);
        event_send(console.port);
    }
}

void console_write(enum console_stream stream, const void *buf, size_t len)
{
    if (!console.ring || (stream == CONSOLE_ERR && console.has_io))
        write_io(buf, len);
    else
        write_ring(buf, len);
}

void console_drain(void)
{
    struct xencons_interface *ring = console.ring;

    while (ring && __atomic_load_n(&ring->out_cons, __ATOMIC_ACQUIRE) != ring->out_prod)
        event_wait(EVENT_FOREVER);
}

static size_t take_io(char *buf, size_t len)
{
    long got = hypercall_console_io(CONSOLEIO_read, (unsigned int)len, buf);

    if (got <= 0)
        return 0;
    tell_taken((size_t)got);
    return (size_t)got;
}

static size_t take_ring(char *buf, size_t len)
{
    struct xencons_interface *ring = console.ring;
    XENCONS_RING_IDX cons = ring->in_cons;
    XENCONS_RING_IDX prod = __atomic_load_n(&ring->in_prod, __ATOMIC_ACQUIRE);
    size_t got = 0;

    while (got < len && cons != prod)
        buf[got++] = ring->in[MASK_XENCONS_IDX(cons++, ring->in)];
    if (got) {
        __atomic_store_n(&ring->in_cons, cons, __ATOMIC_RELEASE);
        event_send(console.port);
    }
    return got;
}

/* Keeps what the program shall see of BUF in place; returns how much that is. */
static size_t decode(char *buf, size_t len)
{
    size_t kept = 0;

    for (size_t i = 0; i < len; i++) {
        char c = buf[i];

        if (console.high) {
            console.high = false;
            c = (char)(c | 0x80);
        } else if (console.literal) {
            console.literal = false;
        } else if (c == KEY_HIGH && !console.ring) {
            console.high = true;
            continue;
        } else if (c == KEY_LITERAL) {
            console.literal = true;
            continue;
        } else if (c == KEY_EOF) {
            console.eof = true;
            break;
        } else if (c == '\r' && !console.ring) {
            c = '\n'; /* a serial terminal's Enter */
        }
        buf[kept++] = c;
    }
    return kept;
}

static void fill_input(void)
{
    size_t got;

    if (console.first != console.last || console.eof)
        return;
    if (console.ring)
        got = take_ring(console.input, sizeof console.input);
    else
        got = take_io(console.input, sizeof console.input);
    console.first = 0;
    console.last = (unsigned int)decode(console.input, got);
}

size_t console_read(void *buf, size_t len)
{
    size_t part;

    fill_input();
    part = console.last - console.first;
    if (part > len)
        part = len;
    memcpy(buf, console.input + console.first, part);
    console.first += (unsigned int)part;
    return part;
}

bool console_readable(void)
{
    fill_input();
    return console.first != console.last || console.eof;
}

bool console_at_eof(void)
{
    fill_input();
    return console.first == console.last && console.eof;
}
