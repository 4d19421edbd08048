/* SPDX-License-Identifier: BSD-3-Clause
 *
 * halvm create: the client has read the configuration and sends what was in it, with absolute
 * paths. It is believed no number and no length.
 */
#define _GNU_SOURCE
#include "daemon/daemon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGES_OF_MOST (1UL << 40) /* bytes: more than any machine here has */

static char *copy(const char *text)
{
    char *to = strdup(text);

    if (!to)
        abort();
    return to;
}

/* Its log stays for those who read it, until a sweep. */
static void managed_free(struct managed *m)
{
    if (m->log)
        m->log->plan = NULL;
    config_free(&m->plan.settings);
    free(m->path);
    free(m);
}

/* ---- the request ---- */

static bool read_number(const char *text, uint64_t most, uint64_t *value)
{
    char *end;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    *value = strtoull(text, &end, 10);
    return !errno && !*end && *value <= most;
}

static bool read_uuid(const char *text, struct domain_settings *s)
{
    s->has_uuid = text[0];
    if (!text[0])
        return true;
    if (strlen(text) != 32 || strspn(text, "0123456789abcdef") != 32)
        return false;
    for (unsigned int i = 0; i < 16; i++)
        sscanf(text + 2 * i, "%2hhx", &s->uuid[i]);
    return true;
}

static bool read_text(const char *text, char *to, size_t size)
{
    size_t len = strlen(text);

    if (len >= size)
        return false;
    memcpy(to, text, len + 1);
    return true;
}

static bool read_settings(char **argv, struct domain_settings *s)
{
    uint64_t vcpus, action;

    if (argv[CREATE_KERNEL][0] != '/' ||
        (argv[CREATE_RAMDISK][0] && argv[CREATE_RAMDISK][0] != '/'))
        return false;
    s->kernel = copy(argv[CREATE_KERNEL]);
    s->ramdisk = argv[CREATE_RAMDISK][0] ? copy(argv[CREATE_RAMDISK]) : NULL;
    if (!argv[CREATE_NAME][0] || !read_text(argv[CREATE_NAME], s->name, sizeof(s->name)) ||
        !read_uuid(argv[CREATE_UUID], s) ||
        !read_text(argv[CREATE_COMMAND_LINE], s->command_line, sizeof(s->command_line)) ||
        !read_number(argv[CREATE_MEMORY], PAGES_OF_MOST, &s->memory) ||
        !read_number(argv[CREATE_MAX_MEMORY], PAGES_OF_MOST, &s->max_memory) ||
        !read_number(argv[CREATE_VCPUS], DOMAIN_VCPUS_MAX, &vcpus))
        return false;
    if (!vcpus || s->memory % 4096 || s->max_memory % 4096 || s->max_memory < s->memory)
        return false;
    s->vcpus = (unsigned int)vcpus;
    for (unsigned int i = 0; i < END_REASONS; i++) {
        if (!read_number(argv[CREATE_ACTIONS + i], END_RENAME_RESTART, &action))
            return false;
        s->on[i] = (enum end_action)action;
    }
    for (argv += CREATE_ACTIONS + END_REASONS; *argv; argv++) {
        if (s->device_count == CONFIG_DEVICES_MOST ||
            (strncmp(*argv, CONFIG_DISK, strlen(CONFIG_DISK)) != 0 &&
             strncmp(*argv, CONFIG_VIF, strlen(CONFIG_VIF)) != 0))
            return false;
        config_add_device(s, *argv);
    }
    return true;
}

/* Returns NULL for a request that no client of this version sends. */
static struct managed *read_request(struct daemon *d, unsigned int argc, char **argv)
{
    struct managed *m;

    if (argc < CREATE_ACTIONS + END_REASONS)
        return NULL;
    m = calloc(1, sizeof(*m));
    if (!m)
        abort();
    m->daemon = d;
    m->path = copy(argv[CREATE_PATH]);
    m->plan.settings.path = m->path;
    if (read_settings(argv, &m->plan.settings))
        return m;
    managed_free(m);
    return NULL;
}

/* ---- life ---- */

void command_create(struct client *c, unsigned int argc, char **argv)
{
    struct daemon *d = c->daemon;
    struct managed *m = read_request(d, argc, argv);
    char message[IMAGE_MESSAGE];

    if (!m) {
        client_complain(c, "halvm create: the daemon does not understand the request: is it of "
                           "another version?\n");
        client_finish(c, 1);
        return;
    }
    console_log_create(m);
    m->plan.reads_image = true;
    if (!host_build(&d->host, &m->plan, message)) {
        client_complain(c, "halvm create: %s\n", message);
        client_finish(c, 1);
        managed_free(m);
        return;
    }
    m->next = d->managed;
    d->managed = m;
    if (strchr(argv[CREATE_FLAGS], 'p'))
        domain_pause(m->plan.domain->sim.domain);
    if (strchr(argv[CREATE_FLAGS], 'c'))
        console_log_attach(m->log, c);
    else
        client_finish(c, 0);
}

static bool is_in_use(const struct daemon *d, const struct managed *m)
{
    if (m->plan.restart_at)
        return true;
    for (struct sim_domain *s = d->host.machine.domains; s; s = s->next) {
        if (host_domain_of(s)->plan == &m->plan)
            return true;
    }
    for (const struct client *c = d->clients; c; c = c->next) {
        if (c->console == m->log)
            return true;
    }
    return false;
}

void create_sweep(struct daemon *d)
{
    struct managed **link = &d->managed;

    while (*link) {
        struct managed *m = *link;

        if (!m->plan.domain && !m->plan.restart_at && !m->ended)
            console_log_end(m);
        if (is_in_use(d, m)) {
            link = &m->next;
        } else {
            *link = m->next;
            managed_free(m);
        }
    }
    console_log_sweep(d);
}
