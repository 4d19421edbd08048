/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Fuzzing the hypercall table. An input is a program: a list of records, each of which one vCPU
 * of one of four domains carries out. A record names a hypercall and how to fill its arguments
 * (program.c), so that most calls mean something and some are wild. The machine is built once;
 * after an input it is put back as it was, byte by byte (undo.c), which costs microseconds. There
 * the process does not show what page tables say; now and then an input runs a second time, in a
 * child process with a machine of its own, which does.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "internal.h"

#define FUZZ_DOMAINS 4U
#define FUZZ_VCPUS   2U

/* How often the model (tests/model) is checked. */
enum fuzz_check {
    FUZZ_CHECK_SOME, /* at the end of one input of 256 */
    FUZZ_CHECK_ENDS, /* at the end of each input */
    FUZZ_CHECK_ALL,  /* after each record too */
};
extern enum fuzz_check fuzz_check;
/* How often an input also runs on a machine that is shown (milliseconds). */
enum fuzz_show {
    FUZZ_SHOW_SOME, /* one of 65536 */
    FUZZ_SHOW_ALL,
    FUZZ_SHOW_NONE,
};
extern enum fuzz_show fuzz_show;
/* After each input, look whether really everything was put back (milliseconds). */
extern bool fuzz_verify;
/* Of the last input: of its hypercalls and their results; of the results alone. */
extern uint64_t fuzz_sum, fuzz_results;
/* Of all inputs: how many, their records, and how many domains carried these out. */
struct fuzz_totals {
    uint64_t inputs, records, domains;
};
extern struct fuzz_totals fuzz_totals;
/* Print each hypercall and its result. */
extern bool fuzz_trace;

/* Runs one input, then puts the machine back. Aborts if the model does not hold. */
void fuzz_run(const uint8_t *bytes, size_t len);

/* ---- machine.c ---- */

extern struct hypervisor *hv;
extern uint64_t fuzz_time;
struct domain *fuzz_domain(unsigned int i); /* NULL: destroyed */
/* Pages from here on are mapped no more: those that inputs mean, and others. */
#define FUZZ_REST_FIRST  300U
#define FUZZ_SPARE_FIRST 600U
/* Pages from 0 on of each domain's image: arguments; from FUZZ_DATA_FIRST on: data. */
#define FUZZ_ARGUMENT_PAGES 4U
#define FUZZ_DATA_FIRST     8U
void fuzz_machine_build(void);
/* Page of each domain whose end is its stack where an upcall's frame is put. */
#define FUZZ_STACK_PAGE 40U
/* Whether this process shows what the domains' page tables say. */
extern bool fuzz_shown;
/* Lets V run its interpreter until it has carried out the record, or sleeps. */
void fuzz_enter(struct vcpu *v);

/* ---- undo.c ---- */

/* From here on memory of the shim's comes from the arena and changes are remembered. */
void undo_begin_setup(void);
/* Remembers the state to come back to. */
void undo_snapshot(void);
void undo_run(bool running);
/* In a child process: all goes on without this file. */
void undo_leave(void);
void undo_restore(void);
/* What is not as it was, or NULL. */
const char *undo_verify(void);

/* ---- program.c ---- */

struct input {
    const uint8_t *at, *end;
};
/* Carries out the next record. V is the vCPU that runs. */
void program_step(struct vcpu *v, struct input *in);
/* What the host does: time passes, interrupts come, domains end. */
void program_host_step(struct input *in);
uint8_t take8(struct input *in);

#endif
