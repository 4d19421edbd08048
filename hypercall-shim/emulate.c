/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Instructions that a guest's kernel, in ring 3, may not execute, and that Xen executes for it: in
 * and out, mov to and from control and debug registers, clts, wbinvd, rdmsr, wrmsr, rdtsc, cpuid,
 * xsetbv; cli and sti do nothing. The rest (hlt, invlpg, lgdt ...) is the guest's to be told of:
 * for those there are hypercalls. The list is that of Xen's pv/emul-priv-op.c, validate().
 */
#include "trap.h"
#include "handlers.h"

#define LENGTH_MAX 15U

struct instruction {
    uint64_t start;
    unsigned int length;
    bool operand_16, rep, fetch_failed;
    uint8_t rex, modrm;
    unsigned int opcode; /* with 0xf00 if it has two bytes */
};

#define REX_W 8U
#define REX_R 4U
#define REX_B 1U

static uint8_t fetch(struct vcpu *v, struct instruction *i)
{
    uint8_t byte = 0;

    if (i->length == LENGTH_MAX || copy_from_guest(v, &byte, i->start + i->length, 1))
        i->fetch_failed = true;
    else
        i->length++;
    return byte;
}

/* Prefixes and opcode; segments and addresses of 32 bits change nothing in what follows. */
static void decode(struct vcpu *v, const struct trap_frame *f, struct instruction *i)
{
    uint8_t byte;

    *i = (struct instruction){.start = f->rip};
    for (;;) {
        byte = fetch(v, i);
        if (byte == 0x66)
            i->operand_16 = true;
        else if (byte == 0xf2 || byte == 0xf3)
            i->rep = true;
        else if (byte != 0x67 && byte != 0x26 && byte != 0x2e && byte != 0x36 && byte != 0x3e &&
                 byte != 0x64 && byte != 0x65)
            break;
    }
    if ((byte & 0xf0) == 0x40) {
        i->rex = byte;
        byte = fetch(v, i);
    }
    i->opcode = byte;
    if (byte == 0x0f)
        i->opcode = 0xf00U | fetch(v, i);
}

static uint64_t *reg(struct trap_frame *f, unsigned int number)
{
    uint64_t *const registers[] = {&f->rax, &f->rcx, &f->rdx, &f->rbx, &f->rsp, &f->rbp,
                                   &f->rsi, &f->rdi, &f->r8,  &f->r9,  &f->r10, &f->r11,
                                   &f->r12, &f->r13, &f->r14, &f->r15};

    return registers[number];
}

/* Results of 32 bits clear the upper half (processor manual). */
static void set_edx_eax(struct trap_frame *f, uint64_t value)
{
    f->rax = value & UINT32_MAX;
    f->rdx = value >> 32;
}

static uint64_t edx_eax(const struct trap_frame *f) { return f->rdx << 32 | (f->rax & UINT32_MAX); }

static enum emulated raised(bool delivered) { return delivered ? EMULATED_DONE : EMULATED_CRASH; }

static enum emulated general_protection(struct vcpu *v, struct trap_frame *f)
{
    return raised(trap_raise(v, f, VECTOR_GENERAL_PROTECTION, 0));
}

/* Behind the instruction, with the trap of a single step if the guest does that. */
static enum emulated done(struct vcpu *v, struct trap_frame *f, const struct instruction *i)
{
    f->rip = i->start + i->length;
    f->rflags &= ~RFLAGS_RF;
    if (!(f->rflags & RFLAGS_TF))
        return EMULATED_DONE;
    v->debugreg[6] |= 0x4000;
    return raised(trap_raise(v, f, VECTOR_DEBUG, 0));
}

/* ---- control and debug registers ---- */

static bool read_cr(const struct vcpu *v, unsigned int number, uint64_t *value)
{
    switch (number) {
    case 0:
        *value = processor_cr0(v);
        return true;
    case 2:
        *value = v->cr2;
        return true;
    case 3:
        *value = v->cr3 << PAGE_SHIFT;
        return true;
    case 4:
        *value = v->cr4;
        return true;
    default:
        return false;
    }
}

static bool write_cr3(struct vcpu *v, uint64_t value)
{
    mmuext_op_t op = {.cmd = MMUEXT_NEW_BASEPTR};
    long error;

    op.arg1.mfn = value >> PAGE_SHIFT;
    v->mmuext_owner = v->domain;
    error = mmuext_new_baseptr(v, (const unsigned long *)(const void *)&op);
    mirror_flush(v->domain->hv);
    return error == 0;
}

static bool write_cr(struct vcpu *v, unsigned int number, uint64_t value)
{
    switch (number) {
    case 0: /* only TS is the guest's */
        if ((value ^ processor_cr0(v)) & ~CR0_TS)
            return false;
        v->fpu_task_switched = value & CR0_TS;
        return true;
    case 2:
        v->cr2 = value;
        v->info->arch.cr2 = value;
        return true;
    case 3:
        return write_cr3(v, value);
    case 4:
        v->cr4 = processor_cr4(v->domain->hv, value);
        return true;
    default:
        return false;
    }
}

static enum emulated move_cr(struct vcpu *v, struct trap_frame *f, struct instruction *i)
{
    unsigned int number = (i->modrm >> 3 & 7) | (i->rex & REX_R ? 8 : 0);
    uint64_t *general = reg(f, (i->modrm & 7) | (i->rex & REX_B ? 8 : 0));

    if (!(i->opcode & 2 ? write_cr(v, number, *general) : read_cr(v, number, general)))
        return EMULATED_NOT;
    return done(v, f, i);
}

static enum emulated move_dr(struct vcpu *v, struct trap_frame *f, struct instruction *i)
{
    unsigned int number = (i->modrm >> 3 & 7) | (i->rex & REX_R ? 8 : 0);
    uint64_t *general = reg(f, (i->modrm & 7) | (i->rex & REX_B ? 8 : 0));
    int error = i->opcode & 2 ? processor_set_debugreg(v, number, *general)
                              : processor_get_debugreg(v, number, general);

    if (error == -ENODEV)
        return raised(trap_raise(v, f, VECTOR_INVALID_OPCODE, 0));
    if (error)
        return general_protection(v, f);
    return done(v, f, i);
}

static enum emulated xsetbv(struct vcpu *v, struct trap_frame *f, struct instruction *i)
{
    uint32_t low, high;

    if (!(v->cr4 & CR4_XSAVE))
        return raised(trap_raise(v, f, VECTOR_INVALID_OPCODE, 0));
    /* What is enabled is Linux's choice: it can be chosen again, nothing else. */
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    if (f->rcx & UINT32_MAX || edx_eax(f) != ((uint64_t)high << 32 | low))
        return general_protection(v, f);
    return done(v, f, i);
}

/* ---- ports ---- */

/* rax's part of BYTES becomes VALUE: 32 bits clear the upper half, fewer keep the rest. */
static void set_accumulator(struct trap_frame *f, unsigned int bytes, uint32_t value)
{
    if (bytes == 1)
        f->rax = (f->rax & ~0xffUL) | (value & 0xff);
    else if (bytes == 2)
        f->rax = (f->rax & ~0xffffUL) | (value & 0xffff);
    else
        f->rax = value;
}

static enum emulated in_out(struct vcpu *v, struct trap_frame *f, struct instruction *i)
{
    unsigned int bytes = !(i->opcode & 1) ? 1 : i->operand_16 ? 2 : 4;
    uint16_t port = (uint16_t)f->rdx;

    if (!(i->opcode & 8))
        port = fetch(v, i);
    if (!port_allowed(v, port, bytes))
        return EMULATED_NOT;
    if (i->opcode & 2)
        port_write(v, port, bytes, (uint32_t)f->rax);
    else
        set_accumulator(f, bytes, port_read(v, port, bytes));
    return done(v, f, i);
}

/* One of INS (or of OUTS): false and *CR2 if memory is not there. */
static bool string_once(struct vcpu *v, struct trap_frame *f, bool out, unsigned int bytes,
                        uint64_t *address)
{
    uint32_t value = 0;
    int error;

    if (out) {
        error = copy_from_guest(v, &value, *address, bytes);
        if (!error)
            port_write(v, (uint16_t)f->rdx, bytes, value);
    } else {
        value = port_read(v, (uint16_t)f->rdx, bytes);
        error = copy_to_guest(v, *address, &value, bytes);
    }
    if (error)
        return false;
    *address += f->rflags & RFLAGS_DF ? -(uint64_t)bytes : bytes;
    return true;
}

static enum emulated string_in_out(struct vcpu *v, struct trap_frame *f, struct instruction *i)
{
    unsigned int bytes = !(i->opcode & 1) ? 1 : i->operand_16 ? 2 : 4;
    bool out = i->opcode & 2;
    uint64_t *address = out ? &f->rsi : &f->rdi;

    if (!port_allowed(v, (uint16_t)f->rdx, bytes))
        return EMULATED_NOT;
    while (!i->rep || f->rcx) {
        if (!string_once(v, f, out, bytes, address))
            return raised(trap_raise_page_fault(v, f, out ? 0 : FAULT_WRITE, *address));
        if (!i->rep)
            break;
        f->rcx--;
    }
    return done(v, f, i);
}

/* ---- the rest ---- */

static enum emulated cpuid(struct vcpu *v, struct trap_frame *f, struct instruction *i)
{
    struct cpuid_leaf leaf;

    cpuid_guest(v, (uint32_t)f->rax, (uint32_t)f->rcx, &leaf);
    f->rax = leaf.a;
    f->rbx = leaf.b;
    f->rcx = leaf.c;
    f->rdx = leaf.d;
    return done(v, f, i);
}

static enum emulated access_msr(struct vcpu *v, struct trap_frame *f, struct instruction *i)
{
    uint64_t value = edx_eax(f);
    bool write = i->opcode == 0xf30;

    if (write ? !msr_write(v, (uint32_t)f->rcx, value) : !msr_read(v, (uint32_t)f->rcx, &value))
        return general_protection(v, f);
    if (!write)
        set_edx_eax(f, value);
    return done(v, f, i);
}

static enum emulated rdtsc(struct vcpu *v, struct trap_frame *f, struct instruction *i)
{
    if (v->user_mode && v->cr4 & CR4_TSD)
        return general_protection(v, f);
    set_edx_eax(f, time_counter(v->domain->hv));
    if (i->opcode == 0xf01)
        f->rcx = v->tsc_aux;
    return done(v, f, i);
}

/* Those of kernel mode; in user mode each is #GP(0). */
static enum emulated privileged(struct vcpu *v, struct trap_frame *f, struct instruction *i)
{
    switch (i->opcode) {
    case 0xf06: /* clts */
        v->fpu_task_switched = false;
        return done(v, f, i);
    case 0xf09: /* wbinvd: the caches are the host's */
        return done(v, f, i);
    case 0xf20:
    case 0xf22:
        i->modrm = fetch(v, i);
        return move_cr(v, f, i);
    case 0xf21:
    case 0xf23:
        i->modrm = fetch(v, i);
        return move_dr(v, f, i);
    case 0xf30:
    case 0xf32:
        return access_msr(v, f, i);
    default: /* xsetbv */
        return xsetbv(v, f, i);
    }
}

static enum emulated execute(struct vcpu *v, struct trap_frame *f, struct instruction *i)
{
    switch (i->opcode) {
    case 0x6c ... 0x6f:
        return string_in_out(v, f, i);
    case 0xe4 ... 0xe7:
    case 0xec ... 0xef:
        return in_out(v, f, i);
    case 0xfa: /* cli, sti: allowed by iopl and without effect; the mask is in memory */
    case 0xfb:
        if (!port_allowed(v, 0, 0))
            return EMULATED_NOT;
        return done(v, f, i);
    case 0xf31:
        return rdtsc(v, f, i);
    case 0xfa2:
        return cpuid(v, f, i);
    case 0xf01:
        i->modrm = fetch(v, i);
        if (i->modrm == 0xf9)
            return rdtsc(v, f, i);
        if (i->modrm != 0xd1)
            return EMULATED_NOT;
        break;
    case 0xf06:
    case 0xf09:
    case 0xf20 ... 0xf23:
    case 0xf30:
    case 0xf32:
        break;
    default:
        return EMULATED_NOT;
    }
    return v->user_mode ? EMULATED_NOT : privileged(v, f, i);
}

enum emulated emulate_privileged(struct vcpu *v, struct trap_frame *f)
{
    struct instruction i;

    decode(v, f, &i);
    if (i.fetch_failed)
        return raised(trap_raise_page_fault(v, f, 0, i.start + i.length));
    return execute(v, f, &i);
}

/* ---- loads of what Xen has and a process has not ---- */

/* Behind a modrm byte: the rest of a memory operand. False: it is a register. */
static bool skip_operand(struct vcpu *v, struct instruction *i)
{
    unsigned int mode = i->modrm >> 6, base = i->modrm & 7, displacement = 0;

    if (mode == 3)
        return false;
    if (base == 4)
        base = fetch(v, i) & 7;
    if (mode == 1)
        displacement = 1;
    else if (mode == 2 || base == 5)
        displacement = 4;
    while (displacement--)
        fetch(v, i);
    return true;
}

/* Xen's flat segments all mean the same: so a process need not have them. */
static bool is_flat(uint16_t selector)
{
    switch (selector) {
    case FLAT_RING3_CS32:
    case FLAT_RING3_CS64:
    case FLAT_RING3_DS32:
        return true;
    default:
        return false;
    }
}

/* What iretq may change of rflags in ring 3, where IOPL is 0 (processor manual). */
#define RFLAGS_RETURN 0x00254dd5UL

/* lretq and iretq to Xen's flat 64-bit segments, of a guest that does without HYPERVISOR_iret. */
static enum emulated far_return(struct vcpu *v, struct trap_frame *f, const struct instruction *i)
{
    uint64_t words[5]; /* rip, cs, rflags, rsp, ss */
    bool by_iret = i->opcode == 0xcf;

    if (!(i->rex & REX_W) ||
        copy_from_guest(v, words, f->rsp, (by_iret ? 5 : 2) * sizeof(words[0])))
        return EMULATED_NOT;
    if ((words[1] & 0xffff) != FLAT_RING3_CS64 || !is_canonical(words[0]))
        return EMULATED_NOT;
    if (!by_iret) {
        f->rsp += 2 * sizeof(words[0]);
        f->rip = words[0];
        f->rflags &= ~RFLAGS_RF;
        return EMULATED_DONE;
    }
    if ((words[4] & 0xffff) != FLAT_RING3_SS32)
        return EMULATED_NOT;
    f->rip = words[0];
    f->rflags = (f->rflags & ~RFLAGS_RETURN) | (words[2] & RFLAGS_RETURN);
    f->rsp = words[3];
    return EMULATED_DONE;
}

enum emulated emulate_selector(struct vcpu *v, struct trap_frame *f)
{
    struct instruction i;

    decode(v, f, &i);
    if (i.opcode == 0xcb || i.opcode == 0xcf)
        return far_return(v, f, &i);
    if (i.opcode != 0x8e) /* mov to a segment register */
        return EMULATED_NOT;
    i.modrm = fetch(v, &i);
    if (i.fetch_failed || i.modrm >> 6 != 3)
        return EMULATED_NOT;
    if (!is_flat((uint16_t)*reg(f, (i.modrm & 7) | (i.rex & REX_B ? 8 : 0))))
        return EMULATED_NOT;
    return done(v, f, &i);
}

enum emulated emulate_m2p_load(struct vcpu *v, struct trap_frame *f, uint64_t address)
{
    struct instruction i;
    uint64_t entry, *to, at = address - MACH2PHYS_VIRT_START;

    if (at / sizeof(entry) >= v->domain->hv->frames)
        return EMULATED_NOT;
    decode(v, f, &i);
    if (i.operand_16)
        return EMULATED_NOT;
    if (i.opcode == 0x8b) {
        i.modrm = fetch(v, &i);
        if (!skip_operand(v, &i))
            return EMULATED_NOT;
        to = reg(f, (i.modrm >> 3 & 7) | (i.rex & REX_R ? 8 : 0));
    } else if (i.opcode == 0xa1) { /* rax, from an address that follows */
        for (unsigned int n = 0; n < sizeof(address); n++)
            fetch(v, &i);
        to = &f->rax;
    } else {
        return EMULATED_NOT;
    }
    if (i.fetch_failed)
        return EMULATED_NOT;
    entry = m2p_get(v->domain->hv, at / sizeof(entry)) >> 8 * (at % sizeof(entry));
    *to = i.rex & REX_W ? entry : entry & UINT32_MAX;
    return done(v, f, &i);
}

/* ud2; "xen"; cpuid (XEN_EMULATE_PREFIX, <xen/arch-x86/xen.h>). */
enum emulated emulate_forced(struct vcpu *v, struct trap_frame *f)
{
    static const uint8_t expected[] = {0x0f, 0x0b, 'x', 'e', 'n', 0x0f, 0xa2};
    struct instruction i = {.start = f->rip};

    for (unsigned int n = 0; n < sizeof(expected); n++) {
        uint8_t byte = fetch(v, &i);

        if (i.fetch_failed)
            return raised(trap_raise_page_fault(v, f, 0, i.start + i.length));
        if (byte != expected[n])
            return EMULATED_NOT;
    }
    return cpuid(v, f, &i);
}
