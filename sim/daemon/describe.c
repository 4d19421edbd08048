/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The commands that only tell, with the columns of xl 4.17 (tools/xl). Domain 0, which does
 * nothing, stands for the daemon.
 */
#define _GNU_SOURCE
#define __XEN_TOOLS__
#include "daemon/daemon.h"
#include "version.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include <xen/domctl.h>
#include <xen/sysctl.h>

#define SECOND         1000000000U
#define MIB            (1UL << 20)
#define PAGES_OF_MIB   256U
#define CONSOLE_RING   16384U
#define DOMAIN_0       "Domain-0"
#define NO_DOMAIN      (-1)
#define VCPUS_POSSIBLE DOMAIN_VCPUS_MAX

int describe_next(const struct daemon *d, int after)
{
    int next = NO_DOMAIN;

    if (after < 0)
        return 0;
    for (const struct sim_domain *s = d->host.machine.domains; s; s = s->next) {
        int id = domain_id(s->domain);

        if (id > after && (next == NO_DOMAIN || id < next))
            next = id;
    }
    return next;
}

static struct domain *domain_of(struct daemon *d, int id)
{
    return id ? host_find(&d->host, (unsigned int)id)->sim.domain : d->host.dom0;
}

static const char *name_of(struct daemon *d, int id)
{
    return id ? host_find(&d->host, (unsigned int)id)->name : DOMAIN_0;
}

static bool is_number(const char *text) { return text[0] && !text[strspn(text, "0123456789")]; }

/* The number of the one that TEXT means, or NO_DOMAIN: C has been told. */
static int find(struct client *c, const char *text)
{
    const struct host_domain *d;

    if (!strcmp(text, "0") || !strcmp(text, DOMAIN_0))
        return 0;
    d = command_find(c, text);
    return d ? domain_id(d->sim.domain) : NO_DOMAIN;
}

/* Calls SHOW for the domains that ARGV names, or all; for none if one of them is not there. */
static void for_domains(struct client *c, char **argv, const char *header,
                        void (*show)(struct client *c, int id))
{
    for (char **a = argv; *a; a++) {
        if (find(c, *a) == NO_DOMAIN)
            return;
    }
    client_say(c, "%s", header);
    for (char **a = argv; *a; a++)
        show(c, find(c, *a));
    for (int id = NO_DOMAIN; !argv[0] && (id = describe_next(c->daemon, id)) >= 0;)
        show(c, id);
    client_finish(c, 0);
}

/* ---- list ---- */

static char letter(const struct xen_domctl_getdomaininfo *info, uint32_t flag, char is)
{
    return info->flags & flag ? is : '-';
}

/*
 * Why D has ended. Its runtime has told the shim its exit status where Xen's tools look for the
 * reason (SCHEDOP_shutdown_code): that is not meant.
 */
static char reason_letter(const struct host_domain *d)
{
    static const char letters[] = "-rscwS";

    if (!d || !d->sim.ended)
        return '-';
    return d->sim.reason < sizeof(letters) - 1 ? letters[d->sim.reason] : '?';
}

static void show_domain(struct client *c, int id)
{
    struct xen_domctl_getdomaininfo info;

    domain_info(domain_of(c->daemon, id), &info);
    /* Whoever asks runs in domain 0, as xl does. */
    if (!id)
        info.flags = (info.flags & ~(uint32_t)XEN_DOMINF_blocked) | XEN_DOMINF_running;
    client_say(c, "%-40s %5d %5lu %5d     %c%c%c%c%c%c  %8.1f\n", name_of(c->daemon, id), id,
               (unsigned long)(info.tot_pages / PAGES_OF_MIB), info.nr_online_vcpus,
               letter(&info, XEN_DOMINF_running, 'r'), letter(&info, XEN_DOMINF_blocked, 'b'),
               letter(&info, XEN_DOMINF_paused, 'p'), letter(&info, XEN_DOMINF_shutdown, 's'),
               reason_letter(host_find(&c->daemon->host, (unsigned int)id)),
               letter(&info, XEN_DOMINF_dying, 'd'), (double)info.cpu_time / SECOND);
}

/* ARGV[1]: 'l' for all that is known of them; then domains. */
void command_list(struct client *c, unsigned int argc, char **argv)
{
    bool details = strchr(argv[1], 'l');

    (void)argc;
    for (char **a = argv + 2; *a; a++) {
        if (is_number(*a) && strcmp(*a, "0") &&
            (strlen(*a) > 5 || !host_find(&c->daemon->host, (unsigned int)atoi(*a)))) {
            client_complain(c, "Error: Domain '%s' does not exist.\n", *a);
            client_finish(c, 1);
            return;
        }
    }
    if (details) {
        command_list_details(c, argv + 2);
        return;
    }
    for_domains(c, argv + 2,
                "Name                                        ID   Mem VCPUs\tState\tTime(s)\n",
                show_domain);
}

/* ---- vcpu-list ---- */

static void show_vcpus(struct client *c, int id)
{
    struct xen_domctl_getvcpuinfo info;

    for (unsigned int i = 0; i < VCPUS_POSSIBLE; i++) {
        if (domain_vcpu_info(domain_of(c->daemon, id), i, &info))
            continue;
        client_say(c, "%-32s %5u %5u", name_of(c->daemon, id), (unsigned int)id, i);
        if (!info.online)
            client_say(c, "%5c %3c%cp ", '-', '-', '-');
        else
            client_say(c, "%5u %3c%c- ", info.cpu, id ? '-' : 'r', info.blocked && id ? 'b' : '-');
        client_say(c, "%9.1f  all / all\n", (double)info.cpu_time / SECOND);
    }
}

void command_vcpu_list(struct client *c, unsigned int argc, char **argv)
{
    char header[128];

    (void)argc;
    snprintf(header, sizeof(header), "%-32s %5s %5s %5s %5s %9s %s\n", "Name", "ID", "VCPU", "CPU",
             "State", "Time(s)", "Affinity (Hard / Soft)");
    for_domains(c, argv + 1, header, show_vcpus);
}

/* ---- uptime ---- */

static unsigned long age(struct daemon *d, int id)
{
    uint64_t started = id ? host_find(&d->host, (unsigned int)id)->started : 0;

    return (hypervisor_now(d->host.machine.hv) - started) / SECOND;
}

static void write_age(char *text, size_t size, unsigned long seconds, bool is_short)
{
    unsigned long days = seconds / 86400, hours = seconds / 3600 % 24, minutes = seconds / 60 % 60;
    char day[32] = "";

    if (days)
        snprintf(day, sizeof(day), "%lu day%s, ", days, days > 1 ? "s" : "");
    if (is_short)
        snprintf(text, size, "%s%2lu:%02lu", day, hours, minutes);
    else
        snprintf(text, size, "%s%2lu:%02lu:%02lu", day, hours, minutes, seconds % 60);
}

static void show_uptime(struct client *c, int id)
{
    char text[64];

    write_age(text, sizeof(text), age(c->daemon, id), false);
    client_say(c, "%-33s %4d %s\n", name_of(c->daemon, id), id, text);
}

static void show_uptime_shortly(struct client *c, int id)
{
    char text[64], clock[16];
    time_t now = time(NULL);
    struct tm local;

    write_age(text, sizeof(text), age(c->daemon, id), true);
    strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&now, &local));
    client_say(c, " %s up %s, %s (%d)\n", clock, text, name_of(c->daemon, id), id);
}

/* ARGV[1]: 's' for the short form; then domains. */
void command_uptime(struct client *c, unsigned int argc, char **argv)
{
    char header[64];

    (void)argc;
    snprintf(header, sizeof(header), "%-33s %4s %s\n", "Name", "ID", "Uptime");
    if (strchr(argv[1], 's'))
        for_domains(c, argv + 2, "", show_uptime_shortly);
    else
        for_domains(c, argv + 2, header, show_uptime);
}

/* ---- info ---- */

/* One line of it, if it is the one that is asked for; then the value alone, as xl does. */
static void tell(struct client *c, const char *wanted, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void tell(struct client *c, const char *wanted, const char *key, const char *format, ...)
{
    char value[256];
    va_list args;

    va_start(args, format);
    vsnprintf(value, sizeof(value), format, args);
    va_end(args);
    if (!wanted)
        client_say(c, "%-23s: %s\n", key, value);
    else if (!strcmp(wanted, key))
        client_say(c, "%s\n", value);
}

/* ARGV[1], if there is one: the one line that is wanted. */
void command_info(struct client *c, unsigned int argc, char **argv)
{
    const char *wanted = argc > 1 ? argv[1] : NULL;
    struct xen_sysctl_physinfo info;
    struct utsname system;

    uname(&system);
    hypervisor_physinfo(c->daemon->host.machine.hv, &info);
    tell(c, wanted, "host", "%s", system.nodename);
    tell(c, wanted, "release", "%s", system.release);
    tell(c, wanted, "version", "%s", system.version);
    tell(c, wanted, "machine", "%s", system.machine);
    tell(c, wanted, "nr_cpus", "%u", info.nr_cpus);
    tell(c, wanted, "max_cpu_id", "%u", info.max_cpu_id);
    tell(c, wanted, "nr_nodes", "%u", info.nr_nodes);
    tell(c, wanted, "cores_per_socket", "%u", info.cores_per_socket);
    tell(c, wanted, "threads_per_core", "%u", info.threads_per_core);
    tell(c, wanted, "cpu_mhz", "%u.%03u", info.cpu_khz / 1000, info.cpu_khz % 1000);
    tell(c, wanted, "virt_caps", "pv gnttab-v1 gnttab-v2");
    tell(c, wanted, "total_memory", "%lu", (unsigned long)info.total_pages / PAGES_OF_MIB);
    tell(c, wanted, "free_memory", "%lu",
         (unsigned long)(info.free_pages - info.outstanding_pages) / PAGES_OF_MIB);
    tell(c, wanted, "xen_major", "%u", VERSION_MAJOR);
    tell(c, wanted, "xen_minor", "%u", VERSION_MINOR);
    tell(c, wanted, "xen_extra", "%s", VERSION_EXTRA);
    tell(c, wanted, "xen_version", "%u.%u%s", VERSION_MAJOR, VERSION_MINOR, VERSION_EXTRA);
    tell(c, wanted, "xen_caps", "xen-3.0-x86_64");
    tell(c, wanted, "halvm_sleeps", "%lu", (unsigned long)host_loop_sleeps(c->daemon->host.loop));
    client_finish(c, 0);
}

/* ---- the rest ---- */

/* ARGV[1]: 'c' to forget what is told. */
void command_dmesg(struct client *c, unsigned int argc, char **argv)
{
    char bytes[CONSOLE_RING];
    size_t n;

    (void)argc;
    n = hypervisor_console_ring(c->daemon->host.machine.hv, bytes, sizeof(bytes),
                                strchr(argv[1], 'c'));
    client_send(c, FRAME_OUTPUT, bytes, n);
    client_finish(c, 0);
}

void command_domid(struct client *c, unsigned int argc, char **argv)
{
    const struct host_domain *d = host_find_name(&c->daemon->host, argv[1]);
    bool is_initial = !strcmp(argv[1], DOMAIN_0);

    (void)argc;
    if (d || is_initial)
        client_say(c, "%u\n", is_initial ? 0 : domain_id(d->sim.domain));
    else
        client_complain(
            c, "Can't get domid of domain name '%s', maybe this domain does not exist.\n", argv[1]);
    client_finish(c, !(d || is_initial));
}

void command_domname(struct client *c, unsigned int argc, char **argv)
{
    const struct host_domain *d = NULL;
    bool is_initial = !strcmp(argv[1], "0");

    (void)argc;
    if (!isdigit((unsigned char)argv[1][0])) {
        client_complain(c, "Invalid domain id.\n\n");
        client_finish(c, 1);
        return;
    }
    if (is_number(argv[1]) && strlen(argv[1]) <= 5)
        d = host_find(&c->daemon->host, (unsigned int)atoi(argv[1]));
    if (d || is_initial)
        client_say(c, "%s\n", is_initial ? DOMAIN_0 : d->name);
    else
        client_complain(
            c, "Can't get domain name of domain id '%s', maybe this domain does not exist.\n",
            argv[1]);
    client_finish(c, !(d || is_initial));
}
