/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Domains are destroyed at any moment, and made anew again and again, and nothing is left of them:
 *
 *   life PEER VICTIM COUNT      VICTIM is destroyed at its first hypercall, then at its second, up
 *                               to that number COUNT, while PEER, which talks to it, lives on
 *   life PEER REBOOTS COUNT restart     REBOOTS shuts down to reboot, and is restarted, so often
 *
 * They are configurations of images made of guest.c. After each the model must hold (tests/model),
 * and the frames, descriptors, mappings and nodes that there are must be those that there were.
 * Time is virtual: a run repeats itself. Prints one line for what is wrong, and ends with 1.
 */
#define _GNU_SOURCE
#include "host.h"
#include "internal.h"
#include "model.h"
#include "xenstore/xenstore.h"

#include <dirent.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define MEMORY (64UL << 20)

static struct sim_host host;
static struct host_plan plans[2];
static unsigned long turn;

/* The hypercall, counted from 1, of the domain VICTIM at which the machine stops; 0: none. */
static const struct domain *victim;
static unsigned long stop_at, calls;

static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *format, ...)
{
    va_list args;

    fprintf(stderr, "life: turn %lu: ", turn);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    exit(1);
}

/* ---- what there is ---- */

/* Bytes: of what is kept by numbers of domains, of which there are 1023. */
#define HEAP_VARIES 8192U

struct resources {
    uint64_t free_frames;
    uint64_t address_space; /* bytes that are mapped */
    unsigned int domains, descriptors, mappings;
    size_t heap;
};

static unsigned int count_descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    unsigned int n = 0;

    if (!d)
        fail("/proc/self/fd");
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static unsigned int count_mappings(uint64_t *size)
{
    FILE *f = fopen("/proc/self/maps", "r");
    unsigned long start, end;
    unsigned int n = 0;

    if (!f)
        fail("/proc/self/maps");
    *size = 0;
    while (fscanf(f, "%lx-%lx%*[^\n]", &start, &end) == 2) {
        n++;
        *size += end - start;
    }
    fclose(f);
    return n;
}

static struct resources resources(void)
{
    struct hypervisor *hv = host.machine.hv;

    const char *wrong = model_check(hv);
    struct resources r;

    if (wrong)
        fail("%s", wrong);
    domain_free_dead(hv);
    r = (struct resources){
        .heap = mallinfo2().uordblks,
        .free_frames = page_count_free(hv, 0, hv->frames),
        .domains = hv->domain_count,
        .descriptors = count_descriptors(),
    };
    r.mappings = count_mappings(&r.address_space);
    return r;
}

static void check_resources(const struct resources *before)
{
    const struct resources now = resources();

    if (now.domains != before->domains)
        fail("%u domains, before %u", now.domains, before->domains);
    if (now.free_frames != before->free_frames)
        fail("%lu free frames, before %lu", (unsigned long)now.free_frames,
             (unsigned long)before->free_frames);
    if (now.descriptors != before->descriptors)
        fail("%u descriptors, before %u", now.descriptors, before->descriptors);
    if (now.mappings > before->mappings)
        fail("%u mappings, before %u", now.mappings, before->mappings);
    if (now.address_space > before->address_space + HEAP_VARIES)
        fail("%lu KiB are mapped, before %lu", (unsigned long)now.address_space >> 10,
             (unsigned long)before->address_space >> 10);
    if (now.heap > before->heap + HEAP_VARIES)
        fail("%zu bytes are allocated, before %zu", now.heap, before->heap);
}

static void check_gone(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void check_gone(const char *format, ...)
{
    char path[128], value[8];
    va_list args;
    int error;

    va_start(args, format);
    vsnprintf(path, sizeof(path), format, args);
    va_end(args);
    error = xenstore_read(host.machine.store, NULL, path, value, sizeof(value), NULL);
    if (error != ENOENT)
        fail("%s is still there (%d)", path, error);
}

/* What the peer counts: "rounds", ends that it has seen; "met", of those that it has talked to. */
static unsigned long counted(const char *what)
{
    char path[32], text[32] = "0";

    snprintf(path, sizeof(path), "/rendezvous/%s", what);
    xenstore_read(host.machine.store, NULL, path, text, sizeof(text) - 1, NULL);
    return strtoul(text, NULL, 10);
}

/* ---- running ---- */

static void count_hypercall(void *context, const struct hypervisor_call *call)
{
    (void)context;
    if (call->domain != victim || call->stage != HYPERVISOR_ENTER || ++calls != stop_at)
        return;
    hypervisor_interrupt(host.machine.hv);
    host.machine.hv->time_is_up = true; /* it leaves when this hypercall is done */
}

/* Until nobody can run and nothing can come: the peer waits. */
static void run_until_idle(void)
{
    while (hypervisor_run(host.machine.hv)) {
        for (const struct sim_domain *s = host.machine.domains; s; s = s->next) {
            if (s->ended)
                fail("%s has ended, for reason %u", domain_name(s->domain), s->reason);
        }
    }
    if (!plans[0].domain)
        fail("the peer is gone");
}

static void build(struct host_plan *p)
{
    char message[IMAGE_MESSAGE];

    if (!host_build(&host, p, message))
        fail("%s", message);
}

static void plan(struct host_plan *p, const char *path, unsigned int number)
{
    char message[IMAGE_MESSAGE] = "it is no configuration";

    if (!config_read(&p->settings, path, NULL, "life") ||
        !image_open(&p->image, p->settings.kernel, message))
        fail("%s: %s", path, message);
    console_lines_init(&p->lines[0], p->settings.name, number, false);
    console_lines_init(&p->lines[1], p->settings.name, number, false);
}

static void start(char **argv)
{
    const struct host_config config = {.program = "life", .memory = MEMORY, .virtual_time = true};
    char message[IMAGE_MESSAGE], permissions[32];
    unsigned int id;

    plan(&plans[0], argv[1], 0);
    plan(&plans[1], argv[2], 1);
    if (!host_create(&host, &config, message))
        fail("%s", message);
    fault_install(&host.machine);
    host.machine.hv->host.hypercall = count_hypercall;
    hypercall_choose_way(host.machine.hv, false);
    build(&plans[0]);
    id = domain_id(plans[0].domain->sim.domain);
    xenstore_printf(host.machine.store, NULL, "/rendezvous/peer_id", "%u", id);
    snprintf(permissions, sizeof(permissions), "n0 r%u", id); /* else only domain 0 is told */
    if (xenstore_set_permissions(host.machine.store, NULL, "@releaseDomain", permissions))
        fail("@releaseDomain");
    run_until_idle();
    host.machine.hv->next_domid = MAX_DOMAINS - 1; /* tables of all numbers grow now, not later */
}

/* ---- destroyed at each hypercall ---- */

static void destroy_at(unsigned long n)
{
    struct host_domain *d;
    unsigned int id;
    char uuid[37];

    build(&plans[1]);
    d = plans[1].domain;
    id = domain_id(d->sim.domain);
    memcpy(uuid, d->uuid, sizeof(uuid));
    victim = d->sim.domain;
    stop_at = n;
    calls = 0;
    hypervisor_run(host.machine.hv);
    if (calls < n) /* more are those of a multicall */
        fail("it has made %lu hypercalls, and ended or waits", calls);
    victim = NULL;
    host_destroy(&host, d);
    run_until_idle();
    check_gone("/local/domain/%u", id);
    check_gone("/vm/%s", uuid);
    check_gone("/rendezvous/victim");
    check_gone("/rendezvous/peer");
}

/* ---- restarted ---- */

static void restart(void)
{
    struct domain *before = plans[1].domain->sim.domain;
    unsigned int id = domain_id(before);

    if (!hypervisor_run(host.machine.hv))
        fail("it waits");
    host_settle(&host);
    check_gone("/local/domain/%u", id);
    while (!plans[1].domain && hypervisor_run(host.machine.hv)) /* the pause before it */
        host_settle(&host);
    if (!plans[1].domain || domain_id(plans[1].domain->sim.domain) == id)
        fail("it has not been restarted");
}

/* What is allocated only once: after so many turns nothing more may come. */
#define TURNS_FIRST 120U

int main(int argc, char **argv)
{
    unsigned long count = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    bool restarts = argc > 4;
    struct resources before = {0};

    if (!count) {
        fprintf(stderr, "usage: life PEER VICTIM COUNT [restart]\n");
        return 2;
    }
    start(argv);
    if (restarts)
        build(&plans[1]);
    for (unsigned long i = 0; i < TURNS_FIRST + count; i++) {
        turn = i < TURNS_FIRST ? count - i % count : i - TURNS_FIRST + 1;
        if (restarts)
            restart();
        else
            destroy_at(turn);
        if (i + 1 == TURNS_FIRST)
            before = resources();
        else if (i >= TURNS_FIRST)
            check_resources(&before);
        if (!restarts && counted("rounds") != i + 1)
            fail("the peer has seen %lu ends of %lu", counted("rounds"), i + 1);
    }
    /* A domain makes some hundred before it can talk to anyone. */
    if (!restarts && counted("met") < count / 2)
        fail("the peer has met %lu of %lu", counted("met"), count);
    printf("%lu turns\n", count);
    fflush(stdout);
    machine_leave(0);
}
