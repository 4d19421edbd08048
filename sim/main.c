/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A hosted program: the guest that this executable was linked with, as the only domain of a
 * machine of its own. What happens here between main and the guest's entry is a tax on every
 * run, so everything that can wait does.
 */
#define _GNU_SOURCE
#include "sim.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <xen/sched.h>

/* From the executable's linker script and runtime/arch/hosted. */
extern char guest_image_start[], guest_data_start[], guest_image_end[];
void hosted_entry(void);

#define SECOND 1000000000UL

/* Of the machine of an initial domain: for the domains that it may make. Costs nothing till then.
 */
#define OTHERS_MEMORY (128UL << 20)

struct sim {
    const char *program;
    struct sim_clock clock;
    struct sim_console console;
    struct sim_options options;
    struct hypervisor *hv;
    struct domain *domain;
    bool ended;
    unsigned int reason;
    int latched;
};

/* In a build that counts which lines run: writes the counts, which exit() would have done. */
extern void __gcov_dump(void) __attribute__((weak));

static void __attribute__((noreturn)) leave(int code)
{
    if (__gcov_dump)
        __gcov_dump();
    _exit(code);
}

static void fail(const struct sim *s, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

static void fail(const struct sim *s, const char *format, ...)
{
    char message[5000];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    dprintf(2, "%s: %s\n", s->program, message);
    leave(2);
}

/* ---- what the hypervisor needs ---- */

static void host_clock(void *context, struct hypervisor_clock *now)
{
    struct sim *s = context;

    clock_read(&s->clock, now);
}

static uint64_t host_wall_clock(void *context)
{
    struct sim *s = context;

    return s->clock.wall;
}

static enum hypervisor_wait host_wait(void *context, uint64_t deadline)
{
    struct sim *s = context;
    struct hypervisor_clock now;
    struct timespec timeout, *t = NULL;
    struct pollfd p = {.events = POLLIN};

    p.fd = console_wanted(&s->console);
    if (deadline != HYPERVISOR_FOREVER) {
        uint64_t left;

        clock_read(&s->clock, &now);
        left = deadline > now.system_time ? deadline - now.system_time : 0;
        timeout.tv_sec = (time_t)(left / SECOND);
        timeout.tv_nsec = (long)(left % SECOND);
        t = &timeout;
    }
    if (ppoll(&p, p.fd >= 0, t, NULL) > 0)
        console_input(&s->console);
    return HYPERVISOR_WAIT_DONE;
}

static void host_console_write(void *context, struct domain *d, enum hypervisor_console which,
                               const char *bytes, size_t len)
{
    struct sim *s = context;

    (void)d;
    console_write(&s->console, which, bytes, len);
}

static size_t host_console_read(void *context, struct domain *d, char *bytes, size_t len)
{
    struct sim *s = context;

    (void)d;
    return console_read(&s->console, bytes, len);
}

static void host_domain_ended(void *context, struct domain *d, unsigned int reason, int latched)
{
    struct sim *s = context;

    if (d != s->domain)
        return; /* one that the initial domain has made */
    s->ended = true;
    s->reason = reason;
    s->latched = latched;
}

static void host_log(void *context, enum hypervisor_log_level level, const char *line)
{
    struct sim *s = context;

    (void)level;
    dprintf(2, "%s: (XEN) %s\n", s->program, line);
}

/* ---- start ---- */

/* What the machine has beside its domain's memory: for exchanges of frames. */
#define SPARE_MEMORY (16UL << 20)

static int read_ramdisk(void *context, void *buffer, size_t len)
{
    int fd = *(int *)context;
    char *to = buffer;

    while (len) {
        ssize_t n = read(fd, to, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO; /* shorter than it was a moment ago */
        to += n;
        len -= (size_t)n;
    }
    return 0;
}

static int open_ramdisk(struct sim *s, size_t *size)
{
    struct stat st;
    const char *path = s->options.ramdisk;
    int fd;

    if (!path[0])
        return -1;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st))
        fail(s, "HALVM: ramdisk=%s: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        fail(s, "HALVM: ramdisk=%s: %s", path, strerror(EISDIR));
    if (!S_ISREG(st.st_mode))
        fail(s, "HALVM: ramdisk=%s: not a regular file", path);
    *size = (size_t)st.st_size;
    return fd;
}

static unsigned long mib(uint64_t bytes)
{
    return (unsigned long)((bytes + (1UL << 20) - 1) >> 20);
}

/* gdb sets both for its children; then a debugger is likely, and faults would stop it. */
static bool debugger_likely(void) { return getenv("LINES") && getenv("COLUMNS"); }

static void create(struct sim *s, int argc, char **argv)
{
    const struct hypervisor_host host = {
        .context = s,
        .clock = host_clock,
        .wall_clock = host_wall_clock,
        .wait = host_wait,
        .console_write = host_console_write,
        .console_read = host_console_read,
        .domain_ended = host_domain_ended,
        .log = host_log,
        .hypercall = record_start(s->program) ? record_hypercall : NULL,
    };
    char command_line[MAX_GUEST_CMDLINE];
    int ramdisk = -1, error;
    struct domain_config config = {
        .name = s->program,
        .memory = s->options.memory,
        .max_memory = s->options.max_memory,
        .vcpus = s->options.vcpus,
        .hardware_domain = s->options.hardware_domain,
        .debug_console = true,
        .command_line = command_line,
        .image_start = (uintptr_t)guest_image_start,
        .image_data = (uintptr_t)guest_data_start,
        .image_end = (uintptr_t)guest_image_end,
        .ramdisk_read = read_ramdisk,
        .ramdisk_context = &ramdisk,
        .entry = hosted_entry,
    };
    struct hypervisor_config machine = {.log_level = s->options.log_level};

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
    s->hv = hypervisor_create(&host, &machine);
    if (!s->hv)
        fail(s, "HALVM: memory=%lu: %s", mib(config.memory), strerror(errno));
    error = domain_create(s->hv, &config, &s->domain);
    if (error == -EEXIST)
        fail(s, "the addresses after the guest's image (%p) are in use", guest_image_end);
    if (error && config.ramdisk_size)
        fail(s, "HALVM: ramdisk=%s: %s", s->options.ramdisk, strerror(-error));
    if (error)
        fail(s, "cannot build the domain: %s", strerror(-error));
    if (ramdisk >= 0)
        close(ramdisk);
    if (debugger_likely())
        hypervisor_populate_all(s->hv);
}

static int status(struct sim *s)
{
    char where[256];

    if (s->reason == SHUTDOWN_crash && trap_last_rip(s->domain)) {
        symbol_name(SYMBOL_SELF, trap_last_rip(s->domain), where, sizeof(where));
        dprintf(2, "  at %s\n", where);
    }
    if (fault_status())
        return fault_status();
    if (s->latched >= 0)
        return s->latched;
    if (s->reason == SHUTDOWN_crash) {
        dprintf(2, "%s: domain %u crashed\n", s->program, domain_id(s->domain));
        return 134;
    }
    if (s->reason == SHUTDOWN_poweroff || s->reason == SHUTDOWN_reboot)
        return 0;
    dprintf(2, "%s: domain %u shut down for reason %u\n", s->program, domain_id(s->domain),
            s->reason);
    return 1;
}

int main(int argc, char **argv)
{
    static struct sim sim;
    char message[512];

    clock_start(&sim.clock);
    sim.program = argc > 0 ? strrchr(argv[0], '/') : NULL;
    sim.program = sim.program ? sim.program + 1 : argc > 0 ? argv[0] : "halvm";
    if (!options_parse(getenv("HALVM"), &sim.options, message, sizeof(message)))
        fail(&sim, "HALVM: %s", message);
    create(&sim, argc, argv);
    console_connect(&sim.console, sim.program, sim.domain);
    fault_install(sim.hv, sim.program);
    hypervisor_run(sim.hv);
    console_drain(&sim.console);
    /* Linux takes the memory back faster than we would. */
    leave(status(&sim));
}
