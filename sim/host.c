/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The host's domains: how they are built, and what becomes of them when they end.
 */
#define _GNU_SOURCE
#include "host.h"
#include "xenstore/xenstore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <xen/sched.h>

#define MIB (1UL << 20)

/* What the machine has beside its domains' memory: for exchanges of frames. */
#define SPARE_MEMORY (16 * MIB)
#define DOM0_MEMORY  (8 * MIB)
#define DOM0_NAME    "Domain-0" /* xl's */

/* Between the end of a domain and its successor: xl sleeps for so long. */
#define RESTART_PAUSE 2000000000U /* ns */

static struct sim_host *host_of(struct sim_machine *m)
{
    return (struct sim_host *)(void *)((char *)m - offsetof(struct sim_host, machine));
}

static unsigned long mib(uint64_t bytes) { return (unsigned long)((bytes + MIB - 1) / MIB); }

/* ---- the machine ---- */

/*
 * A real machine has one, and domain 0 is asked for by others. It does nothing, for ever. The stack
 * that a domain begins with is not as a caller of functions leaves it.
 */
static void __attribute__((force_align_arg_pointer)) dom0_entry(void)
{
    for (;;)
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_block, 0, 0, 0, 0);
}

static int create_dom0(struct sim_host *h)
{
    const struct domain_config config = {
        .name = DOM0_NAME,
        .memory = DOM0_MEMORY,
        .hardware_domain = true,
        .command_line = "",
        .entry = dom0_entry,
    };

    return domain_create(h->machine.hv, &config, &h->dom0);
}

static enum hypervisor_wait wait_real(struct sim_machine *m, uint64_t deadline)
{
    return host_loop_wait(host_of(m), deadline);
}

static void look(struct sim_machine *m)
{
    struct sim_host *h = host_of(m);

    store_look(m);
    if (m->alarm && m->alarm <= hypervisor_now(m->hv))
        hypervisor_interrupt(m->hv);
    if (h->attend)
        h->attend(h);
    if (h->loop)
        host_loop_look(h);
}

/* Inside of one of S's hypercalls: what is to be done with it comes later. */
static void ended(struct sim_machine *m, struct sim_domain *s)
{
    (void)s;
    store_domains_changed(m);
    hypervisor_interrupt(m->hv);
}

bool host_create(struct sim_host *h, const struct host_config *c, char *message)
{
    const struct hypervisor_config machine = {
        .memory = c->memory + SPARE_MEMORY + DOM0_MEMORY,
        .log_level = HYPERVISOR_LOG_WARNING,
        .seed = c->seed,
        .repeatable = c->virtual_time,
    };
    struct sim_machine *m = &h->machine;

    m->program = c->program;
    m->wait = c->virtual_time ? NULL : wait_real;
    m->look = look;
    m->ended = ended;
    m->seed = c->seed;
    h->serves = c->serves;
    if (c->virtual_time)
        clock_start_virtual(&m->clock);
    if (!c->virtual_time && !(h->loop = host_loop_create(h))) {
        snprintf(message, IMAGE_MESSAGE, "libevent finds no way to wait");
        return false;
    }
    if (machine_create(m, &machine) && !create_dom0(h) && store_create(m))
        return true;
    snprintf(message, IMAGE_MESSAGE, "a machine of %lu MiB: %s", mib(machine.memory),
             strerror(errno));
    return false;
}

/* ---- building ---- */

static bool check_memory(const struct host_plan *p, const struct domain_config *c, char *message)
{
    struct domain_config sized = *c;
    uint64_t least;

    sized.image_start = sized.image_data = p->image.virt_base;
    sized.image_end = p->image.end;
    least = domain_minimum_memory(&sized);
    if (c->memory >= least)
        return true;
    snprintf(message, IMAGE_MESSAGE, "%.4096s: memory = %lu: at least %lu MiB are needed",
             p->settings.path, mib(c->memory), mib(least));
    return false;
}

static int open_ramdisk(const struct host_plan *p, size_t *size, char *message)
{
    const char *path = p->settings.ramdisk;

    return path ? ramdisk_open(path, size, message, IMAGE_MESSAGE) : -1;
}

/* As xl: the configuration's, or one that is made up; in virtual time of the name, for comparisons.
 */
static void choose_uuid(struct sim_host *h, const struct domain_settings *s, uint8_t uuid[16],
                        char text[37])
{
    static const char digits[] = "0123456789abcdef";

    memcpy(uuid, s->uuid, 16);
    if (!s->has_uuid) {
        if (h->machine.clock.is_virtual || getrandom(uuid, 16, 0) != 16) {
            uint64_t hash = 0;

            for (const char *p = s->name; *p; p++)
                hash = (hash ^ (uint8_t)*p) * 0x100000001b3U;
            for (int i = 0; i < 16; i++)
                uuid[i] = (uint8_t)((hash *= 0x9e3779b97f4a7c15U) >> 56);
        }
        uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40); /* RFC 4122, version 4 */
        uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
    }
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *text++ = '-';
        *text++ = digits[uuid[i] >> 4];
        *text++ = digits[uuid[i] & 15];
    }
    *text = '\0';
}

/* With RAM disk and image, which are there. */
static bool create_domain(struct sim_host *h, struct host_domain *d, struct domain_config *c,
                          char *message)
{
    struct host_plan *p = d->plan;
    int error;

    if (!check_memory(p, c, message) ||
        !image_load(&p->image, &h->templates, &h->places, c, message))
        return false;
    error = domain_create(h->machine.hv, c, &d->sim.domain);
    if (!error) {
        image_started(&p->image, c, d->sim.domain);
        return true;
    }
    image_unload(c);
    image_place_left(&h->places, c->image_start);
    snprintf(message, IMAGE_MESSAGE, "%.4096s: cannot build the domain: %s", p->settings.path,
             strerror(-error));
    return false;
}

static int add_to_store(struct sim_host *h, struct host_domain *d)
{
    const struct domain_settings *s = &d->plan->settings;
    struct xenstore_domain_config config = {
        .name = d->name,
        .uuid = d->uuid,
        .kernel = s->kernel,
        .ramdisk = s->ramdisk,
        .cmdline = s->command_line[0] ? s->command_line : NULL,
        .max_memory = s->max_memory,
        .memory = s->memory,
        .max_vcpus = s->vcpus,
        .vcpus = s->vcpus,
        .start_time = h->machine.clock.wall + d->started,
    };

    return store_add(&h->machine, &d->sim, &config);
}

static bool build(struct sim_host *h, struct host_plan *p, char *message)
{
    const struct domain_settings *s = &p->settings;
    struct host_domain *d = calloc(1, sizeof(*d));
    uint8_t uuid[16];
    int ramdisk, error;
    struct domain_config config = {
        .name = s->name,
        .memory = s->memory,
        .max_memory = s->max_memory,
        .vcpus = s->vcpus,
        .debug_console = true,
        .command_line = s->command_line,
        .handle = uuid,
        .ramdisk_read = ramdisk_read,
        .ramdisk_context = &ramdisk,
    };
    bool built;

    if (!d)
        abort();
    if (host_find_name(h, s->name) || host_find_waiting(h, s->name) ||
        !strcmp(s->name, DOM0_NAME)) {
        snprintf(message, IMAGE_MESSAGE, "%.4096s: there is a domain \"%s\" already", s->path,
                 s->name);
        free(d);
        return false;
    }
    d->plan = p;
    snprintf(d->name, sizeof(d->name), "%s", s->name);
    choose_uuid(h, s, uuid, d->uuid);
    ramdisk = open_ramdisk(p, &config.ramdisk_size, message);
    built = (!s->ramdisk || ramdisk >= 0) && create_domain(h, d, &config, message);
    if (ramdisk >= 0)
        close(ramdisk);
    if (!built) {
        free(d);
        return false;
    }
    d->sim.image = s->kernel;
    d->sim.moved = config.image_start - p->image.virt_base;
    d->base = config.image_start;
    d->sim.console.lines = p->has_terminal ? NULL : p->lines;
    d->sim.console.peer = p->peer;
    d->memory = s->memory;
    d->max_memory = s->max_memory;
    d->started = hypervisor_now(h->machine.hv);
    machine_add(&h->machine, &d->sim, p->has_terminal);
    p->domain = d;
    error = add_to_store(h, d);
    if (!error)
        return true;
    snprintf(message, IMAGE_MESSAGE, "%.4096s: XenStore: %s", s->path,
             error == EEXIST ? "another domain has this name" : strerror(error));
    host_destroy(h, d);
    return false;
}

bool host_build(struct sim_host *h, struct host_plan *p, char *message)
{
    bool built;

    if (!p->reads_image)
        return build(h, p, message);
    if (!image_open(&p->image, p->settings.kernel, message))
        return false;
    built = build(h, p, message);
    image_close(&p->image);
    return built;
}

/* ---- those that are there ---- */

struct host_domain *host_find(const struct sim_host *h, unsigned int domid)
{
    struct sim_domain *s = machine_domain(&h->machine, domid);

    return s ? host_domain_of(s) : NULL;
}

struct host_domain *host_find_name(const struct sim_host *h, const char *name)
{
    for (struct sim_domain *s = h->machine.domains; s; s = s->next) {
        if (!strcmp(host_domain_of(s)->name, name))
            return host_domain_of(s);
    }
    return NULL;
}

int host_rename(struct sim_host *h, struct host_domain *d, const char *name)
{
    int error;

    if (strlen(name) >= sizeof(d->name))
        return E2BIG;
    if (host_find_waiting(h, name))
        return EEXIST;
    error = xenstore_toolstack_rename(h->machine.store, domain_id(d->sim.domain), name);
    if (error)
        return error;
    strcpy(d->name, name);
    if (d->plan->domain == d)
        strcpy(d->plan->settings.name, name);
    return 0;
}

/* ---- their ends ---- */

void host_destroy(struct sim_host *h, struct host_domain *d)
{
    struct domain *domain = d->sim.domain;

    machine_remove(&h->machine, &d->sim);
    store_remove(&h->machine, &d->sim);
    domain_destroy(domain);
    image_place_left(&h->places, d->base);
    if (d->plan->domain == d)
        d->plan->domain = NULL;
    free(d);
    store_domains_changed(&h->machine);
}

static enum end_reason end_reason(const struct sim_domain *s)
{
    switch (s->reason) {
    case SHUTDOWN_poweroff:
        return ON_POWEROFF;
    case SHUTDOWN_reboot:
        return ON_REBOOT;
    case SHUTDOWN_watchdog:
        return ON_WATCHDOG;
    default:
        return ON_CRASH;
    }
}

/* xl gives one that is kept while another takes its place the time as a part of its name. */
static void rename_kept(struct sim_host *h, struct host_domain *d)
{
    char name[64];

    snprintf(name, sizeof(name), "%.48s-%u", d->name, domain_id(d->sim.domain));
    memcpy(d->name, name, sizeof(name));
    xenstore_toolstack_rename(h->machine.store, domain_id(d->sim.domain), name);
}

/* ---- their successors ---- */

struct host_plan *host_find_waiting(const struct sim_host *h, const char *name)
{
    struct host_plan *p = h->waiting;

    while (p && strcmp(p->settings.name, name) != 0)
        p = p->next_waiting;
    return p;
}

/* When the first of them is due. */
static void set_alarm(struct sim_host *h)
{
    h->machine.alarm = h->waiting ? h->waiting->restart_at : 0;
}

/* Behind those that wait already: they come in the order in which they have ended. */
static void restart_later(struct sim_host *h, struct host_plan *p)
{
    struct host_plan **link = &h->waiting;

    while (*link)
        link = &(*link)->next_waiting;
    *link = p;
    p->next_waiting = NULL;
    p->restart_at = hypervisor_now(h->machine.hv) + RESTART_PAUSE;
    set_alarm(h);
}

void host_give_up_waiting(struct sim_host *h, struct host_plan *p)
{
    struct host_plan **link = &h->waiting;

    while (*link && *link != p)
        link = &(*link)->next_waiting;
    if (*link)
        *link = p->next_waiting;
    p->restart_at = 0;
    set_alarm(h);
}

static void restart_due(struct sim_host *h)
{
    uint64_t now = hypervisor_now(h->machine.hv);
    char message[IMAGE_MESSAGE];

    while (h->waiting && h->waiting->restart_at <= now) {
        struct host_plan *p = h->waiting;

        host_give_up_waiting(h, p);
        if (host_build(h, p, message))
            continue;
        fprintf(stderr, "%s: %s\n", h->machine.program, message);
        p->status = 2;
    }
}

/* Has shut down. */
static void settle(struct sim_host *h, struct host_domain *d)
{
    struct host_plan *p = d->plan;
    enum end_action action = p->settings.on[end_reason(&d->sim)];

    console_disconnect(&d->sim.console);
    p->status = machine_status(&d->sim);
    if (!p->has_terminal && p->status)
        fprintf(stderr, "%s: %s: ended with status %d\n", h->machine.program, d->name, p->status);
    if (action == END_DESTROY || action == END_RESTART) {
        host_destroy(h, d);
    } else {
        d->kept = true;
        p->domain = NULL;
        if (action == END_RENAME_RESTART)
            rename_kept(h, d);
        if (action == END_RENAME_RESTART && h->kept)
            h->kept(h, d);
    }
    if (action == END_RESTART || action == END_RENAME_RESTART)
        restart_later(h, p);
}

bool host_settle(struct sim_host *h)
{
    struct sim_domain *s = h->machine.domains;
    bool left;

    while (s) {
        struct sim_domain *next = s->next;
        struct host_domain *d = host_domain_of(s);

        if (s->ended && !d->kept)
            settle(h, d);
        s = next;
    }
    restart_due(h);
    left = h->waiting;
    for (s = h->machine.domains; s; s = s->next)
        left = left || !s->ended;
    return left;
}

void host_give_up(struct sim_host *h)
{
    for (struct sim_domain *s = h->machine.domains; s; s = s->next) {
        struct host_domain *d = host_domain_of(s);

        if (s->ended)
            continue;
        console_disconnect(&s->console);
        fprintf(stderr, "%s: %s: waits for what cannot come: nobody is left to send it\n",
                h->machine.program, d->name);
        d->plan->status = 1;
    }
}
