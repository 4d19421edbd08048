/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Domains whose guests are C functions, for tests: a hypervisor with a fake host (virtual clock,
 * console in memory) and, in each domain, a function on a stack in guest memory.
 */
#ifndef TESTS_UNIT_GUEST_H
#define TESTS_UNIT_GUEST_H

#include <check.h>

#include "internal.h"

struct fake_host {
    uint64_t time;  /* virtual: moves only when everyone sleeps */
    char out[8192]; /* console_io output of all domains */
    size_t out_len;
    char err[8192];
    size_t err_len;
    const char *in; /* what CONSOLEIO_read gives */
    char log[8192];
    size_t log_len;
    unsigned int ended; /* how many domains have */
    unsigned int reason;
    int latched;
    void (*idle)(struct fake_host *); /* called before sleeping */
    void *idle_context;
    bool idle_did_something;
};

extern struct fake_host host;
extern struct hypervisor *hv;

/* Before each test: a machine of MEMORY MiB; after it. teardown checks that nothing is left. */
void machine_start(unsigned int mib);
/* ... whose frames are handed out in an order that SEED gives. */
void machine_start_seeded(unsigned int mib, uint64_t seed);
void machine_stop(void);

/* A domain of MIB MiB in which FUNCTION(ARGUMENT) will run. */
struct domain *guest_create(unsigned int mib, bool hardware_domain, void (*function)(void *),
                            void *argument);
/* The same with VCPUS of them, of which the first runs FUNCTION. */
struct domain *guest_create_vcpus(unsigned int mib, bool hardware_domain, unsigned int vcpus,
                                  void (*function)(void *), void *argument);
/* Runs all domains. Returns whether all of them shut down. */
bool guest_run(void);
/* One domain, run to its end: the usual test. */
void guest_test(void (*function)(void *));
void guest_test_hardware(void (*function)(void *));

/* ---- for guest functions ---- */

/* Guest memory, zeroed pages in the image: COUNT of them from number FIRST (0 to 199). */
void *guest_page(unsigned int first);
uint64_t guest_mfn(const void *va); /* by the guest's own tables */
long call(unsigned int op, unsigned long a1, unsigned long a2);
long call3(unsigned int op, unsigned long a1, unsigned long a2, unsigned long a3);
long evtchn(unsigned int op, void *argument);
long mmuext(unsigned int cmd, unsigned long arg1, unsigned long arg2);
long mmu_update(uint64_t ptr, uint64_t value);
/* A context in which vCPU ID runs FUNCTION(ARGUMENT), on pages 64 to 191, and goes down after. */
void guest_context(vcpu_guest_context_t *c, unsigned int id, void (*function)(void *),
                   void *argument);
/* Initialises vCPU ID so, and it goes up. */
void guest_start_vcpu(unsigned int id, void (*function)(void *), void *argument);
void guest_shutdown(unsigned int reason) __attribute__((noreturn));
/* An address that no guest has mapped. */
#define WILD ((void *)0x10)

/* What tests/model says must hold, holds. Done after each hypercall too. */
void check_model(void);
/* False: not after each. For a test that makes by hand what no guest can, then looks at it. */
extern bool model_watches;

#endif
