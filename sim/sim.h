/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A Xen host around the hypervisor: the machine and its domains, their consoles, the clock, the
 * processor's faults. Of it are made the hosted executable (main.c), one domain of this process's
 * own image whose exit status is the process's, and halvm run (run.c).
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hypervisor.h"
#include "symbol.h"
#include "trace/trace.h"

/* ---- options.c: the environment variable HALVM ---- */

#define OPTIONS_PATH 4096U

struct sim_options {
    uint64_t memory;     /* bytes */
    uint64_t max_memory; /* bytes; 0: as memory */
    unsigned int vcpus;
    char ramdisk[OPTIONS_PATH], trace[OPTIONS_PATH]; /* empty: none */
    enum hypervisor_log_level log_level;
    bool hardware_domain;
    bool virtual_time;
    uint64_t seed; /* 0: none */
};

/*
 * Reads TEXT (NULL: all defaults), which is key=value pairs separated by white space; a value
 * may be quoted with " or '. Returns false and fills MESSAGE with one line, without a program
 * name, if something is wrong.
 */
bool options_parse(const char *text, struct sim_options *options, char *message, size_t size);

/* A seed as people write it, which is not 0. */
bool options_seed(const char *text, uint64_t *seed);

/*
 * The arguments as a guest's command line, for runtime/core: separated by single spaces; in an
 * argument a backslash goes before each space, backslash and quote; an empty one is \e. Returns
 * false if that is longer than SIZE - 1 bytes.
 */
bool options_command_line(int argc, char **argv, char *out, size_t size);

/* ---- record.c: the environment variable HALVM_HYPERCALLS ---- */

/* Whether hypercalls shall be recorded; then record_hypercall is for struct hypervisor_host. */
bool record_start(const char *program);
void record_hypercall(void *context, const struct hypervisor_call *call);

/* ---- clock.c ---- */

struct sim_clock {
    uint64_t first_tsc, first_time; /* where measuring began: CLOCK_MONOTONIC */
    uint64_t wall;                  /* of first_time */
    struct hypervisor_clock last;   /* what was given out last */
    bool frozen;                    /* no usable time stamp counter */
    bool is_virtual;                /* LAST moves by clock_advance only */
};

/* As the first thing in main: measuring the counter's rate begins. */
void clock_start(struct sim_clock *c);
/* A clock that stands still at 0, which is the same date in each run, until it is advanced. */
void clock_start_virtual(struct sim_clock *c);
/* To system time TIME, of a virtual clock; never back. */
void clock_advance(struct sim_clock *c, uint64_t time);
void clock_read(struct sim_clock *c, struct hypervisor_clock *now);

/* ---- console_lines.c: several consoles on one output ---- */

/* One of them. A line appears when it is complete, so lines are whole. */
struct console_lines {
    char prefix[96];
    size_t prefix_size;
    size_t used;
    char line[2048];
};

/* Lines begin with "NAME: ", in colour NUMBER if the output is a terminal (COLOUR). */
void console_lines_init(struct console_lines *lines, const char *name, unsigned int number,
                        bool colour);

/* ---- console.c ---- */

struct xencons_interface;

/*
 * Somebody else than this process's descriptors at the other end of a console. WRITE and READ are
 * called inside of the guest's hypercalls.
 */
struct console_peer {
    void *context;
    /* Bytes that it takes now. What is beyond stays in the ring, and the guest waits. */
    size_t (*room)(void *context);
    /* Takes all, whatever there is room for. */
    void (*write)(void *context, const char *bytes, size_t len);
    /* Stores up to LEN bytes for the guest, as they are, returns how many. */
    size_t (*read)(void *context, char *bytes, size_t len);
};

struct sim_console {
    const char *program;
    struct domain *domain;
    struct xencons_interface *ring; /* NULL: console_io only */
    evtchn_port_t port;
    bool eof;                        /* standard input has ended */
    bool eof_queued;                 /* the guest has been told, or will find it in the ring */
    int in, out, err;                /* descriptors, for tests; IN -1: none */
    struct console_lines *lines;     /* [2], for OUT and ERR; NULL: as the guest writes it */
    const struct console_peer *peer; /* NULL: none, but the descriptors */
    struct trace *trace;             /* which output goes to as well, or NULL */
    char pending[2048];              /* console_io input not yet taken */
    size_t pending_start, pending_end;
    bool by_lines;   /* input comes by console_input_line only */
    char held[1024]; /* console_input_line: read, and not passed on */
    size_t held_count;
    bool held_last; /* after it comes the end */
};

/*
 * Connects C to the domain's console: its ring, or console_io of the initial domain. The domain has
 * standard input if INPUT. With a peer, which is set before, that is what it reads.
 */
void console_connect(struct sim_console *c, const char *program, struct domain *d, bool input);
/* Writes what is left of the output, before D goes. */
void console_disconnect(struct sim_console *c);
/* Writes what has no newline yet of C's lines. */
void console_lines_finish(struct sim_console *c);
void console_lines_write(struct sim_console *c, int fd, const char *bytes, size_t len);
void console_write(struct sim_console *c, enum hypervisor_console which, const char *bytes,
                   size_t len);
size_t console_read(struct sim_console *c, char *bytes, size_t len);
/* Takes what the guest has put into its ring. */
void console_drain(struct sim_console *c);
/* The descriptor to wait for, or -1: the guest does not wait for input, or has no room. */
int console_wanted(struct sim_console *c);
/* Reads what is there now, if there is room for it, and tells the guest. */
void console_input(struct sim_console *c);
/* C's peer has room again, or something to be read. */
void console_peer_ready(struct sim_console *c);
/*
 * Waits for the next line, or as much of it as there is room for, and passes that on: so what a
 * guest gets at once does not depend on when its bytes came.
 */
void console_input_line(struct sim_console *c);
/* Writes all, whatever it takes. Ends the process if it cannot be written. */
void console_write_all(const struct sim_console *c, int fd, const char *bytes, size_t len);

/* ---- machine.c: domains on a machine ---- */

struct sim_domain {
    struct sim_domain *next;
    struct domain *domain; /* NULL: none now */
    struct sim_console console;
    const char *image; /* the file, for names of addresses */
    uint64_t moved;    /* how far its addresses are from those in the file */
    bool ended;        /* has shut down, */
    unsigned int reason;
    int latched;
    int fault;        /* by a fault: the status for a shell, else 0 */
    bool store_event; /* its XenStore ring is to be looked at (with a seed) */
};

struct sim_machine {
    const char *program;
    struct sim_clock clock;
    struct hypervisor *hv;
    struct sim_domain *domains;
    struct xenstore *store; /* NULL: none yet */
    uint64_t seed;          /* 0: none */
    bool domains_changed;   /* XenStore is to be told (with a seed) */

    /*
     * What a larger host (host.c) has beside: all NULL in a hosted program. WAIT and LOOK are those
     * of struct hypervisor_host; ENDED is called when S has shut down.
     */
    enum hypervisor_wait (*wait)(struct sim_machine *m, uint64_t deadline);
    void (*look)(struct sim_machine *m);
    void (*ended)(struct sim_machine *m, struct sim_domain *s);

    /* LOOK is to be called then, too: system time; 0: never. */
    uint64_t alarm;

    bool records; /* record.c listens to hypercalls */
    /* It does, and to events and output. NULL: none. To be set before the machine is made. */
    struct trace *trace;
};

/* Makes the machine. Returns false and sets errno. */
bool machine_create(struct sim_machine *m, const struct hypervisor_config *config);

/* Adds S, whose domain has been made, with its console. */
void machine_add(struct sim_machine *m, struct sim_domain *s, bool input);
void machine_remove(struct sim_machine *m, struct sim_domain *s);

/* The one whose domain has the number ID, or NULL. */
struct sim_domain *machine_domain(const struct sim_machine *m, unsigned int id);
/* The one that wants standard input, if one does that has it, or NULL. */
struct sim_domain *machine_reader(const struct sim_machine *m);

/* Until when, at most DEADLINE, may be waited: there is something to do then for the host itself.
 */
uint64_t machine_deadline(struct sim_machine *m, uint64_t deadline);
/* Does what is due. After waiting. */
void machine_tick(struct sim_machine *m);

/* S has ended: the status for a shell, with a line on standard error if that is not clear. */
int machine_status(const struct sim_domain *s);

/* The name of a guest's address. */
void machine_symbol(const struct domain *d, uint64_t address, char *text, size_t size);

/* Waits until the system time DEADLINE, or FD (-1: none) has input; returns whether it has. */
bool machine_sleep(struct sim_machine *m, uint64_t deadline, int fd);

/* Ends the process, at once. */
void machine_leave(int status) __attribute__((noreturn));

/* ---- store.c: XenStore on the machine ---- */

struct xenstore_domain_config;

/* Makes it, with what a toolstack writes first. Returns false and sets errno. */
bool store_create(struct sim_machine *m);
/*
 * Makes the tree for S and introduces it; C has all that is not in the start info. Returns 0 or an
 * error number of <errno.h>.
 */
int store_add(struct sim_machine *m, struct sim_domain *s, struct xenstore_domain_config *c);
/* DOMAIN has sent an event on its channel to XenStore. */
void store_ring_event(struct sim_machine *m, struct domain *domain);
/* Before S's domain is destroyed. */
void store_remove(struct sim_machine *m, struct sim_domain *s);
/* One has shut down or been destroyed. */
void store_domains_changed(struct sim_machine *m);
/* What was put off, with a seed; and store_tick. */
void store_look(struct sim_machine *m);
/* When to call store_tick at the latest. */
uint64_t store_deadline(struct sim_machine *m);
void store_tick(struct sim_machine *m);

/* ---- ramdisk.c ---- */

/* Opens the file: -1 with one line in MESSAGE if it cannot be one. */
int ramdisk_open(const char *path, size_t *size, char *message, size_t message_size);
/* For struct domain_config: CONTEXT points to the descriptor. */
int ramdisk_read(void *context, void *buffer, size_t len);

/* ---- fault.c ---- */

/* Catches the processor's faults: the guest's go to the guest, or end its domain. */
void fault_install(const struct sim_machine *m);

/*
 * After fault_install, in a host that is apart from its guests (addresses_apart): from now on
 * SYSCALL and INT 0x80 of a guest are what they are on Xen, and not system calls of Linux's.
 * Nothing happens under valgrind and before Linux 5.11.
 */
void fault_catch_system_calls(void);
/* The status for the shell after a fault that is ending D, 0 if there was none. */
int fault_take_status(const struct domain *d);

/* ---- addresses.c ---- */

/*
 * First of all in main: where Linux's layout of the process keeps addresses from guests that they
 * have otherwise, and that can be changed, the program begins anew.
 */
void addresses_start(char **argv);
/* Whether the process has nothing of its own where guests can be. */
bool addresses_apart(void);

/* ---- counter.c ---- */

/*
 * After fault_install, for a run that shall be repeatable: guests get no time stamp counter of the
 * processor's. Nothing happens under valgrind.
 */
void counter_hide(void);
/* F is a fault by RDTSC in code of the host's, which goes on behind it. */
bool counter_of_host(struct trap_frame *f);

/* ---- crash.c ---- */

const char *crash_vector_name(unsigned int vector);
/* Says on standard error what F, a fault, has done to the running guest, which it ends. */
void crash_report(const struct sim_machine *m, const struct trap_frame *f);

/* ---- descriptors.c ---- */

/* First of all: what is opened gets no number of standard input, output or error. */
void descriptors_start(void);

/* ---- command_line.c ---- */

/*
 * Ends the process, with status 2 and one line on standard error: getopt_long, of whose options the
 * first character is ':', has returned OPTION, which is a mistake or not one for PROGRAM.
 */
void command_line_mistake(const char *program, int option, char **argv) __attribute__((noreturn));

/* ---- preempt.c ---- */

/*
 * From now on a guest that computes does not keep the processor from others, nor from the host.
 * After fault_install. Not under valgrind.
 */
void preempt_start(void);

#endif
