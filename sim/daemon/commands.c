/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The commands that change domains, with the words and exit statuses of xl 4.17 (tools/xl).
 */
#define _GNU_SOURCE
#define __XEN_TOOLS__
#include "daemon/daemon.h"
#include "xenstore/xenstore.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <xen/domctl.h>

#define ERROR_INVAL (-6) /* libxl's */

static bool is_number(const char *text)
{
    for (const char *p = text; *p; p++) {
        if (!isdigit((unsigned char)*p))
            return false;
    }
    return text[0];
}

struct host_domain *command_find(struct client *c, const char *text)
{
    struct sim_host *h = &c->daemon->host;
    struct host_domain *d;

    if (!is_number(text))
        d = host_find_name(h, text);
    else
        d = strlen(text) <= 5 ? host_find(h, (unsigned int)atoi(text)) : NULL;
    if (!d) {
        client_complain(c, "%s is an invalid domain identifier (rc=%d)\n", text, ERROR_INVAL);
        client_finish(c, 1);
    }
    return d;
}

struct host_domain *command_find_guest(struct client *c, const char *text)
{
    if (!strcmp(text, "0") || !strcmp(text, "Domain-0")) {
        client_complain(c, "Domain-0 is the daemon's own: it ends with \"halvm daemon --stop\"\n");
        client_finish(c, 1);
        return NULL;
    }
    return command_find(c, text);
}

/* One that is not there for a moment, since it is to be made anew; NULL: none of that name. */
static struct host_plan *find_waiting(const struct client *c, const char *text)
{
    return is_number(text) ? NULL : host_find_waiting(&c->daemon->host, text);
}

/* host_settle and create_sweep have something to do. */
static void look_at_domains(struct daemon *d) { hypervisor_interrupt(d->host.machine.hv); }

/* ---- one domain ---- */

static void destroy(struct client *c, unsigned int argc, char **argv)
{
    struct host_plan *waiting = find_waiting(c, argv[1]);
    struct host_domain *d = waiting ? NULL : command_find_guest(c, argv[1]);

    (void)argc;
    if (!d && !waiting)
        return;
    if (d)
        host_destroy(&c->daemon->host, d);
    else
        host_give_up_waiting(&c->daemon->host, waiting);
    look_at_domains(c->daemon);
    client_finish(c, 0);
}

static void pause_domain(struct client *c, unsigned int argc, char **argv)
{
    struct host_domain *d = command_find_guest(c, argv[1]);

    (void)argc;
    if (!d)
        return;
    if (domain_pause(d->sim.domain)) {
        client_complain(c, "halvm pause: %s has been paused too often\n", d->name);
        client_finish(c, 1);
        return;
    }
    client_finish(c, 0);
}

static void unpause_domain(struct client *c, unsigned int argc, char **argv)
{
    struct host_domain *d = command_find_guest(c, argv[1]);

    (void)argc;
    if (!d)
        return;
    if (domain_unpause(d->sim.domain)) {
        client_complain(c, "halvm unpause: %s is not paused\n", d->name);
        client_finish(c, 1);
        return;
    }
    client_finish(c, 0);
}

static void rename_domain(struct client *c, unsigned int argc, char **argv)
{
    struct host_domain *d = command_find_guest(c, argv[1]);
    const char *why = NULL;
    int error;

    (void)argc;
    if (!d)
        return;
    if (!argv[2][0] || strpbrk(argv[2], "\n\033"))
        why = "a name has from 1 to 63 characters";
    else if ((error = host_rename(&c->daemon->host, d, argv[2])))
        why = error == EEXIST  ? "there is a domain of that name"
              : error == E2BIG ? "a name has from 1 to 63 characters"
                               : strerror(error);
    if (why) {
        client_complain(c, "Can't rename domain '%s': \"%.80s\": %s.\n", argv[1], argv[2], why);
        client_finish(c, 1);
        return;
    }
    client_finish(c, 0);
}

static void console(struct client *c, unsigned int argc, char **argv)
{
    struct host_plan *waiting = find_waiting(c, argv[1]);
    struct host_domain *d = waiting ? NULL : command_find_guest(c, argv[1]);

    (void)argc;
    if (d || waiting)
        console_log_attach(d ? console_log_of(d) : managed_of(waiting)->log, c);
}

/* ---- shutdown and reboot ---- */

/* Whether all that C waits for have ended, of which C is told. */
static bool have_ended(struct client *c)
{
    unsigned int left = 0;

    for (unsigned int i = 0; i < c->awaited_count; i++) {
        const struct host_domain *d = host_find(&c->daemon->host, c->awaited[i]);

        if (!d)
            client_complain(c, "Domain %u has been destroyed\n", c->awaited[i]);
        else if (d->sim.ended)
            client_complain(c, "Domain %u has been shut down, reason code %u\n", c->awaited[i],
                            d->sim.reason);
        else
            c->awaited[left++] = c->awaited[i];
    }
    c->awaited_count = left;
    return !left;
}

void command_look_at_waiting(struct daemon *d)
{
    for (struct client *c = d->clients; c; c = c->next) {
        if (c->awaited && !c->finished && have_ended(c))
            client_finish(c, 0);
    }
}

static bool request_end(struct client *c, const struct host_domain *d, const char *command)
{
    unsigned int id = domain_id(d->sim.domain);
    bool reboot = !strcmp(command, "reboot");
    int error;

    client_complain(c, reboot ? "Rebooting domain %u\n" : "Shutting down domain %u\n", id);
    error = xenstore_toolstack_shutdown(c->daemon->host.machine.store, id, command);
    if (error)
        client_complain(c, "%s failed: XenStore: %s\n", reboot ? "reboot" : "shutdown",
                        strerror(error));
    return !error;
}

static size_t count_domains(const struct daemon *d)
{
    size_t n = 0;

    for (const struct sim_domain *s = d->host.machine.domains; s; s = s->next)
        n++;
    return n;
}

/* ARGV[1]: 'a' for all domains, 'w' to wait; ARGV[2]: the domain. */
static void end_domains(struct client *c, unsigned int argc, char **argv, const char *command)
{
    struct daemon *daemon = c->daemon;
    bool all = strchr(argv[1], 'a');
    struct host_domain *d = NULL;
    bool good = true;

    if (!all && argc < 3) {
        client_complain(c, "You must specify -a or a domain id.\n");
        client_finish(c, 1);
        return;
    }
    if (!all && !(d = command_find_guest(c, argv[2])))
        return;
    c->awaited = calloc(count_domains(daemon) + 1, sizeof(*c->awaited));
    if (!c->awaited)
        abort();
    for (int id = 0; good && (id = describe_next(daemon, id)) > 0;) {
        struct host_domain *other = host_find(&daemon->host, (unsigned int)id);

        if (all ? other->sim.ended : other != d)
            continue;
        good = request_end(c, other, command);
        c->awaited[c->awaited_count++] = (unsigned int)id;
    }
    if (good && strchr(argv[1], 'w')) {
        client_complain(c, "Waiting for %u domains\n", c->awaited_count);
        if (!have_ended(c))
            return;
    }
    client_finish(c, !good);
}

static void shutdown_domain(struct client *c, unsigned int argc, char **argv)
{
    end_domains(c, argc, argv, "poweroff");
}

static void reboot_domain(struct client *c, unsigned int argc, char **argv)
{
    end_domains(c, argc, argv, "reboot");
}

/* ---- the daemon ---- */

/* ARGV[1]: 'f' to end domains too. */
static void stop(struct client *c, unsigned int argc, char **argv)
{
    struct daemon *d = c->daemon;
    const char *first = NULL;
    unsigned int live = 0;

    (void)argc;
    for (const struct host_plan *p = d->host.waiting; p; p = p->next_waiting) {
        live++;
        first = p->settings.name;
    }
    for (int id = 0; (id = describe_next(d, id)) > 0;) {
        const struct host_domain *one = host_find(&d->host, (unsigned int)id);

        if (one->sim.ended)
            continue;
        live++;
        if (!first)
            first = one->name;
    }
    if (live && !strchr(argv[1], 'f')) {
        client_complain(c, DAEMON_PROGRAM " --stop: %s%s: end %s first, or say --force\n", first,
                        live > 1 ? " and other domains run" : " runs", live > 1 ? "them" : "it");
        client_finish(c, 1);
        return;
    }
    if (d->stopper)
        client_finish(d->stopper, 0);
    d->stopper = c;
    d->ending = true;
    look_at_domains(d);
}

/* ---- all ---- */

void command_run(struct client *c, unsigned int argc, char **argv)
{
    static const struct {
        const char *name;
        unsigned int least, most; /* strings after it */
        void (*run)(struct client *c, unsigned int argc, char **argv);
    } commands[] = {
        {"console", 1, 1, console},
        {"create", CREATE_ACTIONS - 1, 60, command_create},
        {"destroy", 1, 1, destroy},
        {"dmesg", 1, 1, command_dmesg},
        {"domid", 1, 1, command_domid},
        {"domname", 1, 1, command_domname},
        {"info", 0, 1, command_info},
        {"list", 1, 60, command_list},
        {"mem-max", 2, 2, command_mem_max},
        {"mem-set", 2, 2, command_mem_set},
        {"pause", 1, 1, pause_domain},
        {"reboot", 1, 2, reboot_domain},
        {"rename", 2, 2, rename_domain},
        {"shutdown", 1, 2, shutdown_domain},
        {"stop", 1, 1, stop},
        {"unpause", 1, 1, unpause_domain},
        {"uptime", 1, 60, command_uptime},
        {"vcpu-list", 0, 60, command_vcpu_list},
    };

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(argv[0], commands[i].name) || argc - 1 < commands[i].least ||
            argc - 1 > commands[i].most)
            continue;
        commands[i].run(c, argc, argv);
        return;
    }
    client_complain(c,
                    "halvm: the daemon does not know the request \"%.40s\": is it of another "
                    "version?\n",
                    argv[0]);
    client_finish(c, 1);
}
