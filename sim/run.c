/* SPDX-License-Identifier: BSD-3-Clause
 *
 * halvm run: the domains of xl's configurations, on a machine that this process is.
 */
#define _GNU_SOURCE
#include "sim.h"
#include "config.h"
#include "image.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xen/sched.h>

#define PROGRAM "halvm run"
#define MIB     (1UL << 20)

/* What the machine has beside its domains' memory: for exchanges of frames. */
#define SPARE_MEMORY (16 * MIB)
#define DOM0_MEMORY  (8 * MIB)

/* So many domains of a configuration, beside the one that lives, may be kept (rename-restart). */
#define KEPT_DOMAINS 8U

/* A configuration, with the domain that is there for it now. */
struct entry {
    struct domain_settings settings;
    struct image image;
    struct sim_domain *domain; /* NULL: it has ended */
    struct console_lines lines[2];
    int status; /* how the last one ended */
};

struct run {
    struct sim_machine machine;
    struct domain *dom0;
    struct entry *entries;
    unsigned int count;
};

static void __attribute__((noreturn)) fail(const char *message)
{
    fprintf(stderr, PROGRAM ": %s\n", message);
    exit(2);
}

/* ---- building ---- */

/* A real machine has one, and domain 0 is asked for by others. It does nothing, for ever. */
static void dom0_entry(void)
{
    for (;;)
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_block, 0, 0, 0, 0);
}

static int create_dom0(struct run *r)
{
    const struct domain_config config = {
        .name = "Domain-0",
        .memory = DOM0_MEMORY,
        .hardware_domain = true,
        .command_line = "",
        .entry = dom0_entry,
    };

    return domain_create(r->machine.hv, &config, &r->dom0);
}

static unsigned long mib(uint64_t bytes) { return (unsigned long)((bytes + MIB - 1) / MIB); }

static bool check_memory(const struct entry *e, const struct domain_config *c, char *message)
{
    struct domain_config sized = *c;
    uint64_t least;

    sized.image_start = sized.image_data = e->image.virt_base;
    sized.image_end = e->image.end;
    least = domain_minimum_memory(&sized);
    if (c->memory >= least)
        return true;
    snprintf(message, IMAGE_MESSAGE, "%.4096s: memory = %lu: at least %lu MiB are needed",
             e->settings.path, mib(c->memory), mib(least));
    return false;
}

static int open_ramdisk(const struct entry *e, size_t *size, char *message)
{
    const char *path = e->settings.ramdisk;

    return path ? ramdisk_open(path, size, message, IMAGE_MESSAGE) : -1;
}

/* One line in MESSAGE if that fails. */
static bool build(struct run *r, struct entry *e, char *message)
{
    const struct domain_settings *s = &e->settings;
    int ramdisk = -1, error;
    struct domain_config config = {
        .name = s->name,
        .memory = s->memory,
        .max_memory = s->max_memory,
        .vcpus = s->vcpus,
        .debug_console = true,
        .command_line = s->command_line,
        .handle = s->has_uuid ? s->uuid : NULL,
        .ramdisk_read = ramdisk_read,
        .ramdisk_context = &ramdisk,
    };
    struct sim_domain *d = calloc(1, sizeof(*d));
    bool only = r->count == 1;

    if (!d)
        abort();
    ramdisk = open_ramdisk(e, &config.ramdisk_size, message);
    if (s->ramdisk && ramdisk < 0)
        goto fail;
    if (!check_memory(e, &config, message) || !image_load(&e->image, &config, message))
        goto fail;
    error = domain_create(r->machine.hv, &config, &d->domain);
    if (error) {
        image_unload(&config);
        snprintf(message, IMAGE_MESSAGE, "%.4096s: cannot build the domain: %s", s->path,
                 strerror(-error));
        goto fail;
    }
    image_started(&e->image, &config, d->domain);
    if (ramdisk >= 0)
        close(ramdisk);
    d->image = s->kernel;
    d->moved = config.image_start - e->image.virt_base;
    d->console.lines = only ? NULL : e->lines;
    machine_add(&r->machine, d, only);
    e->domain = d;
    return true;

fail:
    if (ramdisk >= 0)
        close(ramdisk);
    free(d);
    return false;
}

/* ---- their lives ---- */

static enum end_reason end_reason(const struct sim_domain *d)
{
    switch (d->reason) {
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

/* E's domain has shut down. */
static void bury(struct run *r, struct entry *e)
{
    struct sim_domain *d = e->domain;
    enum end_action action = e->settings.on[end_reason(d)];
    char message[IMAGE_MESSAGE];

    console_disconnect(&d->console);
    e->status = machine_status(&r->machine, d);
    if (r->count > 1 && e->status)
        fprintf(stderr, PROGRAM ": %s: ended with status %d\n", e->settings.name, e->status);
    machine_remove(&r->machine, d);
    if (action == END_DESTROY || action == END_RESTART)
        domain_destroy(d->domain);
    free(d);
    e->domain = NULL;
    if (action != END_RESTART && action != END_RENAME_RESTART)
        return;
    if (!build(r, e, message)) {
        fprintf(stderr, PROGRAM ": %s\n", message);
        e->status = 2;
    }
}

/* Whether one is left. */
static bool bury_all(struct run *r)
{
    bool left = false;

    for (unsigned int i = 0; i < r->count; i++) {
        struct entry *e = &r->entries[i];

        if (e->domain && e->domain->ended)
            bury(r, e);
        left = left || e->domain;
    }
    return left;
}

/* All that are left wait, and nothing can wake them. */
static void give_up(struct run *r)
{
    for (unsigned int i = 0; i < r->count; i++) {
        struct entry *e = &r->entries[i];

        if (!e->domain)
            continue;
        console_disconnect(&e->domain->console);
        fprintf(stderr, PROGRAM ": %s: waits for what cannot come: nobody is left to send it\n",
                e->settings.name);
        e->status = 1;
    }
}

/* The status of the only one, else whether all have ended well. */
static int overall_status(const struct run *r)
{
    if (r->count == 1)
        return r->entries[0].status;
    for (unsigned int i = 0; i < r->count; i++) {
        if (r->entries[i].status)
            return 1;
    }
    return 0;
}

/* ---- start ---- */

static bool wants_colour(int fd) { return isatty(fd) && !getenv("NO_COLOR"); }

static void read_configurations(struct run *r, char **paths)
{
    char message[IMAGE_MESSAGE];
    bool bad = false;

    r->entries = calloc(r->count, sizeof(*r->entries));
    if (!r->entries)
        abort();
    for (unsigned int i = 0; i < r->count; i++) {
        struct entry *e = &r->entries[i];

        if (!config_read(&e->settings, paths[i], PROGRAM)) {
            bad = true;
            continue;
        }
        if (!image_open(&e->image, e->settings.kernel, message)) {
            fprintf(stderr, PROGRAM ": %s\n", message);
            bad = true;
        }
        for (unsigned int j = 0; j < i; j++) {
            if (!strcmp(r->entries[j].settings.name, e->settings.name)) {
                fprintf(stderr, PROGRAM ": %s: there is a domain \"%s\" already, of %s\n", paths[i],
                        e->settings.name, paths[j]);
                bad = true;
            }
        }
        console_lines_init(&e->lines[0], e->settings.name, i, wants_colour(1));
        console_lines_init(&e->lines[1], e->settings.name, i, wants_colour(2));
    }
    if (bad)
        exit(2);
}

/* Of the machine, for all domains of S at once. Costs nothing until they are there. */
static uint64_t memory_of(const struct domain_settings *s)
{
    for (unsigned int reason = 0; reason < END_REASONS; reason++) {
        if (s->on[reason] == END_RENAME_RESTART)
            return (1 + KEPT_DOMAINS) * s->max_memory;
    }
    return s->max_memory;
}

static void create_machine(struct run *r)
{
    struct hypervisor_config machine = {
        .memory = SPARE_MEMORY + DOM0_MEMORY,
        .log_level = HYPERVISOR_LOG_WARNING,
    };
    char message[256];

    for (unsigned int i = 0; i < r->count; i++)
        machine.memory += memory_of(&r->entries[i].settings);
    if (!machine_create(&r->machine, &machine) || create_dom0(r)) {
        snprintf(message, sizeof(message), "a machine of %lu MiB: %s", mib(machine.memory),
                 strerror(errno));
        fail(message);
    }
}

static void usage(void)
{
    puts("Usage: halvm run DOMAIN...\n"
         "Runs domains beside each other in this process, as \"xl create\" starts them on Xen, "
         "until "
         "all\n"
         "have ended. DOMAIN is a configuration of xl's (xl.cfg(5)), or an image.\n"
         "  halvm run server.cfg client.cfg\n"
         "The status is 0 if all ended well; that of the program if there is one; 2 if a domain "
         "cannot\n"
         "be started. See halvm-run(1).");
}

int main(int argc, char **argv)
{
    static struct run run = {
        .machine = {.program = PROGRAM, .reports_end = true, .may_starve = true}};
    struct run *r = &run;
    char message[IMAGE_MESSAGE];

    clock_start(&r->machine.clock);
    if (argc > 1 && !strcmp(argv[1], "--help")) {
        usage();
        return 0;
    }
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-') {
            snprintf(message, sizeof(message), "unknown option \"%.100s\"; see --help", argv[i]);
            fail(message);
        }
    }
    if (argc < 2)
        fail("no domain given; see --help");
    r->count = (unsigned int)(argc - 1);
    read_configurations(r, argv + 1);
    create_machine(r);
    fault_install(&r->machine);
    for (unsigned int i = 0; i < r->count; i++) {
        if (!build(r, &r->entries[i], message))
            fail(message);
    }
    while (bury_all(r)) {
        if (!hypervisor_run(r->machine.hv)) {
            give_up(r);
            break;
        }
    }
    /* Linux takes the memory back faster than we would. */
    machine_leave(overall_status(r));
}
