/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Processor state that a PV guest sets by hypercall. A guest that is a Linux process shares the
 * real registers with its host, so what would take them away from the host is kept here only.
 */
#include "internal.h"
#include "handlers.h"

#define CANONICAL(va) ((uint64_t)((int64_t)((uint64_t)(va) << 16) >> 16) == (uint64_t)(va))

long set_segment_base_op(struct vcpu *v, const unsigned long *a)
{
    unsigned long base = a[1];

    /*
     * %fs is the thread pointer of the host's libc: loading the guest's would break every host
     * function. Guest objects do not use it but for the stack protector's canary at %fs:0x28,
     * which is there in the host's block as well.
     */
    switch (a[0]) {
    case SEGBASE_FS:
        if (!CANONICAL(base))
            return -EINVAL;
        v->fs_base = base;
        return 0;
    case SEGBASE_GS_USER:
        if (!CANONICAL(base))
            return -EINVAL;
        v->gs_base_user = base;
        return 0;
    case SEGBASE_GS_KERNEL:
        if (!CANONICAL(base))
            return -EINVAL;
        v->gs_base_kernel = base;
        return 0;
    case SEGBASE_GS_USER_SEL:
        v->user_gs_selector = base & 0xffff;
        return 0;
    default:
        return -EINVAL;
    }
}

/* Bits of dr6 and dr7 that are always set, or must not be (processor manual). */
#define DR6_ONES 0xffff0ff0UL
#define DR7_ONES 0x00000400UL

long set_debugreg_op(struct vcpu *v, const unsigned long *a)
{
    uint64_t value = a[1];

    switch (a[0]) {
    case 0:
    case 1:
    case 2:
    case 3:
        if (!CANONICAL(value))
            return -EPERM;
        v->debugreg[a[0]] = value;
        return 0;
    case 6:
        v->debugreg[6] = (value & 0xe00fUL) | DR6_ONES;
        return 0;
    case 7:
        /* General detection is refused; breakpoints are kept, not armed: gdb has them. */
        if (value & 0x2000 || value >> 32)
            return -EPERM;
        v->debugreg[7] = value | DR7_ONES;
        return 0;
    default:
        return -ENODEV; /* also 4 and 5: other names of 6 and 7, without CR4.DE only */
    }
}

long get_debugreg_op(struct vcpu *v, const unsigned long *a)
{
    if (a[0] <= 3)
        return (long)v->debugreg[a[0]];
    if (a[0] == 6)
        return (long)(v->debugreg[6] | DR6_ONES);
    if (a[0] == 7)
        return (long)(v->debugreg[7] | DR7_ONES);
    return -ENODEV;
}

long stack_switch_op(struct vcpu *v, const unsigned long *a)
{
    /* The stack for entries from user mode, which no guest here has. */
    if ((a[0] & 3) != 3)
        return -EPERM; /* ss must be a ring 3 selector for a 64-bit kernel */
    v->kernel_ss = a[0];
    v->kernel_sp = a[1];
    return 0;
}

long fpu_taskswitch_op(struct vcpu *v, const unsigned long *a)
{
    v->fpu_task_switched = a[0] != 0; /* CR0.TS itself is the host's */
    return 0;
}

#define ENTRIES_A_FRAME (PAGE_SIZE / 8)

static void put_frames(struct domain *d, const uint64_t *frames, unsigned int count)
{
    for (unsigned int i = 0; i < count; i++) {
        page_put_type(d, frames[i]);
        page_put(d->hv, frames[i]);
    }
}

static bool get_descriptors(struct domain *d, uint64_t mfn)
{
    if (!page_get(d, mfn))
        return false;
    if (!page_get_type(d, mfn, PAGE_DESCRIPTOR))
        return true;
    page_put(d->hv, mfn);
    return false;
}

int vcpu_set_gdt(struct vcpu *v, const uint64_t *frames, uint64_t entries)
{
    unsigned int count = (unsigned int)((entries + ENTRIES_A_FRAME - 1) / ENTRIES_A_FRAME), i;
    struct domain *d = v->domain;

    if (entries > FIRST_RESERVED_GDT_ENTRY)
        return -EINVAL;
    for (i = 0; i < count; i++) {
        if (!get_descriptors(d, frames[i]))
            break;
    }
    if (i < count) {
        put_frames(d, frames, i);
        return -EINVAL;
    }
    put_frames(d, v->gdt_frames, v->gdt_frame_count);
    /* Kept, not loaded: a process has Linux's GDT. */
    if (count)
        memcpy(v->gdt_frames, frames, count * sizeof(frames[0]));
    v->gdt_frame_count = count;
    return 0;
}

/* Entries of the last page of the GDT that are Xen's (public/arch-x86/xen.h). */
long set_gdt_op(struct vcpu *v, const unsigned long *a)
{
    uint64_t frames[FIRST_RESERVED_GDT_PAGE];
    unsigned int count = ((unsigned int)a[1] + 511) / 512;

    if (a[1] > FIRST_RESERVED_GDT_ENTRY)
        return -EINVAL;
    if (copy_from_guest(v, frames, a[0], count * sizeof(frames[0])))
        return -EFAULT;
    return vcpu_set_gdt(v, frames, a[1]);
}

long update_descriptor_op(struct vcpu *v, const unsigned long *a)
{
    struct domain *d = v->domain;
    uint64_t mfn = a[0] >> PAGE_SHIFT, descriptor = a[1];

    if (a[0] & 7 || page_owner(d->hv, mfn) != d)
        return -EINVAL;
    /* A present code or data segment must have ring 3; system ones are not for guests. */
    if (descriptor >> 47 & 1 && ((descriptor >> 45 & 3) == 0 || !(descriptor >> 44 & 1)))
        return -EINVAL;
    if (!page_get(d, mfn))
        return -EINVAL;
    if (page_get_type(d, mfn, PAGE_WRITABLE)) {
        page_put(d->hv, mfn);
        return -EINVAL;
    }
    memcpy((uint8_t *)page_map(d->hv, mfn) + (a[0] & ~PAGE_MASK), &descriptor, 8);
    page_put_type(d, mfn);
    page_put(d->hv, mfn);
    return 0;
}

long vm_assist_op(struct vcpu *v, const unsigned long *a)
{
    if (a[1] >= 64 || !(VM_ASSIST_VALID >> a[1] & 1))
        return -EINVAL;
    if (a[0] == VMASST_CMD_enable)
        v->domain->vm_assist |= 1UL << a[1];
    else if (a[0] == VMASST_CMD_disable)
        v->domain->vm_assist &= ~(1UL << a[1]);
    else
        return -ENOSYS;
    return 0;
}
