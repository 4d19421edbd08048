/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Exceptions of the guest: the trap table, what becomes of a fault of the processor (which the sim
 * catches as a signal), and the frame that the guest's handler finds.
 */
#include "trap.h"
#include "handlers.h"
#include "instrument.h"

/* vcpu_switch.S */
extern const char vcpu_switch_resume[];

void trap_vcpu_init(struct vcpu *v)
{
    v->kernel_ss = FLAT_KERNEL_SS;
    v->cr4 = processor_cr4(v->domain->hv, 0);
    v->debugreg[6] = 0xffff0ff0; /* the processor's, after a reset */
    v->debugreg[7] = 0x400;
}

void trap_vcpu_destroy(struct vcpu *v) { descriptor_release_gdt(v); }

long set_trap_table_op(struct vcpu *v, const unsigned long *a)
{
    trap_info_t entry;
    uint64_t list = a[0];

    /* No table: all handlers go. */
    if (!list) {
        memset(v->traps, 0, sizeof(v->traps));
        return 0;
    }
    /* Those before one that is refused stay. */
    for (;;) {
        if (copy_from_guest(v, &entry, list, sizeof(entry)))
            return -EFAULT;
        if (!entry.address)
            return 0;
        if (!is_canonical(entry.address))
            return -EINVAL;
        entry.cs = ring_3(entry.cs);
        v->traps[entry.vector] = entry;
        list += sizeof(entry);
    }
}

/* ---- the frame ---- */

static bool has_error_code(unsigned int vector)
{
    return vector == 8 || (vector >= 10 && vector <= 14) || vector == 17;
}

/* A guest's kernel has its own page tables and its own stack. */
static uint64_t enter_kernel(struct vcpu *v, const struct trap_frame *f)
{
    if (!v->user_mode)
        return f->rsp;
    v->user_mode = false;
    hypercall_choose_way(v->domain->hv, false);
    mirror_switch(v->domain, v->cr3);
    processor_load(v);
    return v->kernel_sp;
}

bool trap_push(struct vcpu *v, struct trap_frame *f, const struct bounce *b)
{
    uint64_t words[8], sp, mask = v->info->evtchn_upcall_mask;
    /* The ring in cs tells the handler whether it was the kernel that was interrupted. */
    uint64_t cs = v->user_mode ? f->cs : f->cs & ~3UL;
    unsigned int count = 0;

    sp = enter_kernel(v, f) & ~15UL;
    words[count++] = f->rcx;
    words[count++] = f->r11;
    if (b->has_error)
        words[count++] = b->error;
    words[count++] = f->rip;
    /* Bits 32 to 39 of the cs slot: the upcall mask before the trap. */
    words[count++] = (cs & 0xffff) | mask << 32;
    /* The guest's interrupt flag is its upcall mask; the real one is always set. */
    words[count] = (f->rflags & UINT32_MAX & ~(RFLAGS_IF | RFLAGS_IOPL)) | (mask ? 0 : RFLAGS_IF);
    if (v->domain->vm_assist & 1UL << VMASST_TYPE_architectural_iopl)
        words[count] |= (uint64_t)v->iopl << 12;
    count++;
    words[count++] = f->rsp;
    words[count++] = f->ss & 0xffff;
    sp -= count * sizeof(words[0]);
    if (copy_to_guest(v, sp, words, count * sizeof(words[0])) || !b->rip)
        return false;

    if (b->mask)
        v->info->evtchn_upcall_mask = 1;
    f->rip = b->rip;
    f->rsp = sp;
    f->cs = FLAT_KERNEL_CS;
    f->ss = FLAT_KERNEL_SS;
    f->rflags &= ~(RFLAGS_AC | RFLAGS_VM | RFLAGS_RF | RFLAGS_NT | RFLAGS_TF);
    f->rflags |= RFLAGS_IF;
    /* Xen leaves by SYSRET, which has these two for itself. */
    f->rcx = f->rip;
    f->r11 = f->rflags;
    return true;
}

bool trap_raise(struct vcpu *v, struct trap_frame *f, unsigned int vector, uint32_t error)
{
    const trap_info_t *t = &v->traps[vector];
    const struct bounce b = {.rip = t->address,
                             .mask = TI_GET_IF(t),
                             .has_error = has_error_code(vector),
                             .error = error};

    v->domain->last_trap_rip = f->rip;
    return trap_push(v, f, &b);
}

bool trap_raise_page_fault(struct vcpu *v, struct trap_frame *f, uint32_t error, uint64_t cr2)
{
    v->cr2 = cr2;
    v->info->arch.cr2 = cr2;
    /* A guest's kernel is no user, though it runs in ring 3. */
    error &= ~FAULT_USER;
    if (v->user_mode)
        error |= FAULT_USER;
    return trap_raise(v, f, VECTOR_PAGE_FAULT, error);
}

/* ---- faults ---- */

/* Bits of an error code that names a selector. */
#define ERROR_IDT 0x2U

/*
 * INT n, for which Xen's table has no gate that a guest could use: the error code names the vector.
 * The guest's own table says who may use it; its kernel may what ring 1 may.
 */
static bool software_interrupt(struct vcpu *v, struct trap_frame *f)
{
    unsigned int vector = f->error_code >> 3 & 0xff;
    const trap_info_t *t = &v->traps[vector];
    const struct bounce b = {.rip = t->address, .mask = TI_GET_IF(t)};

    if (TI_GET_DPL(t) < (v->user_mode ? 3 : 1))
        return trap_raise(v, f, VECTOR_GENERAL_PROTECTION, f->error_code);
    f->rip += 2;
    v->domain->last_trap_rip = f->rip;
    return trap_push(v, f, &b);
}

static bool general_protection(struct vcpu *v, struct trap_frame *f)
{
    enum emulated done = EMULATED_NOT;

    if (f->error_code & ERROR_IDT)
        return software_interrupt(v, f);
    if (f->error_code == 0)
        done = emulate_privileged(v, f);
    else
        done = emulate_selector(v, f);
    if (done == EMULATED_NOT)
        return trap_raise(v, f, VECTOR_GENERAL_PROTECTION, f->error_code);
    return done == EMULATED_DONE;
}

static bool invalid_opcode(struct vcpu *v, struct trap_frame *f)
{
    enum emulated done = emulate_forced(v, f);

    if (done == EMULATED_NOT)
        return trap_raise(v, f, VECTOR_INVALID_OPCODE, 0);
    return done == EMULATED_DONE;
}

static bool page_fault(struct vcpu *v, struct trap_frame *f)
{
    enum emulated done = EMULATED_NOT;

    if (f->cr2 >= MACH2PHYS_VIRT_START && f->cr2 < MACH2PHYS_VIRT_END && !v->user_mode &&
        !(f->error_code & FAULT_WRITE))
        done = emulate_m2p_load(v, f, f->cr2);
    if (done == EMULATED_NOT)
        return trap_raise_page_fault(v, f, f->error_code, f->cr2);
    return done == EMULATED_DONE;
}

static bool handle(struct vcpu *v, struct trap_frame *f)
{
    switch (f->vector) {
    case VECTOR_DEBUG:
        /* Linux keeps dr6 from us; a single step is known by its flag. */
        if (f->rflags & RFLAGS_TF)
            v->debugreg[6] |= 0x4000;
        return trap_raise(v, f, VECTOR_DEBUG, 0);
    case VECTOR_INVALID_OPCODE:
        return invalid_opcode(v, f);
    case VECTOR_GENERAL_PROTECTION:
        return general_protection(v, f);
    case VECTOR_PAGE_FAULT:
        return page_fault(v, f);
    default:
        return trap_raise(v, f, f->vector, f->error_code);
    }
}

bool trap_bounce(struct trap_frame *f)
{
    struct vcpu *v = current;

    if (!v || f->vector > 31)
        return false;
    /* A guest's own write to a page table, and the step after it. */
    if (page_table_write_trap(v, f))
        return true;
    /* Whatever the process runs on: the guest has Xen's flat segments. */
    f->cs = FLAT_KERNEL_CS;
    f->ss = FLAT_KERNEL_SS;
    return handle(v, f) && upcall_deliver(v, f);
}

bool trap_in_guest(uint64_t va)
{
    struct domain *d = current ? current->domain : NULL;

    return d && address_is_shown(d, va);
}

uint64_t trap_last_rip(const struct domain *d) { return d->last_trap_rip; }

void trap_crash(uint64_t *rip, uint64_t *rsp)
{
    struct vcpu *v = current;

    domain_shutdown(v->domain, SHUTDOWN_crash);
    hypercall_choose_way(v->domain->hv, false);
    v->state = VCPU_DOWN;
    v->entry.rip = *rip; /* for tools, in place of what it would leave on its stack */
    v->entry.rsp = *rsp;
    v->sp = NULL;
    instrument_before_leave(v);
    *rip = (uint64_t)(uintptr_t)vcpu_switch_resume;
    *rsp = (uint64_t)(uintptr_t)v->domain->hv->host_sp;
}
