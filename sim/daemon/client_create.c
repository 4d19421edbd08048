/* SPDX-License-Identifier: BSD-3-Clause
 *
 * halvm create: reads the configuration here, where its mistakes are somebody's who is looking, and
 * its paths are relative to this process's folder.
 */
#define _GNU_SOURCE
#include "daemon/client.h"
#include "config.h"
#include "image.h"
#include "sim.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct arguments {
    const char *program;
    const char *path; /* of the configuration */
    char *extra;      /* KEY=VALUE, each a line; NULL: none */
    char flags[4];
};

static void usage(void)
{
    puts("Usage: halvm create [-c] [-p] CONFIG [KEY=VALUE...]\n"
         "Makes a domain of a configuration (xl.cfg(5)), or of an image.\n"
         "  -c       attaches its console; Ctrl-] leaves\n"
         "  -p       leaves it paused\n"
         "  -f FILE  the configuration\n"
         "KEY=VALUE counts more than what the configuration says, as in\n"
         "  halvm create web.cfg memory=64 'name=\"web2\"'\n"
         "See halvm-daemon(1).");
}

static void add_extra(struct arguments *a, const char *line)
{
    char *more;

    if (asprintf(&more, "%s%s\n", a->extra ? a->extra : "", line) < 0)
        abort();
    free(a->extra);
    a->extra = more;
}

/* Returns -1, or the status to end with. */
static int read_options(struct arguments *a, int argc, char **argv)
{
    static const struct option options[] = {
        {"help", no_argument, NULL, 'h'}, {"defconfig", required_argument, NULL, 'f'}, {0}};
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, ":hcpf:", options, NULL)) != -1) {
        switch (option) {
        case 'h':
            usage();
            return 0;
        case 'c':
        case 'p':
            if (!strchr(a->flags, option))
                a->flags[strlen(a->flags)] = (char)option;
            break;
        case 'f':
            a->path = optarg;
            break;
        default:
            command_line_mistake(a->program, option, argv);
        }
    }
    for (; optind < argc; optind++) {
        if (strchr(argv[optind], '=')) {
            add_extra(a, argv[optind]);
        } else if (a->path) {
            fprintf(stderr, "%s: %s: there is a configuration already, %s\n", a->program,
                    argv[optind], a->path);
            return 2;
        } else {
            a->path = argv[optind];
        }
    }
    if (a->path)
        return -1;
    fprintf(stderr, "%s: no configuration given; see --help\n", a->program);
    return 2;
}

/* Whether the daemon can be expected to make a domain of S: its files are what they should be. */
static bool check_files(const struct arguments *a, const struct domain_settings *s)
{
    char message[IMAGE_MESSAGE];
    struct image image;
    size_t size;
    int fd = -1;

    if (!image_open(&image, s->kernel, message)) {
        fprintf(stderr, "%s: %s\n", a->program, message);
        return false;
    }
    image_close(&image);
    if (s->ramdisk && (fd = ramdisk_open(s->ramdisk, &size, message, sizeof(message))) < 0) {
        fprintf(stderr, "%s: %s\n", a->program, message);
        return false;
    }
    if (fd >= 0)
        close(fd);
    return true;
}

static void add_path(struct request *r, const char *path)
{
    char absolute[PATH_MAX];

    request_add(r, path && realpath(path, absolute) ? absolute : "");
}

static void add_settings(struct request *r, const struct domain_settings *s)
{
    char uuid[33] = "";

    for (unsigned int i = 0; s->has_uuid && i < 16; i++)
        sprintf(uuid + 2 * i, "%02x", s->uuid[i]);
    request_add(r, s->path);
    request_add(r, s->name);
    request_add(r, uuid);
    add_path(r, s->kernel);
    add_path(r, s->ramdisk);
    request_add(r, s->command_line);
    request_add_number(r, s->memory);
    request_add_number(r, s->max_memory);
    request_add_number(r, s->vcpus);
    for (unsigned int i = 0; i < END_REASONS; i++)
        request_add_number(r, s->on[i]);
    for (unsigned int i = 0; i < s->device_count; i++)
        request_add(r, s->devices[i]);
}

int client_create(const char *program, int argc, char **argv)
{
    static struct request r;
    struct arguments a = {.program = program};
    struct domain_settings s;
    int status = read_options(&a, argc, argv);

    if (status >= 0) {
        free(a.extra);
        return status;
    }
    status = 1;
    if (config_read(&s, a.path, a.extra, program) && check_files(&a, &s)) {
        request_add(&r, "create");
        request_add(&r, a.flags);
        add_settings(&r, &s);
        status = connect_run(program, &r);
    }
    config_free(&s);
    free(a.extra);
    return status;
}
