/* SPDX-License-Identifier: BSD-3-Clause
 *
 * halvm run: the domains of xl's configurations, on a machine that this process is.
 */
#define _GNU_SOURCE
#include "host.h"
#include "seeds.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRAM "halvm run"

/* So many domains of a configuration, beside the one that lives, may be kept (rename-restart). */
#define KEPT_DOMAINS 8U

#define JOBS_MAX 1024U

struct run {
    struct host_plan *plans;
    unsigned int count;
};

static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *format, ...)
{
    va_list arguments;

    fputs(PROGRAM ": ", stderr);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(2);
}

/* The status of the only one, else whether all have ended well. */
static int overall_status(const struct run *r)
{
    if (r->count == 1)
        return r->plans[0].status;
    for (unsigned int i = 0; i < r->count; i++) {
        if (r->plans[i].status)
            return 1;
    }
    return 0;
}

/* ---- configurations ---- */

static bool wants_colour(int fd) { return isatty(fd) && !getenv("NO_COLOR"); }

static bool read_plan(struct run *r, unsigned int i, const char *path)
{
    struct host_plan *p = &r->plans[i];
    char message[IMAGE_MESSAGE];
    bool good = true;

    if (!config_read(&p->settings, path, NULL, PROGRAM))
        return false;
    if (!image_open(&p->image, p->settings.kernel, message)) {
        fprintf(stderr, PROGRAM ": %s\n", message);
        good = false;
    }
    for (unsigned int j = 0; j < i; j++) {
        const struct domain_settings *other = &r->plans[j].settings;

        if (!strcmp(other->name, p->settings.name)) {
            fprintf(stderr, PROGRAM ": %s: there is a domain \"%s\" already, of %s\n", path,
                    other->name, other->path);
            good = false;
        }
    }
    p->has_terminal = r->count == 1;
    console_lines_init(&p->lines[0], p->settings.name, i, wants_colour(1));
    console_lines_init(&p->lines[1], p->settings.name, i, wants_colour(2));
    return good;
}

static void read_plans(struct run *r, char **paths)
{
    bool bad = false;

    r->plans = calloc(r->count, sizeof(*r->plans));
    if (!r->plans)
        abort();
    for (unsigned int i = 0; i < r->count; i++)
        bad = !read_plan(r, i, paths[i]) || bad;
    if (bad)
        exit(2);
}

/* Of the machine, for all domains of S at once. */
static uint64_t memory_of(const struct domain_settings *s)
{
    for (unsigned int reason = 0; reason < END_REASONS; reason++) {
        if (s->on[reason] == END_RENAME_RESTART)
            return (1 + KEPT_DOMAINS) * s->max_memory;
    }
    return s->max_memory;
}

/* ---- start ---- */

static void usage(void)
{
    puts("Usage: halvm run [OPTION...] DOMAIN...\n"
         "Runs domains beside each other in this process, as \"xl create\" starts them on Xen, "
         "until all\n"
         "have ended. DOMAIN is a configuration of xl's (xl.cfg(5)), or an image.\n"
         "  halvm run server.cfg client.cfg\n"
         "  --virtual-time  time stands still while anyone can run, and jumps when nobody can\n"
         "  --seed N        virtual time, and N draws who runs when: the same N, the same run\n"
         "  --seeds A-B     a run for each of these seeds, and what those wrote that ended badly\n"
         "  --jobs N        so many of these runs at a time; if not given, one for each processor\n"
         "  --trace FILE    write what happens to FILE, for halvm trace\n"
         "The status is 0 if all ended well; that of the program if there is one; 2 if a domain "
         "cannot\n"
         "be started. See halvm-run(1).");
}

static uint64_t seed_of(const char *text)
{
    uint64_t seed;

    if (options_seed(text, &seed))
        return seed;
    fail("--seed %.40s: not a number from 1 to 2^64 - 1", text);
}

static void seeds_of(const char *text, struct seeds *seeds)
{
    char first[32];
    const char *dash = strchr(text, '-');
    size_t len = dash ? (size_t)(dash - text) : 0;

    if (dash && len < sizeof(first)) {
        memcpy(first, text, len);
        first[len] = '\0';
        if (options_seed(first, &seeds->first) && options_seed(dash + 1, &seeds->last) &&
            seeds->first <= seeds->last)
            return;
    }
    fail("--seeds %.60s: not FIRST-LAST, two numbers from 1 to 2^64 - 1, the smaller first", text);
}

static unsigned int jobs_of(const char *text)
{
    uint64_t jobs;

    if (options_seed(text, &jobs) && jobs <= JOBS_MAX)
        return (unsigned int)jobs;
    fail("--jobs %.40s: not a number from 1 to %u", text, JOBS_MAX);
}

struct choices {
    struct host_config config;
    struct seeds seeds;
    const char *trace;
};

static void read_options(int argc, char **argv, struct choices *c)
{
    static const struct option options[] = {
        {"help", no_argument, NULL, 'h'},
        {"virtual-time", no_argument, NULL, 'v'},
        {"seed", required_argument, NULL, 's'},
        {"seeds", required_argument, NULL, 'S'},
        {"jobs", required_argument, NULL, 'j'},
        {"trace", required_argument, NULL, 't'},
        {0},
    };
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+:", options, NULL)) != -1) {
        switch (option) {
        case 'h':
            usage();
            exit(0);
        case 'v':
            c->config.virtual_time = true;
            break;
        case 's':
            c->config.seed = seed_of(optarg);
            c->config.virtual_time = true;
            break;
        case 'S':
            seeds_of(optarg, &c->seeds);
            c->config.virtual_time = true;
            break;
        case 'j':
            c->seeds.jobs = jobs_of(optarg);
            break;
        case 't':
            c->trace = optarg;
            break;
        default:
            command_line_mistake(PROGRAM, option, argv);
        }
    }
}

static void check_choices(struct choices *c)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (!c->seeds.first) {
        if (c->seeds.jobs)
            fail("--jobs is for --seeds");
        return;
    }
    if (c->config.seed)
        fail("--seed or --seeds, not both");
    if (c->trace)
        fail("--seeds has no trace: with --seed N --trace the seed that you want is run again");
    if (!c->seeds.jobs)
        c->seeds.jobs = processors > 1 ? (unsigned int)processors : 1;
}

/* ---- the trace ---- */

/* Whatever is left ends with it, if it could not be written. Returns whether it could. */
static bool end_trace(struct sim_host *h)
{
    char message[IMAGE_MESSAGE];
    bool left = trace_has_failed(h->machine.trace);

    while (left && h->machine.domains)
        host_destroy(h, host_domain_of(h->machine.domains));
    if (trace_close(h->machine.trace, message, sizeof(message)))
        return true;
    fprintf(stderr, PROGRAM ": %s\n", message);
    return false;
}

static void __attribute__((noreturn)) fail_traced(struct sim_host *h, const char *message)
{
    end_trace(h);
    fail("%s", message);
}

int main(int argc, char **argv)
{
    static struct sim_host host;
    struct sim_host *h = &host;
    struct choices choices = {.config = {.program = PROGRAM}};
    struct host_config *config = &choices.config;
    struct run run = {0};
    int status;
    char message[IMAGE_MESSAGE];

    addresses_start(argv);
    descriptors_start();
    clock_start(&h->machine.clock);
    read_options(argc, argv, &choices);
    check_choices(&choices);
    if (optind == argc)
        fail("no domain given; see --help");
    run.count = (unsigned int)(argc - optind);
    read_plans(&run, argv + optind);
    for (unsigned int i = 0; i < run.count; i++)
        config->memory += memory_of(&run.plans[i].settings);
    if (choices.seeds.first)
        config->seed = seeds_fork(&choices.seeds, PROGRAM);
    if (!host_trace_start(h, config, choices.trace, message))
        fail("%s", message);
    if (!host_create(h, config, message))
        fail_traced(h, message);
    fault_install(&h->machine);
    fault_catch_system_calls();
    if (config->virtual_time)
        counter_hide();
    else
        preempt_start();
    for (unsigned int i = 0; i < run.count; i++) {
        if (!host_build(h, &run.plans[i], message))
            fail_traced(h, message);
    }
    while (host_settle(h) && !trace_has_failed(h->machine.trace)) {
        if (!hypervisor_run(h->machine.hv)) {
            host_give_up(h);
            break;
        }
    }
    status = overall_status(&run);
    if (!end_trace(h) && !status)
        status = 1;
    /* Linux takes the memory back faster than we would. */
    machine_leave(status);
}
