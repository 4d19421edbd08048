/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The whole state of a vCPU as tools and guests see it: struct vcpu_guest_context of
 * <xen/arch-x86/xen.h>. What is refused, and with which error, as in Xen's
 * arch/x86/domain.c (arch_set_info_guest).
 */
#include "domctl.h"
#include "preempt.h"
#include "handlers.h"
#include "instrument.h"

#include <stdlib.h>

/* Bits that the real registers have, as Xen shows them (processor manual). */
#define CR0_SET 0x80050033UL /* PE MP ET NE WP AM PG */
#define CR4_SET 0x6a0UL      /* PAE PGE OSFXSR OSXMMEXCPT */

#define LDT_ENTRIES_MAX 8192U

/* Bits that every processor of this architecture knows; others would fault when loaded. */
#define MXCSR_VALID  0xffffU
#define MXCSR_OFFSET 24 /* in what fxsave stores */

struct vcpu_control *vcpu_control(struct vcpu *v)
{
    if (!v->control)
        v->control = calloc(1, sizeof(*v->control));
    return v->control;
}

void vcpu_control_free(struct vcpu *v)
{
    free(v->control);
    v->control = NULL;
}

/* ---- checks ---- */

static bool addresses_ok(const vcpu_guest_context_t *c)
{
    const uint64_t all[] = {
        c->user_regs.rip,
        c->user_regs.rsp,
        c->kernel_sp,
        c->ldt_ents ? c->ldt_base : 0,
        c->fs_base,
        c->gs_base_kernel,
        c->gs_base_user,
        c->event_callback_eip,
        c->syscall_callback_eip,
        c->failsafe_callback_eip,
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (!is_canonical(all[i]))
            return false;
    }
    for (size_t i = 0; i < sizeof(c->trap_ctxt) / sizeof(c->trap_ctxt[0]); i++) {
        if (!is_canonical(c->trap_ctxt[i].address))
            return false;
    }
    return true;
}

static bool ldt_ok(const vcpu_guest_context_t *c)
{
    if (!guest_address_ok(c->ldt_base))
        return false;
    return !(c->ldt_base & ~PAGE_MASK) && c->ldt_ents <= LDT_ENTRIES_MAX;
}

/* What cannot be changed any more in a vCPU that has had a context: tables of all kinds. */
static bool same_tables(const struct vcpu *v, const vcpu_guest_context_t *c)
{
    size_t frames = (c->gdt_ents + 511) / 512;

    if (c->ctrlreg[3] != xen_pfn_to_cr3(v->cr3) || c->ctrlreg[1] != xen_pfn_to_cr3(v->user_cr3))
        return false;
    if (!(c->flags & VGCF_in_kernel) && !v->user_cr3)
        return false;
    if (c->gdt_ents != v->gdt_entries)
        return false;
    if (memcmp(c->gdt_frames, v->gdt_frames, frames * sizeof(c->gdt_frames[0])))
        return false;
    if (c->ldt_ents != v->ldt_entries)
        return false;
    return !c->ldt_ents || c->ldt_base == v->ldt_base;
}

static int check(const struct vcpu *v, const vcpu_guest_context_t *c)
{
    if (!addresses_ok(c) || !ldt_ok(c))
        return -EINVAL;
    if (v->id == 0 && c->vm_assist & ~VM_ASSIST_VALID)
        return -EINVAL;
    if (c->gdt_ents > 512 * sizeof(c->gdt_frames) / sizeof(c->gdt_frames[0]))
        return -EINVAL;
    if (v->initialised)
        return same_tables(v, c) ? 0 : -EOPNOTSUPP;
    if (!(c->flags & VGCF_in_kernel) && !c->ctrlreg[1])
        return -EINVAL;
    return c->gdt_ents <= FIRST_RESERVED_GDT_ENTRY ? 0 : -EINVAL;
}

/* ---- setting ---- */

static int take_roots(struct vcpu *v, const vcpu_guest_context_t *c)
{
    struct domain *d = v->domain;
    uint64_t kernel = xen_cr3_to_pfn(c->ctrlreg[3]), user = xen_cr3_to_pfn(c->ctrlreg[1]);
    int error = page_get_both(d, kernel, PAGE_L4);

    if (error)
        return error;
    v->cr3 = kernel;
    if (user)
        error = page_get_both(d, user, PAGE_L4);
    if (error)
        vcpu_release_roots(v);
    else
        v->user_cr3 = user;
    return error;
}

static void set_traps(struct vcpu *v, const vcpu_guest_context_t *c)
{
    memcpy(v->traps, c->trap_ctxt, sizeof(v->traps));
    for (size_t i = 0; i < sizeof(v->traps) / sizeof(v->traps[0]); i++)
        v->traps[i].cs = ring_3(v->traps[i].cs);
    v->event_callback = c->event_callback_eip;
    v->failsafe_callback = c->failsafe_callback_eip;
    v->syscall_callback = c->syscall_callback_eip;
}

static void set_processor(struct vcpu *v, const vcpu_guest_context_t *c)
{
    struct vcpu_control *control = v->control;

    v->kernel_ss = ring_3(c->kernel_ss);
    v->kernel_sp = c->kernel_sp;
    v->fs_base = c->fs_base;
    v->gs_base_kernel = c->gs_base_kernel;
    v->gs_base_user = c->gs_base_user;
    v->iopl = (unsigned int)(c->user_regs.rflags & RFLAGS_IOPL) >> 12;
    memset(v->debugreg, 0, sizeof(v->debugreg));
    for (unsigned int i = 0; i < 8; i++) {
        const unsigned long set[] = {i, c->debugreg[i]};

        if (i != 4 && i != 5)
            set_debugreg_op(v, set); /* what is refused stays as it is after a reset */
    }
    v->user_mode = !(c->flags & VGCF_in_kernel);
    control->flags = c->flags;
    if (c->flags & VGCF_i387_valid)
        memcpy(control->fpu, c->fpu_ctxt.x, sizeof(control->fpu));
    memcpy(control->ctrlreg, c->ctrlreg, sizeof(control->ctrlreg));
    control->ctrlreg[0] = (c->ctrlreg[0] & CR0_TS) | CR0_SET;
    control->ctrlreg[4] = CR4_SET;
    control->registers = c->user_regs;
    control->registers.cs = ring_3(c->user_regs.cs);
    control->registers.ss = ring_3(c->user_regs.ss);
    control->registers.rflags = (c->user_regs.rflags & ~RFLAGS_IOPL) | RFLAGS_IF;
    control->has_context = true;
}

static struct vcpu_entry entry_of(const struct cpu_user_regs *r)
{
    return (struct vcpu_entry){
        .rip = r->rip,
        .rsp = r->rsp,
        .rdi = r->rdi,
        .rsi = r->rsi,
        .rdx = r->rdx,
        .rcx = r->rcx,
        .rax = r->rax,
        .rbx = r->rbx,
        .rbp = r->rbp,
        .r8 = r->r8,
        .r9 = r->r9,
        .r10 = r->r10,
        .r11 = r->r11,
        .r12 = r->r12,
        .r13 = r->r13,
        .r14 = r->r14,
        .r15 = r->r15,
        .fcw = VCPU_FCW,
        .mxcsr = VCPU_MXCSR,
    };
}

static void set_entry(struct vcpu *v)
{
    const struct cpu_user_regs *r = &v->control->registers;

    if (v->started)
        instrument_stack_gone(v);
    v->started = v->arrived = false;
    preempt_forget(v);
    v->entry = entry_of(r);
    if (v->control->flags & VGCF_I387_VALID)
        v->entry.fpu = v->fpu;
    v->entry.rflags = VCPU_RFLAGS(r->rflags);
    if (!v->hypercall_sp) {
        v->stack = (const void *)(uintptr_t)((r->rsp - 1) & PAGE_MASK);
        v->stack_size = PAGE_SIZE;
    }
}

static int set_tables(struct vcpu *v, const vcpu_guest_context_t *c)
{
    int error = take_roots(v, c);

    if (error)
        return error;
    error = descriptor_set_gdt(v, c->gdt_frames, (unsigned int)c->gdt_ents);
    if (error) {
        vcpu_release_roots(v);
        return error;
    }
    v->ldt_entries = (uint32_t)c->ldt_ents;
    v->ldt_base = c->ldt_ents ? c->ldt_base : 0;
    if (v->id == 0)
        v->domain->vm_assist = c->vm_assist;
    return 0;
}

static int set_fpu(struct vcpu *v, const vcpu_guest_context_t *c)
{
    uint32_t mxcsr;

    if (!(c->flags & VGCF_I387_VALID))
        return 0;
    if (!v->fpu)
        v->fpu = aligned_alloc(16, sizeof(c->fpu_ctxt));
    if (!v->fpu)
        return -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    memcpy(v->fpu, &c->fpu_ctxt, sizeof(c->fpu_ctxt));
    memcpy(&mxcsr, (char *)v->fpu + MXCSR_OFFSET, sizeof(mxcsr));
    mxcsr &= MXCSR_VALID;
    memcpy((char *)v->fpu + MXCSR_OFFSET, &mxcsr, sizeof(mxcsr));
    return 0;
}

static void set_down(struct vcpu *v, bool is_down)
{
    if (v->is_down == is_down)
        return;
    v->is_down = is_down;
    tell(v->domain, is_down ? HYPERVISOR_EVENT_VCPU_DOWN : HYPERVISOR_EVENT_VCPU_UP, v->id, 0);
}

int domctl_set_context(struct vcpu *v, const vcpu_guest_context_t *c)
{
    int error = check(v, c);

    if (!error && !vcpu_control(v))
        error = -ENOMEM; /* LCOV_EXCL_LINE: no memory */
    if (!error)
        error = set_fpu(v, c);
    if (!error && !v->initialised)
        error = set_tables(v, c);
    if (error)
        return error;
    set_traps(v, c);
    set_processor(v, c);
    set_entry(v);
    v->initialised = true;
    if (v->id == 0)
        time_set_wall_clock(v->domain);
    /* Up, it is not woken by this: after VCPUOP_initialise Xen's VCPUOP_up finds nothing to do. */
    set_down(v, !(c->flags & VGCF_online));
    v->state = VCPU_RUNNABLE;
    return 0;
}

void domctl_reset_vcpu(struct vcpu *v)
{
    if (v->started)
        instrument_stack_gone(v);
    v->started = v->arrived = v->initialised = v->user_mode = false;
    preempt_forget(v);
    v->state = VCPU_RUNNABLE;
    set_down(v, true);
    sched_sleep(v);
    vcpu_release_roots(v);
    v->domain->hv->translation_generation++;
    descriptor_release_gdt(v);
    v->ldt_entries = 0;
    vcpu_control_free(v);
}

/* ---- getting ---- */

/* What vcpu_switch.S pushed when V gave up the processor. */
struct switch_frame {
    uint64_t control_words, r15, r14, r13, r12, rbx, rbp, rip;
};

static void registers_of(struct cpu_user_regs *r, const struct trap_frame *f)
{
    r->r15 = f->r15;
    r->r14 = f->r14;
    r->r13 = f->r13;
    r->r12 = f->r12;
    r->r11 = f->r11;
    r->r10 = f->r10;
    r->r9 = f->r9;
    r->r8 = f->r8;
    r->rdi = f->rdi;
    r->rsi = f->rsi;
    r->rbp = f->rbp;
    r->rbx = f->rbx;
    r->rdx = f->rdx;
    r->rcx = f->rcx;
    r->rax = f->rax;
    r->rip = f->rip;
    r->rsp = f->rsp;
    r->rflags = (f->rflags & UINT32_MAX) | RFLAGS_IF;
}

static void get_registers(struct vcpu *v, struct cpu_user_regs *r)
{
    struct switch_frame f;

    if (v->control && v->control->has_context) {
        *r = v->control->registers;
    } else {
        r->rip = v->entry.rip;
        r->rsp = v->entry.rsp;
        r->rdi = v->entry.rdi;
        r->rsi = v->entry.rsi;
        r->rdx = v->entry.rdx;
        r->rcx = v->entry.rcx;
        r->rbx = v->entry.rbx;
        r->rbp = v->entry.rbp;
        r->r12 = v->entry.r12;
        r->r13 = v->entry.r13;
        r->r14 = v->entry.r14;
        r->r15 = v->entry.r15;
        r->cs = FLAT_RING3_CS64;
        r->ss = FLAT_RING3_SS64;
        r->rflags = RFLAGS_IF;
    }
    /*
     * One that was interrupted in its own code is there; one that has crashed, where the fault was;
     * another that has run, where a hypercall returns.
     */
    if (v->started && v->is_preempted) {
        registers_of(r, &v->frame);
    } else if (v->started && hypercall_frame(v)) {
        registers_of(r, hypercall_frame(v));
    } else if (v->started && !v->sp) {
        r->rip = v->entry.rip;
        r->rsp = v->entry.rsp;
    } else if (v->started && !copy_from_guest(v, &f, (uintptr_t)v->sp, sizeof(f))) {
        r->r15 = f.r15;
        r->r14 = f.r14;
        r->r13 = f.r13;
        r->r12 = f.r12;
        r->rbx = f.rbx;
        r->rbp = f.rbp;
        r->rip = f.rip;
        r->rsp = (uint64_t)(uintptr_t)v->sp + sizeof(f);
    }
    r->rflags |= (uint64_t)v->iopl << 12;
}

void domctl_keep_registers(struct vcpu *v)
{
    struct cpu_user_regs r = {0};

    if (!v->started)
        return;
    get_registers(v, &r);
    r.rflags &= ~RFLAGS_IOPL;
    if (v->control && v->control->has_context)
        v->control->registers = r;
    v->entry = entry_of(&r);
    instrument_stack_gone(v);
    v->started = v->arrived = false;
    preempt_forget(v);
}

static uint64_t get_flags(const struct vcpu *v)
{
    uint64_t flags = 0;

    if (v->control && v->control->has_context)
        flags = v->control->flags & ~(uint64_t)(VGCF_online | VGCF_in_kernel);
    if (!v->user_mode)
        flags |= VGCF_in_kernel;
    return v->is_down ? flags : flags | VGCF_online;
}

void domctl_get_context(struct vcpu *v, vcpu_guest_context_t *c)
{
    memset(c, 0, sizeof(*c));
    c->ctrlreg[0] = CR0_SET;
    c->ctrlreg[4] = CR4_SET;
    if (v->control && v->control->has_context) {
        memcpy(c->fpu_ctxt.x, v->control->fpu, sizeof(v->control->fpu));
        memcpy(c->ctrlreg, v->control->ctrlreg, sizeof(c->ctrlreg));
    }
    c->flags = get_flags(v);
    get_registers(v, &c->user_regs);
    memcpy(c->trap_ctxt, v->traps, sizeof(c->trap_ctxt));
    memcpy(c->debugreg, v->debugreg, sizeof(c->debugreg));
    c->ldt_ents = v->ldt_entries;
    c->ldt_base = v->ldt_entries ? v->ldt_base : 0;
    c->gdt_ents = v->gdt_entries;
    memcpy(c->gdt_frames, v->gdt_frames, (c->gdt_ents + 511) / 512 * sizeof(c->gdt_frames[0]));
    c->kernel_ss = v->kernel_ss;
    c->kernel_sp = v->kernel_sp;
    c->ctrlreg[1] = xen_pfn_to_cr3(v->user_cr3);
    c->ctrlreg[3] = xen_pfn_to_cr3(v->cr3);
    c->event_callback_eip = v->event_callback;
    c->failsafe_callback_eip = v->failsafe_callback;
    c->syscall_callback_eip = v->syscall_callback;
    c->fs_base = v->fs_base;
    c->gs_base_kernel = v->gs_base_kernel;
    c->gs_base_user = v->gs_base_user;
    c->vm_assist = v->domain->vm_assist;
}
