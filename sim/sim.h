/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The hosted executable: one domain of this process's own image, its console on the terminal,
 * its exit status the process's.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hypervisor.h"
#include "symbol.h"

/* ---- options.c: the environment variable HALVM ---- */

struct sim_options {
    uint64_t memory;     /* bytes */
    uint64_t max_memory; /* bytes; 0: as memory */
    unsigned int vcpus;
    char ramdisk[4096]; /* path; empty: none */
    enum hypervisor_log_level log_level;
    bool hardware_domain;
};

/*
 * Reads TEXT (NULL: all defaults), which is key=value pairs separated by white space; a value
 * may be quoted with " or '. Returns false and fills MESSAGE with one line, without a program
 * name, if something is wrong.
 */
bool options_parse(const char *text, struct sim_options *options, char *message, size_t size);

/*
 * The arguments as a guest's command line, for runtime/core: separated by single spaces; in an
 * argument a backslash goes before each space, backslash and quote; an empty one is \e. Returns
 * false if that is longer than SIZE - 1 bytes.
 */
bool options_command_line(int argc, char **argv, char *out, size_t size);

/* ---- record.c: the environment variable HALVM_HYPERCALLS ---- */

/* Whether hypercalls shall be recorded; then record_hypercall is for struct hypervisor_host. */
bool record_start(const char *program);
void record_hypercall(void *context, struct domain *d, unsigned int op, uint32_t suboperation,
                      const long *result);

/* ---- clock.c ---- */

struct sim_clock {
    uint64_t first_tsc, first_time; /* where measuring began: CLOCK_MONOTONIC */
    uint64_t wall;                  /* of first_time */
    struct hypervisor_clock last;   /* what was given out last */
    bool frozen;                    /* no usable time stamp counter */
};

/* As the first thing in main: measuring the counter's rate begins. */
void clock_start(struct sim_clock *c);
void clock_read(struct sim_clock *c, struct hypervisor_clock *now);

/* ---- console.c ---- */

struct xencons_interface;

struct sim_console {
    const char *program;
    struct domain *domain;
    struct xencons_interface *ring; /* NULL: console_io only */
    evtchn_port_t port;
    bool eof;           /* standard input has ended */
    bool eof_queued;    /* the guest has been told, or will find it in the ring */
    int in, out, err;   /* descriptors, for tests */
    char pending[2048]; /* console_io input not yet taken */
    size_t pending_start, pending_end;
};

/* Connects C to the domain's console: its ring, or console_io of the initial domain. */
void console_connect(struct sim_console *c, const char *program, struct domain *d);
void console_write(struct sim_console *c, enum hypervisor_console which, const char *bytes,
                   size_t len);
size_t console_read(struct sim_console *c, char *bytes, size_t len);
/* Takes what the guest has put into its ring. */
void console_drain(struct sim_console *c);
/* The descriptor to wait for, or -1: the guest does not wait for input, or has no room. */
int console_wanted(struct sim_console *c);
/* Reads what is there now, if there is room for it, and tells the guest. */
void console_input(struct sim_console *c);
/* Writes all, whatever it takes. Ends the process if it cannot be written. */
void console_write_all(const struct sim_console *c, int fd, const char *bytes, size_t len);

/* ---- fault.c ---- */

/* Catches the processor's faults: the guest's go to the guest, or end its domain. */
void fault_install(struct hypervisor *hv, const char *program);
/* The status for the shell after a fault that ended the domain, 0 if there was none. */
int fault_status(void);

#endif
