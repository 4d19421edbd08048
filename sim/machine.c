/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A machine with domains: what the hypervisor needs from outside, for all programs that have one.
 */
#define _GNU_SOURCE
#include "sim.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <xen/sched.h>

#define SECOND 1000000000UL

/* In a build that counts which lines run: writes the counts, which exit() would have done. */
extern void __gcov_dump(void) __attribute__((weak));

void machine_leave(int status)
{
    if (__gcov_dump)
        __gcov_dump();
    _exit(status);
}

struct sim_domain *machine_domain(const struct sim_machine *m, unsigned int id)
{
    const struct domain *d = domain_by_id(m->hv, id);

    return d ? domain_context(d) : NULL;
}

struct sim_domain *machine_reader(const struct sim_machine *m)
{
    struct sim_domain *s = m->domains;

    while (s && !(s->domain && console_wanted(&s->console) >= 0))
        s = s->next;
    return s;
}

uint64_t machine_deadline(struct sim_machine *m, uint64_t deadline)
{
    uint64_t store = store_deadline(m);

    if (store < deadline)
        deadline = store;
    return m->alarm && m->alarm < deadline ? m->alarm : deadline;
}

void machine_tick(struct sim_machine *m)
{
    store_tick(m);
    if (m->alarm && m->alarm <= hypervisor_now(m->hv))
        hypervisor_attend(m->hv);
}

/* ---- what the hypervisor needs ---- */

static void host_clock(void *context, struct hypervisor_clock *now)
{
    struct sim_machine *m = context;

    clock_read(&m->clock, now);
}

static uint64_t host_wall_clock(void *context)
{
    struct sim_machine *m = context;

    return m->clock.wall;
}

/*
 * Virtual time passes only here, where nobody can run. Whoever waits for input gets it before,
 * however long it takes to come: how much a program has done when it comes must not depend on that.
 */
static enum hypervisor_wait wait_virtual(struct sim_machine *m, uint64_t deadline)
{
    struct sim_domain *reader = machine_reader(m);

    if (reader) {
        console_input_line(&reader->console);
        return HYPERVISOR_WAIT_DONE;
    }
    deadline = machine_deadline(m, deadline);
    if (deadline == HYPERVISOR_FOREVER)
        return HYPERVISOR_WAIT_NEVER;
    clock_advance(&m->clock, deadline);
    machine_tick(m);
    return HYPERVISOR_WAIT_DONE;
}

bool machine_sleep(struct sim_machine *m, uint64_t deadline, int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    struct timespec timeout, *t = NULL;

    if (deadline != HYPERVISOR_FOREVER) {
        struct hypervisor_clock now;
        uint64_t left;

        clock_read(&m->clock, &now);
        left = deadline > now.system_time ? deadline - now.system_time : 0;
        timeout.tv_sec = (time_t)(left / SECOND);
        timeout.tv_nsec = (long)(left % SECOND);
        t = &timeout;
    }
    return ppoll(&p, fd >= 0, t, NULL) > 0;
}

static enum hypervisor_wait host_wait(void *context, uint64_t deadline)
{
    struct sim_machine *m = context;
    struct sim_domain *reader;

    if (m->trace)
        trace_moment(m->trace);
    if (m->clock.is_virtual)
        return wait_virtual(m, deadline);
    if (m->wait)
        return m->wait(m, deadline);
    reader = machine_reader(m);
    if (machine_sleep(m, deadline, reader ? console_wanted(&reader->console) : -1))
        console_input(&reader->console);
    return HYPERVISOR_WAIT_DONE;
}

static void host_console_write(void *context, struct domain *d, enum hypervisor_console which,
                               const char *bytes, size_t len)
{
    struct sim_domain *s = domain_context(d);

    (void)context;
    if (s)
        console_write(&s->console, which, bytes, len);
}

static size_t host_console_read(void *context, struct domain *d, char *bytes, size_t len)
{
    struct sim_domain *s = domain_context(d);

    (void)context;
    return s ? console_read(&s->console, bytes, len) : 0;
}

static void host_domain_ended(void *context, struct domain *d, unsigned int reason, int latched)
{
    struct sim_machine *m = context;
    struct sim_domain *s = domain_context(d);

    if (!s)
        return; /* one that the initial domain has made, or that one itself */
    s->ended = true;
    s->reason = reason;
    s->latched = latched;
    s->fault = reason == SHUTDOWN_crash ? fault_take_status(d) : 0;
    if (m->ended)
        m->ended(m, s);
}

static void host_look(void *context)
{
    struct sim_machine *m = context;

    m->look(m);
}

/* Each of those who listen. */
static void host_hypercall(void *context, const struct hypervisor_call *call)
{
    struct sim_machine *m = context;

    if (m->trace)
        trace_hypercall(m->trace, call);
    if (m->records)
        record_hypercall(NULL, call);
}

static void host_event(void *context, const struct hypervisor_event *event)
{
    struct sim_machine *m = context;

    trace_event(m->trace, event);
}

static void host_log(void *context, enum hypervisor_log_level level, const char *line)
{
    const struct sim_machine *m = context;

    (void)level;
    dprintf(2, "%s: (XEN) %s\n", m->program, line);
}

/* ---- machine and domains ---- */

bool machine_create(struct sim_machine *m, const struct hypervisor_config *config)
{
    bool records = record_start(m->program);
    const struct hypervisor_host host = {
        .context = m,
        .clock = host_clock,
        .wall_clock = host_wall_clock,
        .wait = host_wait,
        .console_write = host_console_write,
        .console_read = host_console_read,
        .domain_ended = host_domain_ended,
        .log = host_log,
        .look = m->look ? host_look : NULL,
        .hypercall = records || m->trace ? host_hypercall : NULL,
        .event = m->trace ? host_event : NULL,
    };

    m->records = records;
    m->hv = hypervisor_create(&host, config);
    return m->hv;
}

void machine_add(struct sim_machine *m, struct sim_domain *s, bool input)
{
    s->console.trace = m->trace;
    console_connect(&s->console, m->program, s->domain, input);
    s->console.by_lines = m->clock.is_virtual;
    domain_set_context(s->domain, s);
    s->next = m->domains;
    m->domains = s;
}

void machine_remove(struct sim_machine *m, struct sim_domain *s)
{
    struct sim_domain **link = &m->domains;

    console_disconnect(&s->console);
    domain_set_context(s->domain, NULL);
    while (*link != s)
        link = &(*link)->next;
    *link = s->next;
}

void machine_symbol(const struct domain *d, uint64_t address, char *text, size_t size)
{
    const struct sim_domain *s = domain_context(d);

    if (s && s->image)
        symbol_name(s->image, address - s->moved, text, size);
    else
        snprintf(text, size, "?");
}

int machine_status(const struct sim_domain *s)
{
    char where[256];
    const struct domain *d = s->domain;

    if (s->fault) /* which has been reported */
        return s->fault;
    if (s->reason == SHUTDOWN_crash && trap_last_rip(d)) {
        machine_symbol(d, trap_last_rip(d), where, sizeof(where));
        if (s->console.lines)
            dprintf(2, "%s:   at %s\n", domain_name(d), where);
        else
            dprintf(2, "  at %s\n", where);
    }
    if (s->latched >= 0)
        return s->latched;
    if (s->reason == SHUTDOWN_crash) {
        dprintf(2, "%s: domain %u crashed\n", domain_name(d), domain_id(d));
        return 134;
    }
    if (s->reason == SHUTDOWN_poweroff || s->reason == SHUTDOWN_reboot)
        return 0;
    dprintf(2, "%s: domain %u shut down for reason %u\n", domain_name(d), domain_id(d), s->reason);
    return 1;
}
