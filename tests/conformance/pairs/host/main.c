/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The two domains of a pair on the shim, in one process: the image is linked in twice (pair.lds).
 *
 *   usage: PAIR CONSOLE_A CONSOLE_B [ARGUMENTS]     writes the domains' consoles to these files
 *
 * Both domains find ARGUMENTS behind their role and numbers.
 *
 * The status is 0 if both have ended by themselves with status 0. A domain that has ended is
 * destroyed as soon as the other waits, as xl does on Xen.
 */
#define _GNU_SOURCE
#include "sim.h"
#include "xenstore/xenstore.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <xen/sched.h>

/* From the linker script, for both images: where each part begins, and its entry. */
extern char pair_a_start[], pair_a_data[], pair_a_end[];
extern char pair_b_start[], pair_b_data[], pair_b_end[];
void pair_a_entry(void);
void pair_b_entry(void);

#define MEMORY (16UL << 20)
#define SLACK  (1UL << 20) /* libxl's LIBXL_MAXMEM_CONSTANT */

struct side {
    struct domain *domain; /* NULL: destroyed */
    struct sim_console console;
    bool ended;
    int status; /* of its program; -1: none was told */
};

static struct side sides[2]; /* domains 1 and 2 */
static struct domain *dom0;
static struct xenstore *store;
static struct sim_machine machine = {.program = "pair"}; /* for fault.c */
static struct sim_clock machine_clock;

static void host_clock(void *context, struct hypervisor_clock *now)
{
    (void)context;
    clock_read(&machine_clock, now);
}

static uint64_t host_wall_clock(void *context)
{
    (void)context;
    return machine_clock.wall;
}

/* ---- XenStore ---- */

static uint64_t store_now(void *context)
{
    struct hypervisor_clock now;

    (void)context;
    clock_read(&machine_clock, &now);
    return now.system_time;
}

static enum xenstore_domain_state store_domain_state(void *context, unsigned int domid)
{
    (void)context;
    if (domid > 2 || (domid && !sides[domid - 1].domain))
        return XENSTORE_DOMAIN_NONE;
    return domid && sides[domid - 1].ended ? XENSTORE_DOMAIN_SHUTDOWN : XENSTORE_DOMAIN_RUNNING;
}

static struct xenstore_domain_interface *store_map(void *context, unsigned int domid)
{
    struct domain *d = sides[domid - 1].domain;

    (void)context;
    return domain_frame(d, domain_start_info(d)->store_mfn);
}

/* Frame and port go with the domain. */
static void store_unmap(void *context, unsigned int domid) { (void)context, (void)domid; }

static void store_unbind(void *context, unsigned int domid) { (void)context, (void)domid; }

static void store_event(void *context, struct domain *d, evtchn_port_t port)
{
    (void)context, (void)port;
    xenstore_ring_serve(store, d == sides[1].domain ? 2 : 1);
}

static bool store_bind(void *context, unsigned int domid, evtchn_port_t port)
{
    return event_channel_host_bind(sides[domid - 1].domain, port, store_event, context) == 0;
}

static void store_notify(void *context, unsigned int domid)
{
    struct side *s = &sides[domid - 1];

    (void)context;
    if (!s->ended)
        event_channel_host_raise(s->domain, domain_start_info(s->domain)->store_evtchn);
}

static void create_store(void)
{
    static const struct xenstore_host host = {
        .now = store_now,
        .domain_state = store_domain_state,
        .map = store_map,
        .unmap = store_unmap,
        .bind = store_bind,
        .unbind = store_unbind,
        .notify = store_notify,
    };

    store = xenstore_create(&host);
    if (xenstore_toolstack_start(store))
        abort();
}

/* As "xl create" does it. */
static int introduce(int i, const char *name)
{
    start_info_t *si = domain_start_info(sides[i].domain);
    const struct xenstore_domain_config config = {
        .domid = (unsigned int)i + 1,
        .name = name,
        .uuid = i ? "00000000-0000-0000-0000-000000000002" : "00000000-0000-0000-0000-000000000001",
        .kernel = "pair",
        .max_memory = MEMORY,
        .memory = MEMORY,
        .max_vcpus = 1,
        .vcpus = 1,
        .store_port = si->store_evtchn,
        .store_mfn = si->store_mfn,
        .console_port = si->console.domU.evtchn,
        .console_mfn = si->console.domU.mfn,
    };

    return xenstore_toolstack_create(store, &config);
}

static void destroy(int i)
{
    struct domain *d = sides[i].domain;

    xenstore_toolstack_destroy(store, (unsigned int)i + 1);
    xenstore_release(store, (unsigned int)i + 1);
    sides[i].domain = NULL;
    domain_destroy(d);
}

/* ---- the machine ---- */

static enum hypervisor_wait host_wait(void *context, uint64_t deadline)
{
    struct hypervisor_clock now;
    uint64_t left;
    struct timespec t;
    bool destroyed = false;

    (void)context;
    for (int i = 0; i < 2; i++) {
        if (sides[i].ended && sides[i].domain) {
            destroy(i);
            destroyed = true;
        }
    }
    if (destroyed)
        return HYPERVISOR_WAIT_DONE;
    /* Nothing comes from outside: both wait for each other. */
    if (deadline == HYPERVISOR_FOREVER)
        return HYPERVISOR_WAIT_NEVER;
    clock_read(&machine_clock, &now);
    left = deadline > now.system_time ? deadline - now.system_time : 0;
    t = (struct timespec){.tv_sec = (time_t)(left / 1000000000),
                          .tv_nsec = (long)(left % 1000000000)};
    ppoll(NULL, 0, &t, NULL);
    return HYPERVISOR_WAIT_DONE;
}

static void host_console_write(void *context, struct domain *d, enum hypervisor_console which,
                               const char *bytes, size_t len)
{
    (void)context, (void)d, (void)which;
    if (write(2, bytes, len) < 0)
        abort();
}

static size_t host_console_read(void *context, struct domain *d, char *bytes, size_t len)
{
    (void)context, (void)d, (void)bytes, (void)len;
    return 0;
}

static void host_domain_ended(void *context, struct domain *d, unsigned int reason, int latched)
{
    struct side *s = &sides[d == sides[1].domain];

    (void)context;
    if (d == dom0)
        return;
    console_drain(&s->console);
    s->console.ring = NULL; /* goes with the domain */
    s->ended = true;
    xenstore_domains_changed(store);
    s->status = reason == SHUTDOWN_poweroff ? latched : -1;
    if (sides[0].ended && sides[1].ended)
        domain_shutdown(dom0, SHUTDOWN_poweroff);
}

static void host_log(void *context, enum hypervisor_log_level level, const char *line)
{
    (void)context, (void)level;
    dprintf(2, "(XEN) %s\n", line);
}

/* In a build that counts which lines run: writes the counts. */
extern void __gcov_dump(void) __attribute__((weak));

/* As sim/main.c: what the domains were mapped over is not for exit handlers to look at. */
static void __attribute__((noreturn)) leave(int status)
{
    if (__gcov_dump)
        __gcov_dump();
    _exit(status);
}

static void die(const char *what, int error)
{
    fprintf(stderr, "pair: %s: %s\n", what, strerror(error));
    exit(2);
}

/* A real machine has one, and domain 0 is asked for: it does nothing, for ever. */
static void dom0_entry(void)
{
    for (;;)
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_block, 0, 0, 0, 0);
}

static void create_dom0(struct hypervisor *hv)
{
    const struct domain_config config = {
        .name = "Domain-0",
        .memory = MEMORY,
        .hardware_domain = true,
        .command_line = "",
        .entry = dom0_entry,
    };
    int error = domain_create(hv, &config, &dom0);

    if (error)
        die("domain_create", -error);
}

static void create(struct hypervisor *hv, int i, const char *path, const char *arguments)
{
    char command_line[MAX_GUEST_CMDLINE];
    const struct domain_config configs[2] = {
        {
            .name = "a",
            .memory = MEMORY,
            .max_memory = MEMORY + SLACK,
            .command_line = command_line,
            .image_start = (uintptr_t)pair_a_start,
            .image_data = (uintptr_t)pair_a_data,
            .image_end = (uintptr_t)pair_a_end,
            .entry = pair_a_entry,
        },
        {
            .name = "b",
            .memory = MEMORY,
            .max_memory = MEMORY + SLACK,
            .command_line = command_line,
            .image_start = (uintptr_t)pair_b_start,
            .image_data = (uintptr_t)pair_b_data,
            .image_end = (uintptr_t)pair_b_end,
            .entry = pair_b_entry,
        },
    };
    int error;

    snprintf(command_line, sizeof(command_line), "%s %s", i ? "b 2 1" : "a 1 2", arguments);
    error = domain_create(hv, &configs[i], &sides[i].domain);

    if (error)
        die("domain_create", -error);
    console_connect(&sides[i].console, configs[i].name, sides[i].domain, false);
    sides[i].console.out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (sides[i].console.out < 0)
        die(path, errno);
    error = introduce(i, configs[i].name);
    if (error)
        die("XenStore", error);
}

int main(int argc, char **argv)
{
    static const struct hypervisor_host host = {
        .clock = host_clock,
        .wall_clock = host_wall_clock,
        .wait = host_wait,
        .console_write = host_console_write,
        .console_read = host_console_read,
        .domain_ended = host_domain_ended,
        .log = host_log,
    };
    const struct hypervisor_config hardware = {
        .memory = 4 * MEMORY,
        .log_level = HYPERVISOR_LOG_WARNING,
    };
    struct hypervisor *hv;

    clock_start(&machine_clock);
    if (argc != 3 && argc != 4) {
        fprintf(stderr, "usage: %s CONSOLE_A CONSOLE_B [ARGUMENTS]\n", argv[0]);
        return 2;
    }
    hv = hypervisor_create(&host, &hardware);
    if (!hv)
        die("hypervisor_create", errno);
    create_dom0(hv);
    create_store();
    create(hv, 0, argv[1], argc == 4 ? argv[3] : "");
    create(hv, 1, argv[2], argc == 4 ? argv[3] : "");
    machine.hv = hv;
    fault_install(&machine);
    if (!hypervisor_run(hv)) {
        for (int i = 0; i < 2; i++) {
            if (!sides[i].ended)
                console_drain(&sides[i].console);
        }
        fprintf(stderr, "pair: the domains wait for each other, for ever\n");
        leave(1);
    }
    for (int i = 0; i < 2; i++) {
        if (sides[i].status)
            fprintf(stderr, "pair: %c ended with status %d\n", "ab"[i], sides[i].status);
    }
    xenstore_destroy(store);
    hypervisor_destroy(hv);
    leave(sides[0].status || sides[1].status);
}
