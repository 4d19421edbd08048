/* SPDX-License-Identifier: BSD-3-Clause
 *
 * halvm daemon: a host (host.h) that commands come to. One file a subject: the process (daemon.c),
 * the socket and its connections (server.c), what the commands do (commands.c, describe.c,
 * details.c, memory.c, create.c), consoles (console_log.c), and the socket of XenStore
 * (store_socket.c).
 */
#ifndef SIM_DAEMON_DAEMON_H
#define SIM_DAEMON_DAEMON_H

#include "host.h"
#include "daemon/place.h"
#include "daemon/protocol.h"

#include <event2/event.h>

#define DAEMON_PROGRAM "halvm daemon"

struct bufferevent;
struct evbuffer;
struct evconnlistener;
struct daemon;
struct store_client;

/*
 * What a domain has said, and those of the same plan before it that were not kept: the end of that.
 * Positions count on for ever.
 */
#define CONSOLE_LOG_SIZE 65536U

struct console_log {
    struct console_log *next;
    struct daemon *daemon;
    struct host_plan *plan; /* whose domain writes; NULL: none does any more */
    struct console_peer peer;
    struct evbuffer *typed; /* for the domain, from all that are attached */
    uint64_t written;
    unsigned int attached;         /* clients, also those that are to follow */
    bool attended;                 /* they, or the domain, may have something to do */
    bool ended;                    /* nobody writes any more */
    struct console_log *successor; /* of the domain that has taken the place of one that was kept */
    char bytes[CONSOLE_LOG_SIZE];
};

/* A configuration that was created: there until all domains that were made of it have gone. */
struct managed {
    struct managed *next;
    struct daemon *daemon;
    struct host_plan plan;
    char *path; /* plan.settings.path */
    struct console_log *log;
    bool ended; /* no more domains are made of it */
};

static inline struct managed *managed_of(struct host_plan *p)
{
    return (struct managed *)(void *)((char *)p - offsetof(struct managed, plan));
}

/* A connection. */
struct client {
    struct client *next;
    struct daemon *daemon;
    struct bufferevent *bev;
    bool requested; /* its request has come */
    bool finished;  /* its status is on the way */

    struct console_log *console; /* that it is attached to; NULL: none */
    uint64_t shown;              /* of that */
    bool follows;                /* when it has seen all of it, its successor */

    unsigned int *awaited; /* domains: it is answered when all have ended; NULL: none */
    unsigned int awaited_count;
};

struct daemon {
    struct sim_host host;
    struct place place;
    int lock; /* descriptor */
    struct evconnlistener *control_listener, *store_listener;
    struct client *clients;
    struct store_client *store_clients;
    struct managed *managed;
    struct console_log *logs;
    bool ending;            /* it shall end */
    struct client *stopper; /* who has asked for it; NULL: nobody who still waits */
};

static inline struct daemon *daemon_of(struct sim_host *h) { return h->context; }

/* ---- server.c ---- */

/* Called by libevent for each connection; CONTEXT is the daemon. */
typedef void server_accept(struct evconnlistener *listener, evutil_socket_t fd,
                           struct sockaddr *address, int size, void *context);
server_accept server_accepted;
/* A listener on PATH, which this user alone can open, or NULL with errno. */
struct evconnlistener *server_listen(struct daemon *d, const char *path, server_accept *accepted);
/* So many connections to a socket at once; others are closed at once. Less than the descriptors of
 * a process. */
#define CLIENTS_MOST 256U

/*
 * What is said over FD, the connection of whoever comes after COUNT others; NULL, and FD is closed:
 * they are too many, or it is not this user's process (or root's).
 */
struct bufferevent *server_let_in(struct daemon *d, evutil_socket_t fd, unsigned int count);

void client_send(struct client *c, enum frame_kind kind, const void *bytes, size_t len);
void client_say(struct client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void client_complain(struct client *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The answer is complete. C is gone when it has been read. */
void client_finish(struct client *c, uint32_t status);
/* What can still be sent of what was said, and then the end of all connections. */
void server_close(struct daemon *d);

/* ---- commands.c ---- */

/* ARGV[0] is the command's name. C is finished on return, or waits. */
void command_run(struct client *c, unsigned int argc, char **argv);
/* The domain that TEXT names by name or number; NULL: C has been told that there is none. */
struct host_domain *command_find(struct client *c, const char *text);
/* The same, for what cannot be done to the initial domain. */
struct host_domain *command_find_guest(struct client *c, const char *text);
/* Answers those that waited for domains which have ended. */
void command_look_at_waiting(struct daemon *d);

/* ---- describe.c: commands that only tell ---- */

void command_list(struct client *c, unsigned int argc, char **argv);
void command_vcpu_list(struct client *c, unsigned int argc, char **argv);
void command_uptime(struct client *c, unsigned int argc, char **argv);
void command_info(struct client *c, unsigned int argc, char **argv);
void command_dmesg(struct client *c, unsigned int argc, char **argv);
void command_domid(struct client *c, unsigned int argc, char **argv);
void command_domname(struct client *c, unsigned int argc, char **argv);

/* The number of the domain after AFTER (-1: the first), or -1. */
int describe_next(const struct daemon *d, int after);

/* ---- memory.c ---- */

void command_mem_set(struct client *c, unsigned int argc, char **argv);
void command_mem_max(struct client *c, unsigned int argc, char **argv);

/* ---- details.c ---- */

/* list -l of the domains that ARGV names, up to a NULL, or all. */
void command_list_details(struct client *c, char **argv);

/* ---- create.c ---- */

void command_create(struct client *c, unsigned int argc, char **argv);
/* Lets go of what has no domain any more. To be called after any has gone. */
void create_sweep(struct daemon *d);

/* ---- console_log.c ---- */

/* For M's plan, which has none. */
void console_log_create(struct managed *m);
/* For struct sim_host: D keeps its log, and its successor has another. */
void console_log_kept(struct sim_host *h, struct host_domain *d);
struct console_log *console_log_of(const struct host_domain *d);
/* C is shown the log, and what follows. */
void console_log_attach(struct console_log *l, struct client *c);
/* C has typed what is in FROM, LEN bytes. */
void console_log_typed(struct client *c, struct evbuffer *from, size_t len);
/* C has room, or is gone. */
void console_log_continue(struct client *c);
void console_log_detach(struct client *c);
/* What was put off in hypercalls. */
void console_log_attend(struct daemon *d);
/* M's domains have gone: those that are attached have an end when they have seen all. */
void console_log_end(struct managed *m);
/* Lets go of logs that nobody can ask for any more. */
void console_log_sweep(struct daemon *d);

/* ---- store_socket.c ---- */

server_accept store_socket_accepted;
void store_socket_close(struct daemon *d);

#endif
