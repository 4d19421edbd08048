/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A guest's own writes to level-1 tables (vm_assist, VMASST_TYPE_writable_pagetables; <xen/xen.h>).
 * Tables are mapped read only, so a write faults. Xen emulates the instruction and checks the entry
 * as mmu_update would (arch/x86/pv/ro-page-fault.c). Here the processor does it: the page is made
 * writable for one step, then the entry that has changed is taken back, checked, and set. Nobody
 * sees it in between. If the entry is bad, all is as if the instruction had not run, and the fault
 * is the guest's.
 */
#include "page_table.h"
#include "trap.h"

#include <stdlib.h>

#define PAGE_FAULT 14U
#define DEBUG_TRAP 1U

/* Of a page fault's error code: present, write, reserved bit, instruction fetch. */
#define ERROR_PRESENT 0x01U
#define ERROR_KIND    0x1bU
#define ERROR_WRITE   0x03U

struct table_write {
    bool pending;            /* the instruction runs */
    struct trap_frame fault; /* as it came */
    uint64_t table;          /* the frame */
    uint64_t before[PT_ENTRIES];
};

static uint64_t leaf(struct vcpu *v, uint64_t va)
{
    struct hypervisor *hv = v->domain->hv;
    uint64_t table;
    unsigned int slot;

    if (!page_table_find_leaf(hv, v->cr3, va, &table, &slot))
        return 0;
    return ((const uint64_t *)page_map_read(hv, table))[slot];
}

/* The level-1 table that V sees at VA, if it is one and seen by an entry without write access. */
static bool find_table(struct vcpu *v, uint64_t va, uint64_t *table)
{
    struct hypervisor *hv = v->domain->hv;
    uint64_t entry = leaf(v, va);

    if ((entry & (PTE_PRESENT | PTE_RW)) != PTE_PRESENT)
        return false;
    *table = PTE_FRAME(entry);
    if (page_owner(hv, *table) != v->domain)
        return false;
    return page_is_table(page_info(hv, *table)) && page_info(hv, *table)->type == PAGE_L1;
}

/* The initial domain may also without asking: Xen looks for its writes to MMIO in the same way. */
static bool may_write(const struct domain *d)
{
    return d->hardware_domain || d->vm_assist >> VMASST_TYPE_writable_pagetables & 1;
}

static bool begin(struct vcpu *v, struct trap_frame *f)
{
    struct hypervisor *hv = v->domain->hv;
    struct table_write *w = hv->table_write;
    uint64_t table;

    if (f->vector != PAGE_FAULT)
        return false;
    if (!guest_address_ok(f->cr2))
        return false; /* Xen's own: there for Xen, and Linux says the same */
    /* Linux may not have shown the page to the processor yet: the guest's tables tell. */
    f->error_code &= ~ERROR_PRESENT;
    if (leaf(v, f->cr2) & PTE_PRESENT)
        f->error_code |= ERROR_PRESENT;
    if ((f->error_code & ERROR_KIND) != ERROR_WRITE)
        return false;
    if (!may_write(v->domain) || !find_table(v, f->cr2, &table))
        return false;
    if (!w)
        w = hv->table_write = malloc(sizeof(*w));
    if (!w || !mirror_protect(v, f->cr2, true))
        return false; /* LCOV_EXCL_LINE: Linux has no memory */
    w->fault = *f;
    w->table = table;
    memcpy(w->before, page_map(hv, table), sizeof(w->before));
    w->pending = true;
    f->rflags |= RFLAGS_TF;
    return true;
}

/* Sets the one entry that the instruction has written, if it may be. */
static bool apply(struct vcpu *v, const struct table_write *w)
{
    uint64_t *now = page_map(v->domain->hv, w->table), value = 0;
    unsigned int changed = 0, slot = 0;

    for (unsigned int i = 0; i < PT_ENTRIES; i++) {
        if (now[i] == w->before[i])
            continue;
        slot = i;
        value = now[i];
        changed++;
    }
    memcpy(now, w->before, sizeof(w->before));
    if (!changed)
        return true; /* it wrote what was there */
    /* Xen emulates stores of up to eight bytes. */
    return changed == 1 &&
           !page_table_modify(v->domain, w->table, 1, slot, value, false, v->domain);
}

static bool finish(struct vcpu *v, struct trap_frame *f)
{
    struct hypervisor *hv = v->domain->hv;
    struct table_write *w = hv->table_write;
    bool done = false;

    w->pending = false;
    mirror_protect(v, w->fault.cr2, false);
    if (f->vector == DEBUG_TRAP)
        done = apply(v, w);
    else
        memcpy(page_map(hv, w->table), w->before, sizeof(w->before));
    mirror_flush(hv);
    if (!done) {
        *f = w->fault;
        return false;
    }
    /* If the guest steps itself, the trap is its own. */
    if (w->fault.rflags & RFLAGS_TF)
        return false;
    f->rflags &= ~RFLAGS_TF;
    return true;
}

bool page_table_write_pending(const struct hypervisor *hv)
{
    return hv->table_write && hv->table_write->pending;
}

bool page_table_write_trap(struct vcpu *v, struct trap_frame *f)
{
    const struct table_write *w = v->domain->hv->table_write;

    return w && w->pending ? finish(v, f) : begin(v, f);
}
