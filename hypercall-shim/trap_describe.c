/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Faults that nobody handles: whose they are, and what a report says of them.
 */
#include "trap.h"

#include <stdio.h>

#define FAULT_FETCH 0x10U /* bit of a page fault's error code: the instruction itself */

/* How far from the stack pointer a fault is still the stack's: what a call of ours has of it. */
#define STACK_REACH (4 * PAGE_SIZE)

#define VECTOR_STACK_FAULT 12

bool trap_by_guest(const struct trap_frame *f)
{
    if (trap_in_guest(f->rip))
        return true;
    /* A jump to nowhere: the fault is in fetching what is there, or in going there. */
    if (f->vector == VECTOR_PAGE_FAULT)
        return f->cr2 == f->rip || f->error_code & FAULT_FETCH;
    return f->vector == VECTOR_GENERAL_PROTECTION && !is_canonical(f->rip);
}

bool trap_by_stack(const struct trap_frame *f)
{
    if (!current || trap_in_guest(f->rip) || hypercall_stack_has(current, f->rsp))
        return false;
    if (f->vector == VECTOR_STACK_FAULT)
        return true; /* the stack pointer is no address at all */
    return f->vector == VECTOR_PAGE_FAULT && f->cr2 - (f->rsp - STACK_REACH) < 2 * STACK_REACH;
}

size_t trap_read_guest(uint64_t va, void *to, size_t len)
{
    size_t done = 0;

    while (done < len) {
        size_t part = PAGE_SIZE - ((va + done) & ~PAGE_MASK);

        if (part > len - done)
            part = len - done;
        if (copy_from_guest(current, (char *)to + done, va + done, part))
            break;
        done += part;
    }
    return done;
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

void trap_describe_end(const struct trap_frame *f, char *text, size_t size)
{
    uint64_t handler = f->vector < 32 ? current->traps[f->vector].address : 0;

    if (trap_by_stack(f))
        snprintf(text, size, "in a hypercall, on the guest's stack");
    else if (!handler)
        snprintf(text, size, "the guest has no handler for it");
    else
        snprintf(text, size, "its handler (0x%lx) cannot be called: the stack (0x%lx) is %s",
                 (unsigned long)handler, (unsigned long)f->rsp, trap_describe_page(f->rsp - 8));
}
