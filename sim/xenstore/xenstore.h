/* SPDX-License-Identifier: BSD-3-Clause
 *
 * XenStore's server as a library, for many domains in one process. It answers as the xenstored
 * (tools/xenstore) of Xen 4.17 does, over the same rings (<xen/io/xs_wire.h>).
 *
 * All that it needs from outside comes in through struct xenstore_host; it has no other state than
 * what hangs off struct xenstore, waits for nothing and calls no function of the host's but those.
 * The caller's loop tells it what has happened (xenstore_ring_event, xenstore_domains_changed,
 * xenstore_tick, xenstore_local_receive) and lets it work (xenstore_run). Functions that return int
 * return 0 or an error number of <errno.h>, one of those that the protocol has.
 */
#ifndef SIM_XENSTORE_XENSTORE_H
#define SIM_XENSTORE_XENSTORE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xen/xen.h>
#include <xen/event_channel.h>
#include <xen/io/xs_wire.h>

struct xenstore;
struct connection;

/* A time that never comes. */
#define XENSTORE_FOREVER UINT64_MAX

/* What the hypervisor knows of a domain. */
enum xenstore_domain_state {
    XENSTORE_DOMAIN_NONE,     /* there is none with that number */
    XENSTORE_DOMAIN_RUNNING,  /* or paused */
    XENSTORE_DOMAIN_SHUTDOWN, /* it has shut down or crashed, and is still there */
    XENSTORE_DOMAIN_DYING,    /* it is being destroyed */
};

/* The outside world. CONTEXT is handed to each function. Only log and trace may be NULL. */
struct xenstore_host {
    void *context;

    /* Nanoseconds; never less than at the last call. */
    uint64_t (*now)(void *context);

    enum xenstore_domain_state (*domain_state)(void *context, unsigned int domid);

    /*
     * XS_INTRODUCE: returns the page that DOMID shares with the store (its grant
     * GNTTAB_RESERVED_XENSTORE), NULL if there is none; unmap gives it back.
     */
    struct xenstore_domain_interface *(*map)(void *context, unsigned int domid);
    void (*unmap)(void *context, unsigned int domid);

    /*
     * Binds to PORT that DOMID has offered to the store; returns false if it has not. From then on
     * an event of the domain's is told by xenstore_ring_event, and notify sends one to it.
     */
    bool (*bind)(void *context, unsigned int domid, evtchn_port_t port);
    void (*unbind)(void *context, unsigned int domid);
    void (*notify)(void *context, unsigned int domid);

    /* One line without its newline. */
    void (*log)(void *context, const char *line);

    /*
     * Each message, when it has been received (OUT false) or put into a queue to be sent. DOMID is
     * the connection's, 0 for a local one. DATA has message->len bytes.
     */
    void (*trace)(void *context, unsigned int domid, bool out, const struct xsd_sockmsg *message,
                  const char *data);
};

/* Makes an empty store: / and /tool/xenstored. HOST is copied. The end of it calls no function of
 * the host's but unmap and unbind. */
struct xenstore *xenstore_create(const struct xenstore_host *host);
void xenstore_destroy(struct xenstore *s);

/* ---- what has happened ---- */

/* The event channel of a domain that is introduced has fired. */
void xenstore_ring_event(struct xenstore *s, unsigned int domid);
/* Some domain has been shut down, is dying or is gone (VIRQ_DOM_EXC): looks at all. */
void xenstore_domains_changed(struct xenstore *s);
/* The time that xenstore_deadline gave has come, or any time. */
void xenstore_tick(struct xenstore *s);

/*
 * Takes and answers what is there, of all connections in turn, until none can go on: all input is
 * taken, or the rings are full, or quotas are reached. Calls of it cost nothing if nothing is to be
 * done.
 */
void xenstore_run(struct xenstore *s);
/* When to call xenstore_tick at the latest if nothing else happens; XENSTORE_FOREVER: need not. */
uint64_t xenstore_deadline(struct xenstore *s);

/* xenstore_ring_event and xenstore_run */
void xenstore_ring_serve(struct xenstore *s, unsigned int domid);

/* ---- local connections: what a Unix socket is to xenstored, with domain 0's rights ---- */

struct xenstore_local {
    void *context;
    /* Takes up to LEN bytes, returns how many. If not all, xenstore_local_writable is called later.
     */
    size_t (*send)(void *context, const char *bytes, size_t len);
    /*
     * The client has broken the protocol, or does not read the events that it has asked for: the
     * connection is gone and must not be used any more. Called in any function of the store's but
     * xenstore_local_close.
     */
    void (*closed)(void *context);
};

struct connection *xenstore_local_open(struct xenstore *s, const struct xenstore_local *local);
void xenstore_local_close(struct connection *c);
/* Bytes from the client: whole messages or any part of them. They are taken and answered now. */
void xenstore_local_receive(struct connection *c, const char *bytes, size_t len);
void xenstore_local_writable(struct connection *c);

/* ---- the host's own requests, as domain 0; for a toolstack ---- */

/*
 * A transaction of the host's, or NULL for none. It is a request like any other's: it can find
 * EAGAIN at its end, and is then to be made again.
 */
struct xenstore_transaction;
struct xenstore_transaction *xenstore_transaction_start(struct xenstore *s);
int xenstore_transaction_end(struct xenstore *s, struct xenstore_transaction *t, bool commit);

int xenstore_write(struct xenstore *s, struct xenstore_transaction *t, const char *path,
                   const void *value, size_t len);
/* Formats the value. */
int xenstore_printf(struct xenstore *s, struct xenstore_transaction *t, const char *path,
                    const char *format, ...) __attribute__((format(printf, 4, 5)));
int xenstore_mkdir(struct xenstore *s, struct xenstore_transaction *t, const char *path);
int xenstore_rm(struct xenstore *s, struct xenstore_transaction *t, const char *path);
/* PERMISSIONS: "n0 r5" */
int xenstore_set_permissions(struct xenstore *s, struct xenstore_transaction *t, const char *path,
                             const char *permissions);
/*
 * Stores up to SIZE bytes of the value, and its length in *LEN (if not NULL). If there is room a
 * zero byte follows, which is not counted.
 */
int xenstore_read(struct xenstore *s, struct xenstore_transaction *t, const char *path, char *value,
                  size_t size, size_t *len);

/* ---- domains, for a toolstack: what the requests of the same names do ---- */

int xenstore_introduce(struct xenstore *s, unsigned int domid, evtchn_port_t port);
int xenstore_release(struct xenstore *s, unsigned int domid);
int xenstore_resume(struct xenstore *s, unsigned int domid);
bool xenstore_is_introduced(struct xenstore *s, unsigned int domid);

/* ---- toolstack.c: the tree that libxl makes ---- */

/* What a toolstack knows when it makes a domain. Strings may be NULL where a default is named. */
struct xenstore_domain_config {
    unsigned int domid;
    const char *name;
    const char *uuid;                       /* 36 characters */
    const char *kernel, *ramdisk, *cmdline; /* the latter two: NULL if there is none */
    uint64_t max_memory, memory;            /* bytes */
    unsigned int max_vcpus, vcpus;          /* VCPUS of them are online */
    evtchn_port_t store_port, console_port;
    uint64_t store_mfn, console_mfn;
    uint64_t start_time;     /* nanoseconds since 1970 */
    const char *console_tty; /* NULL: none yet */
};

/* What a host has before it has domains: domain 0's name, a cpupool, /rendezvous. */
int xenstore_toolstack_start(struct xenstore *s);
/*
 * Makes what domain C->domid finds in the store, and introduces it. EEXIST: another domain has the
 * name. On errors nothing is left.
 */
int xenstore_toolstack_create(struct xenstore *s, const struct xenstore_domain_config *c);
/* Removes all of it that there still is, devices too: before the domain is destroyed. */
void xenstore_toolstack_destroy(struct xenstore *s, unsigned int domid);
int xenstore_toolstack_rename(struct xenstore *s, unsigned int domid, const char *name);
/* "poweroff", "reboot" ...: what the domain finds in control/shutdown. */
int xenstore_toolstack_shutdown(struct xenstore *s, unsigned int domid, const char *command);

/*
 * A device of DOMID: KIND ("vif", "vbd", "9pfs" ...) number DEVID, its back end in domain
 * BACKEND_DOMID of kind BACKEND_KIND. FRONT and BACK are what both find in their directories
 * (beside "backend", "frontend"): pairs of a name and a value, ended by NULL. FRONT is writable for
 * the front end, READ_ONLY (NULL: none) is not.
 */
struct xenstore_device {
    unsigned int domid, devid, backend_domid;
    const char *kind, *backend_kind;
    const char *const *front, *const *read_only, *const *back;
};

int xenstore_toolstack_add_device(struct xenstore *s, const struct xenstore_device *d);

#endif
