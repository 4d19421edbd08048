/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The commands that come to halvm daemon: reads their options, as xl does (tools/xl), and makes
 * requests of them. What they print is made by the daemon.
 */
#define _GNU_SOURCE
#include "daemon/client.h"
#include "sim.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct command {
    const char *name;
    const char *options; /* letters, for getopt; h is there always */
    unsigned int least, most;
    const char *usage, *help;
    bool flags; /* the request has a string with the letters that were given */
    int (*run)(const struct command *c, int argc, char **argv); /* NULL: only a request */
};

static char program[40];

static int run_create(const struct command *c, int argc, char **argv)
{
    (void)c;
    return client_create(program, argc, argv);
}

#define ANY 60U

static const struct command commands[] = {
    {"console", "", 1, 1, "DOMAIN",
     "Attaches the terminal to a domain's console: first what it has said before. Ctrl-] leaves.",
     false, NULL},
    {"create", "cpf:", 0, ANY, "[-c] [-p] CONFIG [KEY=VALUE...]",
     "Makes a domain of a configuration (xl.cfg(5)), or of an image.\n"
     "  -c       attaches its console\n"
     "  -p       leaves it paused\n"
     "  -f FILE  the configuration",
     false, run_create},
    {"destroy", "", 1, 1, "DOMAIN", "Ends a domain at once.", false, NULL},
    {"dmesg", "c", 0, 0, "[-c]", "Prints what the hypervisor has said.\n  -c  and forgets it", true,
     NULL},
    {"domid", "", 1, 1, "NAME", "Prints the number of the domain of that name.", false, NULL},
    {"domname", "", 1, 1, "ID", "Prints the name of the domain of that number.", false, NULL},
    {"info", "", 0, 1, "[KEY]", "Describes the machine.", false, NULL},
    {"list", "l", 0, ANY, "[-l] [DOMAIN...]", "Lists domains.\n  -l  their configurations, as JSON",
     true, NULL},
    {"mem-max", "", 2, 2, "DOMAIN SIZE",
     "Sets the most that mem-set can give a domain, in MiB, or with k, m, g.", false, NULL},
    {"mem-set", "", 2, 2, "DOMAIN SIZE",
     "Sets what memory a domain shall have, in MiB, or with k, m, g.", false, NULL},
    {"pause", "", 1, 1, "DOMAIN", "Lets a domain not run any more.", false, NULL},
    {"reboot", "aw", 0, 1, "[-w] -a|DOMAIN",
     "Asks a domain to reboot.\n  -a  all\n  -w  waits until it has ended", true, NULL},
    {"rename", "", 2, 2, "DOMAIN NAME", "Gives a domain another name.", false, NULL},
    {"shutdown", "aw", 0, 1, "[-w] -a|DOMAIN",
     "Asks a domain to end.\n  -a  all\n  -w  waits until it has", true, NULL},
    {"unpause", "", 1, 1, "DOMAIN", "Lets a domain go on that was paused.", false, NULL},
    {"uptime", "s", 0, ANY, "[-s] [DOMAIN...]",
     "Says how long domains have been there.\n  -s  in short", true, NULL},
    {"vcpu-list", "", 0, ANY, "[DOMAIN...]", "Lists domains' virtual processors.", false, NULL},
};

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (!strcmp(commands[i].name, name))
            return &commands[i];
    }
    return NULL;
}

static void __attribute__((noreturn)) help(const struct command *c)
{
    printf("Usage: halvm %s %s\n%s\nSee halvm-daemon(1).\n", c->name, c->usage, c->help);
    exit(0);
}

/* Stores the letters that were given. Options may come behind arguments, as in xl. */
static void read_flags(const struct command *c, int argc, char **argv, char *flags, size_t size)
{
    static const struct option long_options[] = {
        {"help", no_argument, NULL, 'h'}, {"all", no_argument, NULL, 'a'},
        {"wait", no_argument, NULL, 'w'}, {"clear", no_argument, NULL, 'c'},
        {"long", no_argument, NULL, 'l'}, {0},
    };
    char letters[32];
    size_t n = 0;
    int option;

    snprintf(letters, sizeof(letters), ":h%s", c->options);
    opterr = 0;
    while ((option = getopt_long(argc, argv, letters, long_options, NULL)) != -1) {
        if (option == 'h')
            help(c);
        if (option == '?' || option == ':' || !strchr(c->options, option))
            command_line_mistake(program, option, argv);
        if (n + 1 < size)
            flags[n++] = (char)option;
    }
    flags[n] = '\0';
}

static int run(const struct command *c, int argc, char **argv)
{
    static struct request r;
    unsigned int given;
    char flags[16];

    read_flags(c, argc, argv, flags, sizeof(flags));
    given = (unsigned int)(argc - optind);
    if (given < c->least || given > c->most) {
        fprintf(stderr, "%s: %s: halvm %s %s\n", program,
                given < c->least ? "an argument is missing" : "too many arguments", c->name,
                c->usage);
        return 2;
    }
    request_add(&r, c->name);
    if (c->flags)
        request_add(&r, flags);
    for (int i = optind; i < argc; i++)
        request_add(&r, argv[i]);
    return connect_run(program, &r);
}

int main(int argc, char **argv)
{
    const struct command *c;

    descriptors_start();
    if (argc < 2) {
        fprintf(stderr, "halvm: no command given\n");
        return 2;
    }
    snprintf(program, sizeof(program), "halvm %.30s", argv[1]);
    if (!strncmp(argv[1], "xenstore-", 9))
        return client_xenstore(program, argv[1] + 9, argc - 1, argv + 1);
    c = find(argv[1]);
    if (!c) {
        fprintf(stderr, "halvm: unknown command \"%s\"\n", argv[1]);
        return 2;
    }
    return c->run ? c->run(c, argc - 1, argv + 1) : run(c, argc - 1, argv + 1);
}
