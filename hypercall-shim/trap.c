/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Exceptions of the guest (a fault of the processor, which the sim catches as a signal) and
 * callbacks: set_trap_table, set_callbacks, callback_op, iret.
 */
#include "internal.h"
#include "handlers.h"
#include "instrument.h"

#include <xen/callback.h>

#include <stdlib.h>

#define PAGE_FAULT 14U

/* The ring 3 segments that Xen gives a 64-bit guest (public/arch-x86/xen-x86_64.h). */
#define GUEST_CS  FLAT_RING3_CS64
#define GUEST_SS  FLAT_RING3_SS64
#define RFLAGS_IF 0x200UL
#define RFLAGS_DF 0x400UL
#define RFLAGS_TF 0x100UL

/* vcpu_switch.S */
extern const char vcpu_switch_resume[];
struct iret_state {
    uint64_t rax, r11, rcx, rflags, rip, rsp;
};
void trap_resume(const struct iret_state *to) __attribute__((noreturn));

void trap_vcpu_init(struct vcpu *v) { v->kernel_ss = GUEST_SS; }

long set_trap_table_op(struct vcpu *v, const unsigned long *a)
{
    trap_info_t entry;
    uint64_t list = a[0];

    /* No table: all handlers go. */
    if (!list) {
        memset(v->traps, 0, sizeof(v->traps));
        return 0;
    }
    for (;;) {
        if (copy_from_guest(v, &entry, list, sizeof(entry)))
            return -EFAULT;
        if (!entry.address)
            return 0;
        v->traps[entry.vector] = entry;
        list += sizeof(entry);
    }
}

long set_callbacks_op(struct vcpu *v, const unsigned long *a)
{
    v->event_callback = a[0];
    v->failsafe_callback = a[1];
    v->syscall_callback = a[2];
    return 0;
}

static uint64_t *callback(struct vcpu *v, unsigned int type)
{
    switch (type) {
    case CALLBACKTYPE_event:
        return &v->event_callback;
    case CALLBACKTYPE_failsafe:
        return &v->failsafe_callback;
    case CALLBACKTYPE_syscall:
        return &v->syscall_callback;
    case CALLBACKTYPE_nmi:
        return &v->nmi_callback;
    default:
        return NULL;
    }
}

long callback_register(struct vcpu *v, const unsigned long *a)
{
    struct callback_register op;
    uint64_t *place;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    /* Addresses are the guest's, and canonical (Xen's is_canonical_address). */
    if ((uint64_t)((int64_t)(op.address << 16) >> 16) != op.address)
        return -EINVAL;
    place = callback(v, op.type);
    if (!place)
        return -ENOSYS; /* sysenter and syscall32 are for compatibility mode */
    *place = op.address;
    return 0;
}

long callback_unregister(struct vcpu *v, const unsigned long *a)
{
    struct callback_unregister op;

    if (copy_from_guest(v, &op, a[1], sizeof(op)))
        return -EFAULT;
    switch (op.type) {
    case CALLBACKTYPE_event:
    case CALLBACKTYPE_failsafe:
    case CALLBACKTYPE_syscall:
        return -EINVAL; /* a guest cannot be without them */
    case CALLBACKTYPE_nmi:
        v->nmi_callback = 0;
        return 0;
    default:
        return -ENOSYS;
    }
}

/* ---- exceptions ---- */

static bool has_error_code(unsigned int vector)
{
    return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
}

/* Whether [VA, VA + LEN) can be written by the running guest. */
static bool writable(struct vcpu *v, uint64_t va, size_t len)
{
    for (uint64_t page = va & PAGE_MASK; page < va + len; page += PAGE_SIZE) {
        if (!guest_pointer(v, page, true))
            return false;
    }
    return true;
}

bool trap_bounce(struct trap_frame *f)
{
    struct vcpu *v = current;
    const trap_info_t *t;
    uint64_t frame[8];
    size_t words = 0, len;
    uint64_t sp;

    if (!v || f->vector > 255)
        return false;
    if (page_table_write_trap(v, f))
        return true;
    t = &v->traps[f->vector];
    /* A fault in the handler itself would go round for ever. */
    if (!t->address || v->in_trap)
        return false;

    /* What Xen pushes for a guest that was in kernel mode (pv/traps, create_bounce_frame). */
    frame[words++] = f->rcx;
    frame[words++] = f->r11;
    if (has_error_code(f->vector))
        frame[words++] = f->error_code;
    frame[words++] = f->rip;
    /* Bits 32.. of the cs slot: the upcall mask before the trap. */
    frame[words++] = GUEST_CS | (uint64_t)v->info->evtchn_upcall_mask << 32;
    /* The guest's interrupt flag is its upcall mask; the real one is always set. */
    frame[words++] = (f->rflags & ~RFLAGS_IF) | (v->info->evtchn_upcall_mask ? 0 : RFLAGS_IF);
    frame[words++] = f->rsp;
    frame[words++] = GUEST_SS;
    len = words * sizeof(frame[0]);
    sp = (f->rsp & ~15UL) - len;
    if (!writable(v, sp, len))
        return false;
    memcpy((void *)(uintptr_t)sp, frame, len);

    if (f->vector == PAGE_FAULT)
        v->info->arch.cr2 = f->cr2;
    if (t->flags & 4) /* TI_GET_IF: mask events while it runs */
        v->info->evtchn_upcall_mask = 1;
    v->in_trap = true;
    v->domain->last_trap_rip = f->rip;
    f->rip = t->address;
    f->rsp = sp;
    f->rflags &= ~(RFLAGS_DF | RFLAGS_TF);
    return true;
}

long iret_op(struct vcpu *v, const unsigned long *a)
{
    /*
     * The frame is at the guest's stack pointer at its hypercall instruction; here the stub in
     * arch/hosted passes that address as the first argument. <xen/arch-x86/xen-x86_64.h>.
     */
    struct iret_context frame;
    struct iret_state to;

    if (copy_from_guest(v, &frame, a[0], sizeof(frame))) {
        hypervisor_log(v->domain->hv, HYPERVISOR_LOG_ERROR,
                       "d%uv%u: iret with a bad stack pointer %#lx", v->domain->id, v->id, a[0]);
        domain_shutdown(v->domain, SHUTDOWN_crash);
        v->state = VCPU_DOWN;
        for (;;)
            vcpu_leave(v);
    }
    to = (struct iret_state){.rax = frame.rax,
                             .r11 = frame.r11,
                             .rcx = frame.rcx,
                             .rflags = (frame.rflags & 0xcd5) | 0x202,
                             .rip = frame.rip,
                             .rsp = frame.rsp};
    v->in_trap = false;
    v->info->evtchn_upcall_mask = !(frame.rflags & RFLAGS_IF);
    mirror_flush(v->domain->hv);
    trap_resume(&to);
}

bool trap_in_guest(uint64_t va)
{
    struct domain *d = current ? current->domain : NULL;

    return d && ((va >= d->virt_base && va < d->virt_end) ||
                 (va >= d->window && va < d->window + d->window_size));
}

const char *trap_describe_page(uint64_t va)
{
    struct domain *d = current->domain;
    uint64_t table, entry;
    unsigned int slot;
    uint8_t type;

    if (va < PAGE_SIZE)
        return "the null page";
    if (!trap_in_guest(va))
        return "outside the guest's address space";
    if (!page_table_find_leaf(d->hv, current->cr3, va, &table, &slot))
        return "not mapped";
    entry = ((const uint64_t *)page_map_read(d->hv, table))[slot];
    if (!(entry & PTE_PRESENT))
        return "not mapped";
    type = page_info(d->hv, PTE_FRAME(entry))->type;
    if (page_info(d->hv, PTE_FRAME(entry))->type_count && type >= PAGE_L1 && type <= PAGE_L4)
        return "a page table, mapped read-only";
    if (!(entry & PTE_RW))
        return "mapped read-only";
    return entry & PTE_NX ? "mapped, not executable" : "mapped";
}

uint64_t trap_last_rip(const struct domain *d) { return d->last_trap_rip; }

void trap_crash(uint64_t *rip, uint64_t *rsp)
{
    struct vcpu *v = current;

    domain_shutdown(v->domain, SHUTDOWN_crash);
    v->state = VCPU_DOWN;
    instrument_before_leave(v);
    *rip = (uint64_t)(uintptr_t)vcpu_switch_resume;
    *rsp = (uint64_t)(uintptr_t)v->domain->hv->host_sp;
}
