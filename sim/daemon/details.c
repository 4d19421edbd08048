/* SPDX-License-Identifier: BSD-3-Clause
 *
 * halvm list -l: the configurations, with libxl's generator, in the array that xl makes of them.
 */
#define _GNU_SOURCE
#include "daemon/daemon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDENT "        "

/* TEXT in as many frames as it takes, each line but the first further to the right. */
static void say_indented(struct client *c, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");

        for (size_t sent = 0; sent < len; sent += FRAME_MOST)
            client_send(c, FRAME_OUTPUT, text + sent,
                        len - sent < FRAME_MOST ? len - sent : FRAME_MOST);
        text += len;
        if (*text && *++text)
            client_say(c, "\n" INDENT);
    }
}

/* As the domain is now: what its plan was made of may have changed since. */
static char *json_of(const struct host_domain *d)
{
    struct domain_settings s = d->plan->settings;
    const char *digit = d->uuid;

    strcpy(s.name, d->name);
    s.memory = d->memory;
    s.max_memory = d->max_memory;
    for (unsigned int i = 0; i < sizeof(s.uuid); i++, digit += 2) {
        digit += *digit == '-';
        sscanf(digit, "%2hhx", &s.uuid[i]);
    }
    return config_json(&s);
}

static void show(struct client *c, const struct host_domain *d, bool first)
{
    char *json = json_of(d);

    client_say(c, "%s    {\n" INDENT "\"domid\": %u,\n" INDENT "\"config\": ", first ? "" : ",\n",
               domain_id(d->sim.domain));
    say_indented(c, json);
    client_say(c, "\n    }");
    free(json);
}

/* Domain 0 has no configuration, as for xl if nobody has written one. */
void command_list_details(struct client *c, char **argv)
{
    struct sim_host *h = &c->daemon->host;
    bool first = true;

    for (char **a = argv; *a; a++) {
        if (strcmp(*a, "0") != 0 && strcmp(*a, "Domain-0") != 0 && !command_find(c, *a))
            return;
    }
    client_say(c, "[\n");
    for (char **a = argv; *a; a++) {
        if (strcmp(*a, "0") != 0 && strcmp(*a, "Domain-0") != 0) {
            show(c, command_find(c, *a), first);
            first = false;
        }
    }
    for (int id = 0; !argv[0] && (id = describe_next(c->daemon, id)) > 0; first = false)
        show(c, host_find(h, (unsigned int)id), first);
    client_say(c, "\n]\n");
    client_finish(c, 0);
}
