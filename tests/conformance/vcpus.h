/* SPDX-License-Identifier: BSD-3-Clause
 *
 * More vCPUs for guests: where they start, and how vCPU 0 waits for them. Code that runs on
 * another vCPU than 0 makes hypercalls and changes variables; only vCPU 0 prints.
 */
#ifndef TESTS_CONFORMANCE_VCPUS_H
#define TESTS_CONFORMANCE_VCPUS_H

#include "tap.h"

#include <xen/event_channel.h>
#include <xen/sched.h>
#include <xen/vcpu.h>

#include "core/clock.h"
#include "core/domain.h"
#include "core/memory.h"
#include "core/shared_info.h"

#define MS        1000000UL
#define CANONICAL 0x800000000000UL /* the first address that is not */

/* Each has a stack of its own. */
#define VCPUS 4
static char vcpu_stacks[VCPUS][16384] __attribute__((aligned(16)));

static inline unsigned long mfn_of(const void *va)
{
    const unsigned long *p2m = (const unsigned long *)domain_start_info()->mfn_list;

    return p2m[((uintptr_t)va - memory_virt_base()) >> 12];
}

static inline unsigned long root_mfn(void) { return mfn_of((void *)domain_start_info()->pt_base); }

/* A context in which vCPU ID runs FUNCTION, which never returns. */
static inline void context_of(vcpu_guest_context_t *c, unsigned int id, void (*function)(void))
{
    char *stack = vcpu_stacks[id] + sizeof vcpu_stacks[id];

    memset(c, 0, sizeof *c);
    c->flags = VGCF_in_kernel;
    c->user_regs.rip = (uintptr_t)function;
    c->user_regs.rsp = (uintptr_t)stack - 8;
    c->user_regs.rflags = 0x200;
    c->user_regs.cs = FLAT_KERNEL_CS;
    c->user_regs.ss = FLAT_KERNEL_SS;
    c->kernel_ss = FLAT_KERNEL_SS;
    c->kernel_sp = (uintptr_t)stack;
    c->ctrlreg[3] = xen_pfn_to_cr3(root_mfn());
}

static inline long vcpu_op(unsigned int cmd, unsigned int vcpu, void *arg)
{
    return hypercall_vcpu_op(cmd, vcpu, arg);
}

static inline int port_is_pending(evtchn_port_t port)
{
    return __atomic_load_n(&shared_info()->evtchn_pending[port / 64], __ATOMIC_SEQ_CST) >>
               (port % 64) &
           1;
}

static inline void port_clear(evtchn_port_t port)
{
    __atomic_and_fetch(&shared_info()->evtchn_pending[port / 64], ~(1UL << (port % 64)),
                       __ATOMIC_SEQ_CST);
}

static inline long port_send(evtchn_port_t port)
{
    evtchn_send_t send = {.port = port};

    return hypercall_event_channel_op(EVTCHNOP_send, &send);
}

static inline evtchn_port_t port_ipi(unsigned int vcpu)
{
    evtchn_bind_ipi_t ipi = {.vcpu = vcpu};

    return hypercall_event_channel_op(EVTCHNOP_bind_ipi, &ipi) ? 0 : ipi.port;
}

static inline long poll_ports(evtchn_port_t *ports, unsigned int count, uint64_t timeout)
{
    sched_poll_t poll = {.nr_ports = count, .timeout = timeout};

    set_xen_guest_handle(poll.ports, ports);
    return hypercall_sched_op(SCHEDOP_poll, &poll);
}

/* The clock as a vcpu_time_info tells it, for every vCPU; clock_monotonic is vCPU 0's. */
static inline uint64_t time_of(volatile vcpu_time_info_t *t)
{
    uint32_t version, low, high;
    uint64_t delta, now;

    do {
        version = t->version;
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        __asm__ volatile("lfence; rdtsc" : "=a"(low), "=d"(high)::"memory");
        delta = ((uint64_t)high << 32 | low) - t->tsc_timestamp;
        delta = t->tsc_shift < 0 ? delta >> -t->tsc_shift : delta << t->tsc_shift;
        now = t->system_time + (uint64_t)((unsigned __int128)delta * t->tsc_to_system_mul >> 32);
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
    } while ((version & 1) || version != t->version);
    return now;
}

static inline uint64_t vcpu_time(unsigned int vcpu)
{
    return time_of(&shared_info()->vcpu_info[vcpu].time);
}

static inline uint64_t blocked_time(void)
{
    vcpu_runstate_info_t r = {0};

    hypercall(__HYPERVISOR_vcpu_op, VCPUOP_get_runstate_info, 0, HYPERCALL_ARG(&r), 0, 0);
    return r.time[RUNSTATE_blocked];
}

/*
 * vCPU 0 lets the others run for TIME. On a busy machine much of it, or all, may be over before Xen
 * looks, which then does not switch at all: until it has slept for half of it.
 */
static inline void let_run(uint64_t time)
{
    uint64_t before = blocked_time();

    for (int i = 0; i < 1000 && blocked_time() - before <= time / 2; i++)
        poll_ports(NULL, 0, clock_monotonic() + time);
}

/* Until CONDITION holds, 20 s at most; the others run meanwhile. */
#define wait_for(condition)                                                                        \
    do {                                                                                           \
        uint64_t limit_ = clock_monotonic() + 20000 * MS;                                          \
        while (!(condition) && clock_monotonic() < limit_)                                         \
            let_run(MS);                                                                           \
    } while (0)

/* On another vCPU: sleeps on its own until somebody sends on PORT. */
static inline void sleep_on(evtchn_port_t port)
{
    while (!port_is_pending(port))
        poll_ports(&port, 1, 0);
    port_clear(port);
}

/* PAGE of the image becomes writable, or read only. */
static inline void set_writable(void *page, int writable)
{
    uint64_t flags = 5 | (writable ? 2 : 0) | 1UL << 63; /* present, user, no execute */

    hypercall_update_va_mapping(page, mfn_of(page) << 12 | flags, UVMF_INVLPG);
}

static inline void mask_all(void)
{
    memset(shared_info()->evtchn_mask, 0xff, sizeof shared_info()->evtchn_mask);
}

#endif
