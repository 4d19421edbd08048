/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A hosted program: the guest that this executable was linked with, as the only domain of a
 * machine of its own. What happens here between main and the guest's entry is a tax on every
 * run, so everything that can wait does.
 */
#define _GNU_SOURCE
#include "sim.h"
#include "xenstore/xenstore.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* From the executable's linker script and runtime/arch/hosted. */
extern char guest_image_start[], guest_data_start[], guest_image_end[];
void hosted_entry(void);

/* Of the machine of an initial domain: for the domains that it may make. Costs nothing till then.
 */
#define OTHERS_MEMORY (128UL << 20)

struct sim {
    struct sim_machine machine;
    struct sim_domain domain;
    struct sim_options options;
};

static void fail(const struct sim *s, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

static void fail(const struct sim *s, const char *format, ...)
{
    char message[5000];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    dprintf(2, "%s: %s\n", s->machine.program, message);
    if (s->machine.trace)
        trace_flush(s->machine.trace);
    machine_leave(2);
}

/* ---- start ---- */

/* What the machine has beside its domain's memory: for exchanges of frames. */
#define SPARE_MEMORY (16UL << 20)

static int open_ramdisk(struct sim *s, size_t *size)
{
    char message[4600];
    int fd;

    if (!s->options.ramdisk[0])
        return -1;
    fd = ramdisk_open(s->options.ramdisk, size, message, sizeof(message));
    if (fd < 0)
        fail(s, "HALVM: %s", message);
    return fd;
}

static unsigned long mib(uint64_t bytes)
{
    return (unsigned long)((bytes + (1UL << 20) - 1) >> 20);
}

/* gdb sets both for its children; then a debugger is likely, and faults would stop it. */
static bool debugger_likely(void) { return getenv("LINES") && getenv("COLUMNS"); }

/* ---- XenStore ---- */

/* Few programs have use for one, and it takes time to make: this is the first request. */
static void store_asked(void *context, struct domain *d, evtchn_port_t port)
{
    struct sim *s = context;
    struct xenstore_domain_config config = {
        .name = s->machine.program,
        .uuid = "00000000-0000-4000-8000-000000000001",
        .kernel = s->machine.program,
        .memory = s->options.memory,
        .max_memory = s->options.max_memory ? s->options.max_memory : s->options.memory,
        .max_vcpus = s->options.vcpus,
        .vcpus = s->options.vcpus,
        .start_time = s->machine.clock.wall,
    };
    struct xenstore_domain_interface *ring = domain_frame(d, domain_start_info(d)->store_mfn);
    XENSTORE_RING_IDX asked = ring->req_prod;

    (void)port;
    if (!store_create(&s->machine))
        fail(s, "XenStore: %s", strerror(errno));
    errno = store_add(&s->machine, &s->domain, &config);
    if (errno)
        fail(s, "XenStore: %s", strerror(errno));
    /* A domain that is introduced has an empty ring, but this one has begun to fill it. */
    ring->req_prod = asked;
    /* As every later event. */
    store_ring_event(&s->machine, d);
}

static void look(struct sim_machine *m)
{
    if (m->store)
        store_look(m);
}

static void create(struct sim *s, int argc, char **argv)
{
    char command_line[MAX_GUEST_CMDLINE];
    int ramdisk = -1, error;
    struct domain_config config = {
        .name = s->machine.program,
        .memory = s->options.memory,
        .max_memory = s->options.max_memory,
        .vcpus = s->options.vcpus,
        .hardware_domain = s->options.hardware_domain,
        .debug_console = true,
        .command_line = command_line,
        .image_start = (uintptr_t)guest_image_start,
        .image_data = (uintptr_t)guest_data_start,
        .image_end = (uintptr_t)guest_image_end,
        .ramdisk_read = ramdisk_read,
        .ramdisk_context = &ramdisk,
        .entry = hosted_entry,
    };
    struct hypervisor_config machine = {
        .log_level = s->options.log_level,
        .seed = s->options.seed,
        .repeatable = s->options.virtual_time || s->options.seed,
    };

    if (!options_command_line(argc - 1, argv + 1, command_line, sizeof(command_line)))
        fail(s, "the arguments are too long: a guest's command line has %u bytes",
             MAX_GUEST_CMDLINE - 1);
    ramdisk = open_ramdisk(s, &config.ramdisk_size);
    if (config.memory < domain_minimum_memory(&config)) {
        if (config.ramdisk_size >= config.memory)
            fail(s, "HALVM: ramdisk=%s: its %lu MiB do not fit into memory=%lu", s->options.ramdisk,
                 mib(config.ramdisk_size), mib(config.memory));
        fail(s, "HALVM: memory=%lu: at least %lu MiB are needed for this program",
             mib(config.memory), mib(domain_minimum_memory(&config)));
    }
    machine.memory = config.max_memory > config.memory ? config.max_memory : config.memory;
    machine.memory += SPARE_MEMORY;
    if (config.hardware_domain)
        machine.memory += OTHERS_MEMORY;
    if (machine.repeatable) {
        clock_start_virtual(&s->machine.clock);
        s->machine.seed = machine.seed;
        s->machine.look = look;
    }
    if (!machine_create(&s->machine, &machine))
        fail(s, "HALVM: memory=%lu: %s", mib(config.memory), strerror(errno));
    error = domain_create(s->machine.hv, &config, &s->domain.domain);
    if (error == -EEXIST)
        fail(s, "the addresses after the guest's image (%p) are in use", guest_image_end);
    if (error && config.ramdisk_size)
        fail(s, "HALVM: ramdisk=%s: %s", s->options.ramdisk, strerror(-error));
    if (error)
        fail(s, "cannot build the domain: %s", strerror(-error));
    if (ramdisk >= 0)
        close(ramdisk);
    if (!config.hardware_domain)
        event_channel_host_bind(s->domain.domain, domain_start_info(s->domain.domain)->store_evtchn,
                                store_asked, s);
    if (debugger_likely())
        hypervisor_populate_all(s->machine.hv);
}

static void start_trace(struct sim *s)
{
    const struct trace_options options = {
        .seed = s->options.seed,
        .is_virtual = s->options.virtual_time || s->options.seed,
    };
    char message[5000];

    if (!s->options.trace[0])
        return;
    s->machine.trace = trace_create();
    if (!s->machine.trace)
        fail(s, "HALVM: trace: no memory");
    if (!trace_open(s->machine.trace, s->options.trace, &options, message, sizeof(message)))
        fail(s, "HALVM: trace=%s", message);
}

static int end_trace(struct sim *s, int status)
{
    char message[5000];

    if (!s->machine.trace || trace_close(s->machine.trace, message, sizeof(message)))
        return status;
    dprintf(2, "%s: HALVM: trace=%s\n", s->machine.program, message);
    return status ? status : 1;
}

int main(int argc, char **argv)
{
    static struct sim sim = {.domain = {.image = SYMBOL_SELF}};
    struct sim_machine *m = &sim.machine;
    char message[512];

    descriptors_start();
    clock_start(&m->clock);
    m->program = argc > 0 ? strrchr(argv[0], '/') : NULL;
    m->program = m->program ? m->program + 1 : argc > 0 ? argv[0] : "halvm";
    if (!options_parse(getenv("HALVM"), &sim.options, message, sizeof(message)))
        fail(&sim, "HALVM: %s", message);
    start_trace(&sim);
    create(&sim, argc, argv);
    machine_add(m, &sim.domain, true);
    fault_install(m);
    if (m->clock.is_virtual)
        counter_hide();
    if (!hypervisor_run(m->hv)) {
        console_drain(&sim.domain.console);
        fail(&sim, "waits for what cannot come: nobody is left to send it");
    }
    console_drain(&sim.domain.console);
    /* Linux takes the memory back faster than we would. */
    machine_leave(end_trace(&sim, machine_status(&sim.domain)));
}
