/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The way back to a guest, where Xen delivers what is pending: upcalls and NMIs, after a hypercall
 * and after iret. Guests with upcalls masked and no use for NMIs never come here.
 *
 * The handler of a hypercall that is a C call runs on the guest's stack, on which a frame may have
 * to be pushed, and which may not even be mapped on the other side of an iret. So this runs on the
 * scheduler's stack, which is idle while a vCPU has the processor.
 */
#include "domctl.h"
#include "trap.h"
#include "handlers.h"
#include "instrument.h"

#include <xen/callback.h>

/* The ring 3 code segments that Xen has for guests, as the process can give them (64 bits). */
#define SELECTOR_INDEX(selector) ((selector) & ~3UL)

static bool deliver_nmi(struct vcpu *v, struct trap_frame *f)
{
    const trap_info_t *t = &v->traps[VECTOR_NMI];
    const struct bounce b = {.rip = t->address, .mask = TI_GET_IF(t)};

    v->nmi_pending = false;
    if (!t->address)
        return true; /* nobody wants it: it is lost */
    v->nmi_masked = true;
    return trap_push(v, f, &b);
}

bool upcall_deliver(struct vcpu *v, struct trap_frame *f)
{
    for (;;) {
        const struct bounce b = {.rip = v->event_callback, .mask = true};

        if (v->nmi_pending && !v->nmi_masked) {
            if (!deliver_nmi(v, f))
                return false;
            continue;
        }
        if (!v->info->evtchn_upcall_pending || v->info->evtchn_upcall_mask)
            return true;
        tell(v->domain, HYPERVISOR_EVENT_UPCALL, v->id, 0);
        if (!trap_push(v, f, &b)) {
            hypervisor_log(v->domain->hv, HYPERVISOR_LOG_ERROR,
                           "d%uv%u: its event callback (%#lx) cannot be called: rip %#lx rsp %#lx",
                           v->domain->id, v->id, v->event_callback, f->rip, f->rsp);
            return false;
        }
    }
}

/* ---- where a vCPU begins ---- */

/* What a handler is told of the registers; the others stay as the entry has them. */
static bool interrupt_entry(struct vcpu *v)
{
    struct vcpu_entry *e = &v->entry;
    const struct cpu_user_regs *r = &v->control->registers;
    struct trap_frame f = {
        .rip = e->rip,
        .rsp = e->rsp,
        .rcx = e->rcx,
        .r11 = e->r11,
        .rflags = e->rflags,
        .cs = r->cs,
        .ss = r->ss,
    };

    if (!upcall_deliver(v, &f))
        return false;
    e->rip = f.rip;
    e->rsp = f.rsp;
    e->rcx = f.rcx;
    e->r11 = f.r11;
    e->rflags = f.rflags;
    return true;
}

bool upcall_begin(struct vcpu *v)
{
    if (v->user_mode) {
        mirror_switch(v->domain, v->user_cr3);
        hypercall_choose_way(v->domain->hv, true);
    }
    /* One that its domain was made with has upcalls masked, and no such context. */
    return !upcall_pending(v) || !v->control || interrupt_entry(v);
}

/* ---- on the scheduler's stack ---- */

static void __attribute__((noreturn)) crash(struct vcpu *v)
{
    domain_shutdown(v->domain, SHUTDOWN_crash);
    v->state = VCPU_DOWN;
    instrument_before_leave(v);
    trap_abandon(v->domain->hv->host_sp);
}

static void __attribute__((noreturn)) go_on(struct vcpu *v)
{
    mirror_flush(v->domain->hv);
    v->arrived = false;
    instrument_before_enter(v);
    if (v->has_vectors)
        trap_continue_with(&v->frame, v->vectors);
    trap_continue(&v->frame);
}

static void deliver_and_go_on(struct vcpu *v)
{
    instrument_arrived_in_host(v);
    if (!upcall_deliver(v, &v->frame))
        crash(v);
    go_on(v);
}

static void __attribute__((noreturn)) leave(struct vcpu *v, void (*function)(struct vcpu *v))
{
    instrument_before_leave(v);
    trap_on_stack(v->domain->hv->host_sp, function, v);
}

static void crash_now(struct vcpu *v)
{
    instrument_arrived_in_host(v);
    crash(v);
}

/* ---- after a hypercall ---- */

#define capture(v)                                                                                 \
    ((v)->has_vectors = false, (v)->frame.cs = FLAT_KERNEL_CS, (v)->frame.ss = FLAT_KERNEL_SS,     \
     trap_capture(&(v)->frame))

static void keep(struct vcpu *v, const struct trap_frame *f, const void *vectors)
{
    v->frame = *f;
    v->frame.cs = FLAT_KERNEL_CS;
    v->frame.ss = FLAT_KERNEL_SS;
    v->has_vectors = true;
    memcpy(v->vectors, vectors, sizeof(v->vectors));
}

long upcall_after_hypercall(struct vcpu *v, long result)
{
    volatile bool back = false;
    long rax = capture(v);

    if (back) {
        instrument_hypercall(v);
        return rax;
    }
    back = true;
    v->frame.rax = (uint64_t)result;
    leave(v, deliver_and_go_on);
}

void upcall_by_page(struct vcpu *v, const struct trap_frame *f, const void *vectors, long result)
{
    keep(v, f, vectors);
    v->frame.rax = (uint64_t)result;
    leave(v, deliver_and_go_on);
}

/* ---- iret ---- */

/*
 * Whether iretq could load it. A guest's own descriptors are not there in a process: its segments
 * are the flat ones that Xen has for it.
 */
static bool selectors_valid(const struct iret_context *c, uint64_t *bad)
{
    *bad = SELECTOR_INDEX(c->cs);
    if (SELECTOR_INDEX(c->cs & 0xffff) != SELECTOR_INDEX(FLAT_KERNEL_CS))
        return false;
    *bad = SELECTOR_INDEX(c->ss);
    return SELECTOR_INDEX(c->ss & 0xffff) == SELECTOR_INDEX(FLAT_KERNEL_SS);
}

static void resume_iret(struct vcpu *v)
{
    instrument_arrived_in_host(v);
    if (v->user_mode) {
        mirror_switch(v->domain, v->user_cr3);
        processor_load(v);
    }
    /* Where the processor faults in iret, Xen makes it the target's fault. */
    if (v->frame.vector && !trap_raise(v, &v->frame, v->frame.vector, v->frame.error_code))
        crash(v);
    if (!upcall_deliver(v, &v->frame))
        crash(v);
    go_on(v);
}

static void __attribute__((noreturn))
iret(struct vcpu *v, uint64_t address, const struct trap_frame *registers, const void *vectors)
{
    struct iret_context c;
    struct trap_frame *f = &v->frame;
    uint64_t bad;

    v->in_multicall = false;
    if (copy_from_guest(v, &c, address, sizeof(c))) {
        hypervisor_log(v->domain->hv, HYPERVISOR_LOG_ERROR,
                       "d%uv%u: iret with a bad stack pointer %#lx", v->domain->id, v->id, address);
        leave(v, crash_now);
    }
    /* The ring of cs says to whose mode: the kernel's frames have 0 there (trap_push). */
    if ((c.cs & 3) == 3 && !v->user_cr3) {
        hypervisor_log(v->domain->hv, HYPERVISOR_LOG_ERROR,
                       "d%uv%u: iret to user mode without page tables for it", v->domain->id,
                       v->id);
        leave(v, crash_now);
    }
    memcpy(f, registers, offsetof(struct trap_frame, rip));
    v->has_vectors = vectors != NULL;
    if (vectors)
        memcpy(v->vectors, vectors, sizeof(v->vectors));
    f->vector = 0;
    v->user_mode = (c.cs & 3) == 3;
    hypercall_choose_way(v->domain->hv, v->user_mode);
    if (v->domain->vm_assist & 1UL << VMASST_TYPE_architectural_iopl)
        v->iopl = c.rflags >> 12 & 3;
    f->rax = c.rax;
    f->rip = c.rip;
    f->rsp = c.rsp;
    f->cs = c.cs | 3;
    f->ss = c.ss | 3;
    f->rflags = (c.rflags & UINT32_MAX & ~(RFLAGS_IOPL | RFLAGS_VM)) | RFLAGS_IF;
    if (c.flags & VGCF_in_syscall) { /* by SYSRET, which does not look at selectors */
        f->rcx = f->rip;
        f->r11 = f->rflags;
    } else {
        f->rcx = c.rcx;
        f->r11 = c.r11;
        if (!is_canonical(c.rip)) {
            f->vector = VECTOR_GENERAL_PROTECTION;
            f->error_code = 0;
        } else if (!selectors_valid(&c, &bad)) {
            f->vector = VECTOR_GENERAL_PROTECTION;
            f->error_code = (uint32_t)bad & 0xffff;
        }
    }
    v->info->evtchn_upcall_mask = !(c.rflags & RFLAGS_IF);
    v->nmi_masked = false;
    leave(v, resume_iret);
}

/*
 * HYPERVISOR_iret finds its frame (struct iret_context, <xen/arch-x86/xen-x86_64.h>) at the guest's
 * stack pointer. A call of hypercall() has no stack pointer to give, so here its address is the
 * first argument; what is below the stack pointer is lost, as on Xen. Called by
 * hypercall_entry.S.
 */
void hypercall_iret(const struct trap_frame *registers, uint64_t context, const void *vectors)
    __attribute__((noreturn));

void hypercall_iret(const struct trap_frame *registers, uint64_t context, const void *vectors)
{
    struct vcpu *v = current;

    instrument_hypercall(v);
    iret(v, context, registers, vectors);
}

/*
 * In a multicall, which it ends. By a hypercall page the stack pointer is known, and the registers
 * are those of the multicall; of a C call they are nobody's.
 */
long iret_op(struct vcpu *v, const unsigned long *a)
{
    const struct trap_frame none = {0};

    if (hypercall_stack_has(v, (uintptr_t)__builtin_frame_address(0))) {
        const struct trap_frame *f = hypercall_page_frame(v);

        iret(v, f->rsp, f, (const char *)f - VECTORS_SIZE); /* hypercall_entry.S */
    }
    iret(v, a[0], &none, NULL);
}

/* ---- user mode ---- */

static void enter_syscall(struct vcpu *v)
{
    struct trap_frame *f = &v->frame;
    const struct bounce b = {
        .rip = v->syscall_callback,
        .mask = v->callback_flags & CALLBACK_MASKS(CALLBACKTYPE_syscall),
    };
    bool fine;

    instrument_arrived_in_host(v);
    /* Without a callback there is no such instruction (Xen's switch_to_kernel). */
    fine = b.rip ? trap_push(v, f, &b) : trap_raise(v, f, VECTOR_INVALID_OPCODE, 0);
    if (fine && b.rip)
        f->rflags &= ~RFLAGS_DF;
    if (!fine || !upcall_deliver(v, f))
        crash(v);
    go_on(v);
}

long upcall_syscall(struct vcpu *v, unsigned int op, const unsigned long *a)
{
    volatile bool back = false;
    struct trap_frame *f = &v->frame;
    long rax = capture(v);

    if (back) {
        instrument_hypercall(v);
        return rax;
    }
    back = true;
    f->rax = op;
    f->rdi = a[0];
    f->rsi = a[1];
    f->rdx = a[2];
    f->r10 = a[3];
    f->r8 = a[4];
    f->rcx = f->rip;
    f->r11 = f->rflags;
    leave(v, enter_syscall);
}

void upcall_syscall_by_page(struct vcpu *v, const struct trap_frame *f, const void *vectors)
{
    keep(v, f, vectors);
    v->frame.rcx = f->rip;
    v->frame.r11 = f->rflags;
    leave(v, enter_syscall);
}
