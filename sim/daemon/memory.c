/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mem-set and mem-max, with the words of xl 4.17 (tools/xl/xl_mem.c).
 */
#define _GNU_SOURCE
#include "daemon/daemon.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MIB         (1UL << 20)
#define MEMORY_MOST (1UL << 40) /* bytes: more than any machine here has */

/* As xl: a number with a letter b, k, m, g or t; MiB if there is none. */
static bool read_size(const char *text, uint64_t *bytes)
{
    static const char letters[] = "bkmgt";
    const char *letter;
    char *end;

    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    *bytes = strtoull(text, &end, 10);
    letter = *end ? strchr(letters, tolower((unsigned char)*end)) : &letters[2];
    if (errno || !letter || (*end && end[1]))
        return false;
    for (; letter > letters; letter--) {
        if (*bytes > MEMORY_MOST)
            return false;
        *bytes <<= 10;
    }
    *bytes &= ~4095UL;
    return *bytes <= MEMORY_MOST;
}

/* ARGV: the command, the domain, the size. NULL: C has been told what is wrong. */
static struct host_domain *read_request(struct client *c, char **argv, uint64_t *bytes)
{
    struct host_domain *d = command_find_guest(c, argv[1]);

    if (!d || read_size(argv[2], bytes))
        return d;
    client_complain(c, "invalid memory size: %.80s\n", argv[2]);
    client_finish(c, 1);
    return NULL;
}

static void answer(struct client *c, int error, const char *command)
{
    if (error)
        client_complain(c, "halvm %s: XenStore: %s\n", command, strerror(error));
    client_finish(c, error != 0);
}

void command_mem_set(struct client *c, unsigned int argc, char **argv)
{
    uint64_t bytes;
    struct host_domain *d = read_request(c, argv, &bytes);

    (void)argc;
    if (!d)
        return;
    if (bytes <= d->max_memory) {
        answer(c, host_set_memory(&c->daemon->host, d, bytes), argv[0]);
        return;
    }
    client_complain(
        c, "cannot set domid %u dynamic max memory to : %s: its static maximum is %lu MiB\n",
        domain_id(d->sim.domain), argv[2], (unsigned long)(d->max_memory / MIB));
    client_finish(c, 1);
}

void command_mem_max(struct client *c, unsigned int argc, char **argv)
{
    uint64_t bytes;
    struct host_domain *d = read_request(c, argv, &bytes);

    (void)argc;
    if (!d)
        return;
    if (bytes >= d->memory) {
        answer(c, host_set_max_memory(&c->daemon->host, d, bytes), argv[0]);
        return;
    }
    client_complain(c, "cannot set domid %u static max memory to : %s: its target is %lu MiB\n",
                    domain_id(d->sim.domain), argv[2], (unsigned long)(d->memory / MIB));
    client_finish(c, 1);
}
