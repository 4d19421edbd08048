/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A whole Xen host: a machine with domain 0, XenStore, and domains that live as their
 * configurations say. Who shows it to people (run.c ...) makes plans and builds domains of them,
 * and calls hypervisor_run and host_settle in turn.
 */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include "config.h"
#include "image.h"
#include "sim.h"

struct host_loop;

/* What domains are made of: a configuration, its image, and where its console's lines go. */
struct host_plan {
    struct domain_settings settings;
    struct image image;
    struct console_lines lines[2];   /* standard output and error */
    bool has_terminal;               /* has this process's as it is, and no lines */
    const struct console_peer *peer; /* has that, and no lines; NULL: none */
    bool reads_image;                /* each domain reads the file anew: IMAGE is not kept open */
    struct host_domain *domain;      /* that is there now; NULL: none */
    struct host_plan *next_waiting;
    uint64_t restart_at; /* system time: another one is made then; 0: none is */
    int status;          /* how the last one ended, for a shell */
};

/* One that is there: until it is destroyed. */
struct host_domain {
    struct sim_domain sim; /* the first member: host_domain_of */
    struct host_plan *plan;
    char name[64];
    char uuid[37];
    uint64_t started;            /* system time */
    uint64_t memory, max_memory; /* bytes: that it shall have, and may be given */
    bool kept;                   /* it has ended and been settled, and is preserved */
    uint64_t base;               /* of its image, in this process */
};

struct sim_host {
    struct sim_machine machine;
    struct domain *dom0;
    struct host_loop *loop; /* NULL with virtual time */
    struct image_templates templates;
    struct host_plan *waiting; /* whose domains are to be made anew */
    bool serves;               /* somebody outside may always come */
    struct image_places places;

    /* NULL, or what its owner does when hypervisor_attend has been called. CONTEXT is for it. */
    void (*attend)(struct sim_host *h);
    /* NULL, or: D has ended and stays, and its plan, whose peer may be changed, makes another. */
    void (*kept)(struct sim_host *h, struct host_domain *d);
    void *context;
};

struct host_config {
    const char *program; /* for lines on standard error */
    uint64_t memory;     /* bytes, of all domains at once; costs nothing until they are there */
    bool virtual_time;
    uint64_t seed; /* 0: none */
    bool serves;   /* domains may be made at any time: it never gives up; in real time only */
};

static inline struct host_domain *host_domain_of(struct sim_domain *s)
{
    return (struct host_domain *)(void *)s;
}

/*
 * Makes the machine with a domain 0 that does nothing, and XenStore with what a toolstack writes.
 * H must be zero but for machine.trace. Functions that can fail return false and fill MESSAGE
 * (IMAGE_MESSAGE bytes) with one line.
 */
bool host_create(struct sim_host *h, const struct host_config *config, char *message);

/* The domain with that number, or name; NULL: there is none. */
struct host_domain *host_find(const struct sim_host *h, unsigned int domid);
struct host_domain *host_find_name(const struct sim_host *h, const char *name);

/* Builds P's domain, which is not there; it runs from the next hypervisor_run on. */
bool host_build(struct sim_host *h, struct host_plan *p, char *message);

/*
 * Does with all domains that have ended what their plans say: destroys, keeps, makes them anew,
 * that after a pause, as xl has it, in which hypervisor_run is to be called. One that cannot be
 * made anew is a line on standard error. Returns whether one is left to run, or to be made.
 */
bool host_settle(struct sim_host *h);

/* The plan whose domain of that name is to be made anew, or NULL. */
struct host_plan *host_find_waiting(const struct sim_host *h, const char *name);
/* P's domain is not made anew, if it was to be. */
void host_give_up_waiting(struct sim_host *h, struct host_plan *p);

/* Destroys D, whatever it does. Not from inside of its hypercalls. */
void host_destroy(struct sim_host *h, struct host_domain *d);

/* Gives D another name, which its successors have too. Returns 0 or an error of <errno.h>. */
int host_rename(struct sim_host *h, struct host_domain *d, const char *name);

/*
 * host_memory.c: D is asked to have BYTES, and gets no more; or no more than BYTES from now on. Its
 * successors, too. Returns 0 or an error of <errno.h>.
 */
int host_set_memory(struct sim_host *h, struct host_domain *d, uint64_t bytes);
int host_set_max_memory(struct sim_host *h, struct host_domain *d, uint64_t bytes);

/* All that are left wait, and nothing can wake them: says so of each, and sets status 1. */
void host_give_up(struct sim_host *h);

/* ---- host_trace.c ---- */

/*
 * Before host_create: gives H a trace, into the file PATH. Without one (NULL) there are still the
 * last hypercalls, for reports. Returns false and fills MESSAGE (IMAGE_MESSAGE bytes) with one line
 * if the file cannot be made.
 */
bool host_trace_start(struct sim_host *h, const struct host_config *config, const char *path,
                      char *message);

/* ---- host_loop.c: real time, and what comes from outside ---- */

struct event_base;

struct host_loop *host_loop_create(struct sim_host *h);
/* For events of others', which are looked at between turns of vCPUs. */
struct event_base *host_loop_base(struct host_loop *l);
/* How often it has gone to sleep. */
uint64_t host_loop_sleeps(const struct host_loop *l);
enum hypervisor_wait host_loop_wait(struct sim_host *h, uint64_t deadline);
void host_loop_look(struct sim_host *h);

#endif
