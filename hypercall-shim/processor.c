/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Processor state that a PV guest sets by hypercall. A guest that is a Linux process shares the
 * real registers with its host, so what would take them away from the host is kept here only.
 */
#include "trap.h"
#include "handlers.h"

#include <cpuid.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Linux lets user code have RDFSBASE and its like (<asm/hwcap2.h>). */
#undef HWCAP2_FSGSBASE
#define HWCAP2_FSGSBASE 2UL

/* ---- control registers ---- */

/* As Xen runs the processor: PE MP ET NE WP AM PG. */
#define CR0 0x80050033UL
/* What a guest sees of Xen's choice: PAE MCE OSFXSR OSXMMEXCPT. */
#define CR4_VISIBLE 0x660UL

uint64_t processor_cr0(const struct vcpu *v) { return CR0 | (v->fpu_task_switched ? CR0_TS : 0); }

uint64_t processor_cr4(const struct hypervisor *hv, uint64_t value)
{
    uint64_t allowed = CR4_TSD | CR4_DE;

    /* Where the processor is a virtual one, CPUID takes longer than all else of a vCPU's start. */
    if (value & CR4_XSAVE && processor_says(hv, 1, 0).c & bit_XSAVE)
        allowed |= CR4_XSAVE;
    if (!hv->repeatable && getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE)
        allowed |= CR4_FSGS;
    return (value & allowed) | CR4_VISIBLE;
}

/*
 * CR0.TS is the host's to set, so a guest that asks for it reads it back, but the next
 * floating-point instruction does not trap: there is no #NM in a process.
 */
long fpu_taskswitch_op(struct vcpu *v, const unsigned long *a)
{
    v->fpu_task_switched = (int)a[0] != 0;
    return 0;
}

/* ---- segments ---- */

#define ARCH_SET_GS 0x1001 /* Linux, asm/prctl.h */

/* %gs is the guest's alone, so it can have it. */
void processor_load(struct vcpu *v)
{
    uint64_t base = v->user_mode ? v->gs_base_user : v->gs_base_kernel;

    if (v->domain->hv->gs_base == base)
        return;
    v->domain->hv->gs_base = base;
    syscall(SYS_arch_prctl, ARCH_SET_GS, base);
}

void processor_keep(struct vcpu *v)
{
    uint64_t base, *kept = v->user_mode ? &v->gs_base_user : &v->gs_base_kernel;

    if (!(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE))
        return;
    __asm__ volatile("rdgsbase %0" : "=r"(base));
    *kept = v->domain->hv->gs_base = base;
}

/* The base of a guest's own segment: what a load of its SELECTOR would make it. */
static uint64_t segment_base(struct vcpu *v, unsigned int selector)
{
    unsigned int index = selector >> 3;
    uint64_t descriptor = 0;

    if (selector & 4) {
        if (index < v->ldt_entries)
            copy_from_guest(v, &descriptor, v->ldt_base + index * sizeof(descriptor),
                            sizeof(descriptor));
    } else if (index < v->gdt_entries) {
        const uint8_t *page = page_map_read(v->domain->hv, v->gdt_frames[index / 512]);

        memcpy(&descriptor, page + index % 512 * sizeof(descriptor), sizeof(descriptor));
    }
    /* Not present, or no code or data: the load fails, and Xen loads the null selector. */
    if ((descriptor >> 44 & 9) != 9)
        return 0;
    return (descriptor >> 16 & 0xffffff) | (descriptor >> 56) << 24;
}

long set_segment_base_op(struct vcpu *v, const unsigned long *a)
{
    unsigned long base = a[1];

    switch ((unsigned int)a[0]) {
    case SEGBASE_FS:
        /*
         * %fs is the thread pointer of the host's libc: loading the guest's would break every host
         * function. Guest objects do not use it but for the stack protector's canary at
         * %fs:0x28, which is there in the host's block as well.
         */
        if (!is_canonical(base))
            return -EINVAL;
        v->fs_base = base;
        return 0;
    case SEGBASE_GS_USER:
        if (!is_canonical(base))
            return -EINVAL;
        v->gs_base_user = base;
        return 0;
    case SEGBASE_GS_KERNEL:
        if (!is_canonical(base))
            return -EINVAL;
        v->gs_base_kernel = base;
        processor_load(v);
        return 0;
    case SEGBASE_GS_USER_SEL:
        /* Never an error: a bad one is the null selector (do_set_segment_base). */
        v->user_gs_selector = base & 0xffff;
        v->gs_base_user = segment_base(v, (unsigned int)v->user_gs_selector);
        return 0;
    default:
        return -EINVAL;
    }
}

long stack_switch_op(struct vcpu *v, const unsigned long *a)
{
    /* For entries from user mode. Any selector goes, in the ring of a 64-bit kernel. */
    v->kernel_ss = (a[0] & 0xffff) | 3;
    v->kernel_sp = a[1];
    return 0;
}

/* ---- debug registers: kept, not armed; gdb has the real ones ---- */

/* Bits that are always set, or never (processor manual). */
#define DR6_ONES   0xffff0ff0UL
#define DR6_ZEROES (~0xffffefffUL)
#define DR7_ONES   0x00000400UL
#define DR7_ZEROES (~0xffff27ffUL)
#define DR7_GD     0x2000UL
#define DR7_ACTIVE 0xffUL
#define DR7_PORT   2U /* a breakpoint's kind: access to a port */

/* dr7's upper half has four bits a breakpoint, the lower two; Xen emulates those on ports. */
static int set_control(struct vcpu *v, uint64_t value)
{
    uint64_t ports = 0;

    if (value != (uint32_t)value)
        return -EINVAL;
    value = (value & ~DR7_ZEROES) | DR7_ONES;
    if (value & DR7_GD)
        return -EPERM;
    for (unsigned int i = 0; value & DR7_ACTIVE && i < 4; i++) {
        if ((value >> (16 + 4 * i) & 3) != DR7_PORT)
            continue;
        if (!(v->cr4 & CR4_DE))
            return -EPERM;
        ports |= value & 3UL << (2 * i);
    }
    v->debugreg7_io = ports;
    v->debugreg[7] = value & ~ports;
    return 0;
}

int processor_set_debugreg(struct vcpu *v, unsigned int reg, uint64_t value)
{
    /* 4 and 5 are other names of 6 and 7, unless the guest has set CR4.DE. */
    if ((reg == 4 || reg == 5) && !(v->cr4 & CR4_DE))
        reg += 2;
    switch (reg) {
    case 0 ... 3:
        if (!guest_address_ok(value))
            return -EPERM;
        v->debugreg[reg] = value;
        return 0;
    case 6:
        if (value != (uint32_t)value)
            return -EINVAL;
        v->debugreg[6] = (value & ~DR6_ZEROES) | DR6_ONES;
        return 0;
    case 7:
        return set_control(v, value);
    default:
        return -ENODEV;
    }
}

int processor_get_debugreg(const struct vcpu *v, unsigned int reg, uint64_t *value)
{
    if ((reg == 4 || reg == 5) && !(v->cr4 & CR4_DE))
        reg += 2;
    if (reg > 7 || reg == 4 || reg == 5)
        return -ENODEV;
    *value = v->debugreg[reg];
    if (reg == 7)
        *value |= v->debugreg7_io;
    return 0;
}

long set_debugreg_op(struct vcpu *v, const unsigned long *a)
{
    return processor_set_debugreg(v, (unsigned int)a[0], a[1]);
}

long get_debugreg_op(struct vcpu *v, const unsigned long *a)
{
    uint64_t value = 0;
    int error = processor_get_debugreg(v, (unsigned int)a[0], &value);

    return error ? error : (long)value;
}

/* ---- vm_assist ---- */

long vm_assist_op(struct vcpu *v, const unsigned long *a)
{
    unsigned int command = (unsigned int)a[0], type = (unsigned int)a[1];

    if (type >= 64 || !(VM_ASSIST_VALID >> type & 1))
        return -EINVAL;
    if (command == VMASST_CMD_enable)
        v->domain->vm_assist |= 1UL << type;
    else if (command == VMASST_CMD_disable)
        v->domain->vm_assist &= ~(1UL << type);
    else
        return -ENOSYS;
    return 0;
}
