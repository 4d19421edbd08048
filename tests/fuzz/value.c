/* SPDX-License-Identifier: BSD-3-Clause
 *
 * From bytes of an input to one argument: mostly something that means something in this machine
 * now (a frame of a peer, a port that may exist), sometimes anything at all.
 */
#include "program.h"

uint8_t take8(struct input *in) { return in->at < in->end ? *in->at++ : 0; }

uint64_t take(struct input *in, unsigned int bytes)
{
    uint64_t value = 0;

    for (unsigned int i = 0; i < bytes; i++)
        value |= (uint64_t)take8(in) << 8 * i;
    return value;
}

/* Frame numbers that hypercalls have given to the guests of each domain. */
static uint64_t results[FUZZ_DOMAINS][8];
static unsigned int result_count[FUZZ_DOMAINS];

void value_reset(void)
{
    memset(results, 0, sizeof(results));
    memset(result_count, 0, sizeof(result_count));
}

void value_remember(const struct vcpu *v, uint64_t mfn)
{
    unsigned int i = v->domain->id % FUZZ_DOMAINS;

    results[i][result_count[i]++ % 8] = mfn;
}

static struct domain *peer(const struct vcpu *v, unsigned int which)
{
    struct domain *d =
        fuzz_domain((v->domain->id + 1U + which % (FUZZ_DOMAINS - 1)) % FUZZ_DOMAINS);

    return d ? d : v->domain;
}

/* Page tables that the builder made lie one after the other, the root first. */
static uint64_t built_table(const struct domain *d, unsigned int i)
{
    return d->vcpus[0] ? d->vcpus[0]->cr3 + i % 6 : d->first_mfn;
}

static uint64_t special_frame(const struct vcpu *v, unsigned int which)
{
    struct hypervisor *hv_ = v->domain->hv;

    switch (which) {
    case 0:
        return v->domain->shared_info_mfn;
    case 1:
        return peer(v, 0)->shared_info_mfn;
    case 2:
        return hv_->m2p_lazy.start;
    case 3:
        return v->domain->start_info_mfn;
    case 4:
        return hv_->frames - 1;
    case 5:
        return hv_->frames;
    case 6:
        return v->cr3;
    case 7:
        return 0xffffffffffUL; /* the largest that an entry can hold */
    default:
        return 0;
    }
}

static uint64_t frame(const struct vcpu *v, struct input *in)
{
    unsigned int c = take8(in), low = c & 31;
    const struct domain *d = v->domain;

    switch (c >> 5) {
    case 0: /* data, mapped writable */
        return d->first_mfn + FUZZ_DATA_FIRST + low;
    case 1: /* not mapped: can become tables */
    case 2:
        return d->first_mfn + FUZZ_SPARE_FIRST + low;
    case 3:
        return built_table(d, low);
    case 4:
        return results[d->id % FUZZ_DOMAINS][low % 8];
    case 5: /* a peer's: mapped, a table, or not mapped */
        d = peer(v, low);
        return low < 12   ? d->first_mfn + FUZZ_DATA_FIRST + low
               : low < 18 ? built_table(d, low)
                          : d->first_mfn + FUZZ_SPARE_FIRST + low;
    case 6:
        return special_frame(v, low);
    default:
        return take(in, 2);
    }
}

static const uint64_t entry_flags[] = {
    PTE_PRESENT | PTE_RW | PTE_USER | PTE_ACCESSED | PTE_DIRTY,
    PTE_PRESENT | PTE_USER | PTE_ACCESSED,
    PTE_PRESENT | PTE_RW | PTE_USER,
    PTE_PRESENT,
    0,
    PTE_PRESENT | PTE_RW | PTE_USER | PTE_NX,
    PTE_PRESENT | PTE_RW,
    PTE_PRESENT | PTE_USER | PTE_GLOBAL,
    PTE_PRESENT | PTE_USER | PTE_PSE,
    PTE_PRESENT | PTE_USER | PTE_PCD,
    PTE_PRESENT | PTE_USER | PTE_AVAIL,
    PTE_PRESENT | PTE_RW | PTE_USER | PTE_AVAIL_HIGH,
    PTE_RW,
    PTE_PRESENT | PTE_USER | PTE_DIRTY,
};

static uint64_t entry(const struct vcpu *v, struct input *in)
{
    unsigned int c = take8(in);

    if (c >= 0xf8)
        return take(in, 8);
    return PTE_MAKE(frame(v, in), entry_flags[c % (sizeof(entry_flags) / sizeof(uint64_t))]);
}

/* A slot of a table: the first ones, those of Xen, those of the initial mapping, any. */
static unsigned int table_slot(const struct vcpu *v, struct input *in)
{
    unsigned int c = take8(in);

    if (c < 64)
        return c % 16;
    if (c < 96)
        return 250 + c % 32;
    if (c < 128)
        return v->domain->virt_base >> (PAGE_SHIFT + 9 * (c % 4)) & 511;
    return (c - 128) * 4 + 3;
}

/* The address of an entry of a table, for mmu_update: the kind of update is in the low bits. */
static uint64_t entry_place(const struct vcpu *v, struct input *in)
{
    uint64_t mfn = frame(v, in);
    unsigned int slot = table_slot(v, in), c = take8(in);

    return mfn << PAGE_SHIFT | slot * 8 | (c < 160 ? MMU_NORMAL_PT_UPDATE : c % 8);
}

/* The same without its kind, for grants. */
static uint64_t bare_entry_place(const struct vcpu *v, struct input *in)
{
    uint64_t mfn = frame(v, in);

    return mfn << PAGE_SHIFT | table_slot(v, in) * 8;
}

static uint64_t address(const struct vcpu *v, struct input *in)
{
    unsigned int c = take8(in), low = c & 31;
    uint64_t base = v->domain->virt_base;

    switch (c >> 5) {
    case 0:
        return base + (FUZZ_DATA_FIRST + low) * PAGE_SIZE;
    case 1:
    case 2: /* spare: not mapped at first */
        return base + (FUZZ_SPARE_FIRST + low) * PAGE_SIZE;
    case 3: /* across the end of a page */
        return base + (FUZZ_DATA_FIRST + low + 1) * PAGE_SIZE - 1 - take8(in) % 32;
    case 4:
        return base + (FUZZ_DATA_FIRST + low) * PAGE_SIZE + take(in, 2) % PAGE_SIZE;
    case 5:
        return base + (FUZZ_SPARE_FIRST - 1 + low % 2) * PAGE_SIZE + take(in, 2) % PAGE_SIZE;
    case 6:
        switch (low) {
        case 0:
            return 0x10;
        case 1:
            return HYPERVISOR_VIRT_START;
        case 2:
            return HYPERVISOR_VIRT_START + 8 * low;
        case 3:
            return 0x0000800000000000UL; /* not canonical */
        case 4:
            return ~0UL;
        case 5:
            return v->domain->virt_end;
        case 6:
            return 0;
        default:
            return 0x7ffffffff000UL - low;
        }
    default:
        return take(in, 8);
    }
}

static uint64_t when(struct input *in)
{
    unsigned int c = take8(in);

    if (c < 64)
        return fuzz_time + c * 1000UL;
    if (c < 128)
        return fuzz_time - c * 1000UL;
    if (c < 160)
        return fuzz_time + (uint64_t)c * 1000000UL;
    if (c < 192)
        return 0;
    if (c < 224)
        return ~0UL - take8(in);
    return take(in, 8);
}

static uint64_t domid(struct input *in)
{
    static const domid_t ids[] = {DOMID_SELF,    0,         1, 2, 3, 1, 2, DOMID_IO, DOMID_XEN,
                                  DOMID_INVALID, DOMID_COW, 4};
    unsigned int c = take8(in);

    return c >= 0xf8 ? take(in, 2) : ids[c % (sizeof(ids) / sizeof(ids[0]))];
}

static uint64_t small(struct input *in, unsigned int below, unsigned int raw)
{
    unsigned int c = take8(in);

    return c >= 0xf8 ? take(in, raw) : c % below;
}

uint64_t value_make(const struct vcpu *v, struct input *in, enum value_kind kind,
                    unsigned int parameter)
{
    switch (kind) {
    case V_CONSTANT:
        return parameter;
    case V_BELOW:
        return small(in, parameter, 4);
    case V_BITS:
        return take(in, parameter);
    case V_PORT:
        return small(in, 20, 4);
    case V_DOMID:
        return domid(in);
    case V_FRAME:
        return frame(v, in);
    case V_ENTRY:
        return entry(v, in);
    case V_PLACE:
        return entry_place(v, in);
    case V_BARE_PLACE:
        return bare_entry_place(v, in);
    case V_ADDRESS:
        return address(v, in);
    case V_VCPU:
        return small(in, 3, 4);
    case V_VIRQ:
        return small(in, NR_VIRQS + 1, 4);
    case V_TIME:
        return when(in);
    case V_ORDER: {
        uint64_t c = take8(in);

        return c < 200 ? 0 : c < 250 ? c % 4 : c - 245;
    }
    case V_REF:
        return small(in, 16, 4);
    case V_HANDLE:
        return small(in, 6, 4);
    case V_SELF:
        return DOMID_SELF;
    case V_ROOT:
        return frame(v, in) << PAGE_SHIFT;
    case V_LENGTH:
        return take(in, 2) % (parameter + 1);
    case V_FEW:
        return small(in, parameter, 4) & 0xff;
    }
    return 0;
}
