/* SPDX-License-Identifier: BSD-3-Clause
 *
 * halvm daemon: the process, from its options to its end. It is a host without domains, until
 * commands make some; it sleeps while nobody computes and nobody asks.
 */
#define _GNU_SOURCE
#include "daemon/daemon.h"
#include "daemon/connect.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/listener.h>

#define MIB            (1UL << 20)
#define MEMORY_DEFAULT 4096 /* MiB */
#define MEMORY_MOST    (1UL << 20)

struct options {
    bool foreground, stop, force;
    uint64_t memory;   /* bytes */
    const char *trace; /* NULL: none */
};

/* Where whoever has started the daemon waits for it to be ready: a pipe, -1 in the foreground. */
static void __attribute__((noreturn)) fail(int to, const char *message)
{
    dprintf(to >= 0 ? to : 2, DAEMON_PROGRAM ": %s\n", message);
    exit(2);
}

/* ---- options ---- */

static void usage(void)
{
    puts("Usage: halvm daemon [OPTION...]\n"
         "Starts a Xen host in a process of its own, to which the other commands (halvm create, "
         "list,\n"
         "console ...) come. It is ready when this returns.\n"
         "  --foreground  stays in the terminal, to which its log goes; Ctrl-C ends it\n"
         "  --memory MIB  what the machine has for all domains (4096); costs nothing until used\n"
         "  --trace FILE  write what happens to FILE, for halvm trace, at any time\n"
         "  --stop        ends it, if no domain runs\n"
         "  --force       with --stop: destroys domains first\n"
         "The status is 0; 1 if it cannot be ended; 2 if it cannot be started. See "
         "halvm-daemon(1).");
}

static uint64_t memory_of(const char *text)
{
    char message[128], *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    if (!errno && *text >= '0' && *text <= '9' && !*end && value && value <= MEMORY_MOST)
        return value * MIB;
    snprintf(message, sizeof(message), "--memory %.40s: must be from 1 to %lu (MiB)", text,
             MEMORY_MOST);
    fail(-1, message);
}

/* Commands come when they come: with them no time could stand still, and no run be the same again.
 */
static void __attribute__((noreturn)) no_virtual_time(const char *option)
{
    char message[128];

    snprintf(message, sizeof(message),
             "%s: a daemon has real time, as its commands do; halvm run has %s", option, option);
    fail(-1, message);
}

static void read_options(int argc, char **argv, struct options *o)
{
    static const struct option options[] = {
        {"help", no_argument, NULL, 'h'},
        {"foreground", no_argument, NULL, 'F'},
        {"memory", required_argument, NULL, 'm'},
        {"stop", no_argument, NULL, 's'},
        {"force", no_argument, NULL, 'f'},
        {"trace", required_argument, NULL, 't'},
        {"virtual-time", no_argument, NULL, 'v'},
        {"seed", required_argument, NULL, 'S'},
        {0},
    };
    char message[256];
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, "+:", options, NULL)) != -1) {
        switch (option) {
        case 'h':
            usage();
            exit(0);
        case 'F':
            o->foreground = true;
            break;
        case 'm':
            o->memory = memory_of(optarg);
            break;
        case 's':
            o->stop = true;
            break;
        case 'f':
            o->force = true;
            break;
        case 't':
            o->trace = optarg;
            break;
        case 'v':
            no_virtual_time("--virtual-time");
        case 'S':
            no_virtual_time("--seed");
        default:
            command_line_mistake(DAEMON_PROGRAM, option, argv);
        }
    }
    if (optind < argc) {
        snprintf(message, sizeof(message), "no argument is expected: \"%.100s\"; see --help",
                 argv[optind]);
        fail(-1, message);
    }
    if (o->force && !o->stop)
        fail(-1, "--force is for --stop");
    if (o->trace && o->stop)
        fail(-1, "--trace is for a daemon that starts, not for --stop");
}

static int stop(bool force)
{
    struct request r = {0};

    request_add(&r, "stop");
    request_add(&r, force ? "f" : "");
    return connect_run(DAEMON_PROGRAM " --stop", &r);
}

/* ---- becoming a daemon ---- */

/*
 * Returns in the child, with the pipe on which to say that it is ready. The parent ends when the
 * child has, or has failed, with what it says.
 */
static int detach(void)
{
    char text[PLACE_MESSAGE + IMAGE_MESSAGE];
    size_t used = 0;
    ssize_t n;
    int ends[2];
    pid_t child = -1;

    /* Whoever waits for the end of a pipe that we were given shall not wait for the daemon. */
    close_range(3, ~0U, 0);
    if (!pipe2(ends, O_CLOEXEC))
        child = fork();
    if (child < 0)
        fail(-1, strerror(errno));
    if (!child) {
        close(ends[0]);
        setsid();
        return ends[1];
    }
    close(ends[1]);
    while ((n = read(ends[0], text + used, sizeof(text) - used)) > 0)
        used += (size_t)n;
    if (used == 1 && !text[0])
        exit(0);
    if (!used)
        fail(-1, "it ended while it started: see its log");
    fwrite(text, 1, used, stderr);
    exit(2);
}

/* Standard output and error become the log. */
static void open_log(const struct place *p, int ready)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    int log = open(p->log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (null < 0 || log < 0) {
        char message[PLACE_MESSAGE];

        snprintf(message, sizeof(message), "%s: %s", p->log, strerror(errno));
        fail(ready, message);
    }
    dup2(null, 0);
    dup2(log, 1);
    dup2(log, 2);
    close(null);
    close(log);
}

/* One daemon at a time: the lock goes with the process, however that ends. */
static void take_lock(struct daemon *d, int ready)
{
    char message[PLACE_MESSAGE];

    if (!place_find(&d->place, true, message))
        fail(ready, message);
    d->lock = open(d->place.lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (d->lock >= 0 && !flock(d->lock, LOCK_EX | LOCK_NB))
        return;
    if (errno == EWOULDBLOCK)
        snprintf(message, sizeof(message),
                 "one runs already (%s): end it with \"" DAEMON_PROGRAM " --stop\"",
                 d->place.folder);
    else
        snprintf(message, sizeof(message), "%s: %s", d->place.lock, strerror(errno));
    fail(ready, message);
}

static void open_sockets(struct daemon *d, int ready)
{
    char message[PLACE_MESSAGE];
    const char *path = d->place.store;

    d->store_listener = server_listen(d, path, store_socket_accepted);
    if (d->store_listener) {
        path = d->place.control;
        d->control_listener = server_listen(d, path, server_accepted);
    }
    if (d->control_listener)
        return;
    snprintf(message, sizeof(message), "%s: %s", path, strerror(errno));
    fail(ready, message);
}

/* ---- its life ---- */

/* Between turns of vCPUs, in no hypercall. */
static void attend(struct sim_host *h)
{
    struct daemon *d = daemon_of(h);

    console_log_attend(d);
    create_sweep(d);
}

static void asked_to_end(evutil_socket_t signal_number, short what, void *context)
{
    struct daemon *d = context;

    (void)signal_number, (void)what;
    d->ending = true;
    hypervisor_interrupt(d->host.machine.hv);
}

static void catch_signals(struct daemon *d)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};

    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        struct event *e = evsignal_new(host_loop_base(d->host.loop), signals[i], asked_to_end, d);

        if (!e || event_add(e, NULL))
            abort();
    }
}

/* Returns whether all could be written. Domains that live are worth more than their trace. */
static bool end_trace(struct daemon *d)
{
    char message[IMAGE_MESSAGE];

    if (trace_close(d->host.machine.trace, message, sizeof(message)))
        return true;
    fprintf(stderr, DAEMON_PROGRAM ": %s\n", message);
    return false;
}

static void run(struct daemon *d)
{
    while (!d->ending) {
        if (trace_has_failed(d->host.machine.trace))
            end_trace(d);
        host_settle(&d->host);
        command_look_at_waiting(d);
        create_sweep(d);
        hypervisor_run(d->host.machine.hv);
    }
}

/* Domains, files, lock; and last those that wait for it are told. */
static void end(struct daemon *d)
{
    while (d->host.waiting)
        host_give_up_waiting(&d->host, d->host.waiting);
    while (d->host.machine.domains)
        host_destroy(&d->host, host_domain_of(d->host.machine.domains));
    command_look_at_waiting(d);
    create_sweep(d);
    evconnlistener_free(d->control_listener);
    evconnlistener_free(d->store_listener);
    store_socket_close(d);
    unlink(d->place.control);
    unlink(d->place.store);
    close(d->lock);
    server_close(d);
    create_sweep(d);
}

int main(int argc, char **argv)
{
    static struct daemon daemon;
    struct daemon *d = &daemon;
    struct options o = {.memory = MEMORY_DEFAULT * MIB};
    struct host_config config = {.program = DAEMON_PROGRAM, .serves = true};
    char message[IMAGE_MESSAGE];
    int ready = -1;

    addresses_start(argv);
    descriptors_start();
    read_options(argc, argv, &o);
    if (o.stop)
        return stop(o.force);
    if (!o.foreground)
        ready = detach();
    clock_start(&d->host.machine.clock);
    take_lock(d, ready);
    config.memory = o.memory;
    d->host.context = d;
    d->host.attend = attend;
    d->host.kept = console_log_kept;
    if (!host_trace_start(&d->host, &config, o.trace, message) ||
        !host_create(&d->host, &config, message))
        fail(ready, message);
    fault_install(&d->host.machine);
    fault_catch_system_calls();
    preempt_start();
    catch_signals(d);
    open_sockets(d, ready);
    if (ready >= 0) {
        open_log(&d->place, ready);
        if (chdir("/") || write(ready, "", 1) != 1)
            exit(2);
        close(ready);
    }
    run(d);
    end(d);
    machine_leave(end_trace(d) ? 0 : 1);
}
