/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The domain builder: lays a domain out as <xen/xen.h> says under "start-of-day memory layout",
 * with page tables that count as if the guest had made them, and shows it in the process.
 *
 * The image is there already, as a part of the executable or where sim/image.c has put it. Its
 * pages stay what they are (the kernel's mapping of that file: nothing is copied; gdb and perf know
 * it) until somebody needs the frame of one, for another mapping or as a page table; all that
 * follows are frames of the memfd. The executable's linker script must keep the addresses after
 * the image free of the host's: see domain_create.
 */
#define _GNU_SOURCE
#include "internal.h"
#include "page_alloc.h"
#include "page_table.h"
#include "instrument.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Pages of a domain that is made without an image, for tests: for stacks and buffers. */
#define BARE_IMAGE_PAGES 256U

#define MIB (1UL << 20)
#define GIB (1UL << 30)

/* Pages of the p2m table that are made at once: each tells of 2 MiB. */
#define P2M_EARLY LAZY_TOGETHER

/* As many if their frames are there from a former domain: changes of access would cost more. */
#define P2M_EARLY_AGAIN 16U

#define PADDING     (512UL << 10)
#define MAPPING_END (4 * MIB)

/* Where the window is if nothing is in the way; far from what Linux chooses by itself. */
#ifdef __SANITIZE_ADDRESS__
#define WINDOW_HINT 0x180000000000UL /* AddressSanitizer's shadow is below 0x100080000000 */
#else
#define WINDOW_HINT 0x4200000000UL
#endif
#define WINDOW_MIN (16 * GIB)

/* The same for a domain without an image, beyond all windows. */
#define LOW_HINT 0x200000000000UL

#define MAGIC "xen-3.0-x86_64"

/* What a builder sets in an entry (Xen's L1_PROT and its like; no NX in the initial mapping). */
#define LEAF_FLAGS  (PTE_PRESENT | PTE_RW | PTE_USER | PTE_ACCESSED)
#define TABLE_FLAGS (PTE_PRESENT | PTE_RW | PTE_USER | PTE_ACCESSED | PTE_DIRTY)

/* First pages, relative to the image's first, of each part. */
struct layout {
    uint64_t base; /* virtual address of page 0 */
    uint32_t text_pages, image_pages;
    uint32_t ramdisk, ramdisk_pages;
    uint32_t p2m, p2m_pages;
    uint32_t start_info;
    uint32_t xenstore, console; /* 0: none */
    uint32_t tables, table_pages, level_pages[5];
    uint32_t stack;
    uint32_t end; /* of the initial mapping */
};

static bool has_image(const struct domain_config *c) { return c->image_end != 0; }

/* The first address of the image that the process has. */
static uint64_t first_shown(const struct domain_config *c)
{
    return c->image_shown > c->image_start ? c->image_shown : c->image_start;
}

static uint32_t spanned(uint64_t from, uint64_t to, unsigned int shift)
{
    return (uint32_t)(((to - 1) >> shift) - (from >> shift) + 1);
}

static void lay_out(const struct domain_config *c, uint64_t base, uint64_t memory, struct layout *l)
{
    uint32_t page;
    uint64_t end = 0;

    *l = (struct layout){.base = base};
    if (has_image(c)) {
        l->text_pages = (uint32_t)((c->image_data - c->image_start) >> PAGE_SHIFT);
        l->image_pages = (uint32_t)((c->image_end - c->image_start) >> PAGE_SHIFT);
    } else {
        l->image_pages = BARE_IMAGE_PAGES;
    }
    page = l->image_pages;
    l->ramdisk = page;
    l->ramdisk_pages = (uint32_t)PAGES_UP(c->ramdisk_size);
    page += l->ramdisk_pages;
    l->p2m = page;
    l->p2m_pages = (uint32_t)PAGES_UP((memory >> PAGE_SHIFT) * sizeof(xen_pfn_t));
    page += l->p2m_pages;
    l->start_info = page++;
    if (!c->hardware_domain) {
        l->xenstore = page++;
        l->console = page++;
    }
    l->tables = page;
    /* The tables map themselves, so their number depends on itself. */
    for (uint32_t count = 4;; count = l->table_pages) {
        l->stack = page + count;
        end = base + ((uint64_t)(l->stack + 1) << PAGE_SHIFT) + PADDING;
        end = (end + MAPPING_END - 1) & ~(MAPPING_END - 1);
        l->level_pages[1] = spanned(base, end, 21);
        l->level_pages[2] = spanned(base, end, 30);
        l->level_pages[3] = spanned(base, end, 39);
        l->level_pages[4] = 1;
        l->table_pages = 1 + l->level_pages[3] + l->level_pages[2] + l->level_pages[1];
        if (l->table_pages <= count) {
            l->table_pages = count;
            break;
        }
    }
    l->end = (uint32_t)((end - base) >> PAGE_SHIFT);
}

uint64_t domain_minimum_memory(const struct domain_config *config)
{
    struct layout l;
    uint64_t base = has_image(config) ? config->image_start : 4 * MIB;
    uint64_t memory = config->memory;

    lay_out(config, base, memory, &l);
    /* The initial mapping must have frames; how long it is depends on the p2m list in it. */
    while ((uint64_t)l.end << PAGE_SHIFT > memory) {
        memory = (uint64_t)l.end << PAGE_SHIFT;
        lay_out(config, base, memory, &l);
    }
    lay_out(config, base, 0, &l);
    memory = (uint64_t)l.end << PAGE_SHIFT;
    lay_out(config, base, memory, &l);
    return (uint64_t)l.end << PAGE_SHIFT;
}

uint64_t domain_initial_size(const struct domain_config *config)
{
    struct layout l;

    lay_out(config, config->image_start, config->memory, &l);
    return (uint64_t)l.end << PAGE_SHIFT;
}

static void p2m_make(struct hypervisor *hv, struct domain *d, uint32_t index, void *page)
{
    xen_pfn_t *entry = page;
    uint64_t pfn = (uint64_t)index * 512;

    (void)hv;
    for (unsigned int i = 0; i < 512 && pfn + i < d->extent_pages; i++)
        entry[i] = d->first_mfn + pfn + i;
}

static uint64_t va_of(const struct layout *l, uint32_t page)
{
    return l->base + ((uint64_t)page << PAGE_SHIFT);
}

/* A frame of the initial mapping gets the references that its leaf entry stands for. */
static void count_leaf(struct page_info *info, bool writable)
{
    info->refs++;
    if (writable) {
        info->type = PAGE_WRITABLE;
        info->type_count++;
    }
}

/*
 * Fills the tables and counts what they refer to, as page_table_validate would (which would go
 * over each entry once more: 100 us for nothing).
 */
static uint64_t make_page_tables(struct domain *d, const struct layout *l)
{
    struct hypervisor *hv = d->hv;
    uint32_t first[6], next = l->tables;
    uint64_t end = va_of(l, l->end);
    /* Xen's own builder marks the initial domain's as the kernel's; libxl's come to be global. */
    uint64_t flags = LEAF_FLAGS | (d->hardware_domain ? PTE_GUEST_KERNEL : PTE_GLOBAL);
    uint64_t *table = NULL;

    /* Xen's order: L4, L3, L2, L1. */
    for (unsigned int level = 4; level >= 1; level--) {
        first[level] = next;
        next += l->level_pages[level];
    }
    for (uint32_t page = 0; page < l->end; page++) {
        bool is_table = page >= l->tables && page < next;
        bool writable = !is_table && page >= l->text_pages;
        uint64_t va = va_of(l, page), slot = va >> PAGE_SHIFT & 511;
        uint32_t mfn = domain_mfn(d, page);

        if (!table || slot == 0)
            table = page_map(hv, domain_mfn(d, first[1] + (va >> 21) - (l->base >> 21)));
        table[slot] = PTE_MAKE(mfn, writable ? flags : flags & ~PTE_RW);
        count_leaf(&hv->page_table[mfn], writable);
    }
    for (unsigned int level = 2; level <= 4; level++) {
        unsigned int shift = PAGE_SHIFT + 9 * (level - 1);

        for (uint64_t i = l->base >> shift; i <= (end - 1) >> shift; i++) {
            uint64_t parent = domain_mfn(d, first[level] + (i >> 9) - (l->base >> (shift + 9)));
            uint64_t child = domain_mfn(d, first[level - 1] + i - (l->base >> shift));
            struct page_info *info = page_info(hv, child);

            table = page_map(hv, parent);
            table[i & 511] = PTE_MAKE(child, TABLE_FLAGS);
            info->refs++;
            info->type = (uint8_t)(level - 1);
            info->type_count++;
            page_link_add(hv, child, parent, (unsigned int)(i & 511));
        }
    }
    /* The root: pinned, as the builder of libxl leaves it, and vCPU 0's. */
    struct page_info *root = page_info(hv, domain_mfn(d, first[4]));

    root->refs += 2;
    root->type = PAGE_L4;
    root->type_count += 2;
    page_set_pinned(d, domain_mfn(d, first[4]));
    return domain_mfn(d, first[4]);
}

/* Maps frames [PAGE, PAGE + COUNT) at their address. */
static bool show(struct domain *d, const struct layout *l, uint32_t page, uint32_t count, int flags)
{
    while (count) {
        uint32_t run = domain_run(d, page, count);
        void *va = (void *)(uintptr_t)va_of(l, page);
        size_t len = (size_t)run << PAGE_SHIFT;

        if (mmap(va, len, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | flags, d->hv->memfd,
                 (off_t)domain_mfn(d, page) << PAGE_SHIFT) != va)
            return false;
        instrument_mapped(va, len, true);
        page += run;
        count -= run;
    }
    return true;
}

/* Writes LEN bytes to the frames from PAGE on. */
static bool fill(struct domain *d, uint32_t page, const void *from, size_t len)
{
    const uint8_t *in = from;

    while (len) {
        uint32_t run = domain_run(d, page, (uint32_t)PAGES_UP(len));
        size_t part = (size_t)run << PAGE_SHIFT;

        if (part > len)
            part = len;
        if (pwrite(d->hv->memfd, in, part, (off_t)domain_mfn(d, page) << PAGE_SHIFT) !=
            (ssize_t)part)
            return false;
        page += run;
        in += part;
        len -= part;
    }
    return true;
}

/* Pages that will be written to in a moment: one system call in place of a fault each. */
static void populate(void *at, size_t len)
{
    size_t before = (uintptr_t)at & ~PAGE_MASK;

    madvise((uint8_t *)at - before, len + before, MADV_POPULATE_WRITE); /* else they fault */
}

/* Without an extent nothing of the image is lazy; nor at address 0, which is nobody's view. */
static int copy_image(struct domain *d, const struct domain_config *c, const struct layout *l)
{
    uint32_t hidden = (uint32_t)((first_shown(c) - c->image_start) >> PAGE_SHIFT);
    uint32_t first = l->text_pages + hidden;

    /* Linux reads nothing at address 0 that is not there yet (fault_in_readable). */
    if (!first_shown(c))
        populate((void *)first_shown(c), PAGE_SIZE);
    if (!fill(d, hidden, (const void *)first_shown(c), c->image_end - first_shown(c)))
        return -ENOMEM;
    return show(d, l, first, l->image_pages - first, MAP_FIXED) ? 0 : -ENOMEM;
}

static int place_image(struct domain *d, const struct domain_config *c, const struct layout *l)
{
    uint32_t hidden = (uint32_t)((first_shown(c) - c->image_start) >> PAGE_SHIFT);

    if (!has_image(c))
        return show(d, l, 0, l->end, MAP_FIXED) ? 0 : -ENOMEM;
    /*
     * The host's program break starts after the last segment of the executable, at a random
     * distance of up to 32 MiB, and a static glibc puts its thread block there before main. So
     * the linker script has one page far above the guest image as the last segment; if it
     * were missing, this call would find the break in its way.
     */
    if (!show(d, l, l->image_pages, l->end - l->image_pages,
              c->image_owned ? MAP_FIXED : MAP_FIXED_NOREPLACE))
        return -EEXIST;
    if (d->p2m || !first_shown(c))
        return copy_image(d, c, l);
    d->text_lazy = (struct lazy_range){
        .start = d->first_mfn,
        .count = l->text_pages,
        .source = (const uint8_t *)c->image_start,
    };
    d->data_lazy = (struct lazy_range){
        .start = d->first_mfn + l->text_pages + hidden,
        .count = l->image_pages - l->text_pages - hidden,
        .source = (const uint8_t *)c->image_data + hidden * PAGE_SIZE,
        .in_place = true,
        .view = (uint8_t *)c->image_data + hidden * PAGE_SIZE,
    };
    if (d->text_lazy.count)
        page_lazy_add(d->hv, &d->text_lazy);
    page_lazy_add(d->hv, &d->data_lazy);
    if (!instrument_watches_memory())
        return 0;
    /* Such a tool must not see pages move that contain a stack: all of them move now. */
    page_lazy_leave(d->hv, c->image_data + hidden * PAGE_SIZE,
                    c->image_end - c->image_data - hidden * PAGE_SIZE);
    return show(d, l, l->text_pages + hidden, l->image_pages - l->text_pages - hidden, MAP_FIXED)
               ? 0
               : -ENOMEM;
}

/* The table of a domain without an extent, which must be written, or of a small one. */
static int write_p2m(struct domain *d, const struct layout *l)
{
    for (uint32_t page = 0; page < l->p2m_pages; page++) {
        xen_pfn_t *entry = page_map(d->hv, domain_mfn(d, l->p2m + page));

        for (uint64_t pfn = page * 512UL; pfn < d->pages && pfn < (page + 1) * 512UL; pfn++)
            *entry++ = domain_mfn(d, pfn);
    }
    return 0;
}

static int make_p2m(struct domain *d, const struct layout *l)
{
    uint8_t *view = (uint8_t *)(uintptr_t)va_of(l, l->p2m);
    size_t len = (size_t)l->p2m_pages << PAGE_SHIFT;

    if (d->p2m || l->p2m_pages <= (d->is_fresh ? P2M_EARLY : P2M_EARLY_AGAIN))
        return write_p2m(d, l);
    d->p2m_lazy = (struct lazy_range){
        .start = d->first_mfn + l->p2m,
        .count = l->p2m_pages,
        .make = p2m_make,
        .domain = d,
        .view = view,
        .view_prot = PROT_READ | PROT_WRITE | PROT_EXEC,
    };
    if (mprotect(view, len, PROT_NONE))
        return -ENOMEM;
    page_lazy_add(d->hv, &d->p2m_lazy);
    return 0;
}

static int make_start_info(struct domain *d, const struct domain_config *c, const struct layout *l)
{
    start_info_t *si = page_map(d->hv, domain_mfn(d, l->start_info));
    int error = 0;

    memcpy(si->magic, MAGIC, sizeof(MAGIC));
    si->nr_pages = d->pages;
    si->shared_info = (unsigned long)d->shared_info_mfn << PAGE_SHIFT;
    si->pt_base = va_of(l, l->tables);
    si->nr_pt_frames = l->table_pages;
    si->mfn_list = va_of(l, l->p2m);
    if (c->ramdisk_size) {
        si->mod_start = va_of(l, l->ramdisk);
        si->mod_len = c->ramdisk_size;
    }
    if (c->hardware_domain) {
        si->flags = SIF_PRIVILEGED | SIF_INITDOMAIN;
    } else {
        d->xenstore_mfn = domain_mfn(d, l->xenstore); /* granted: grant_table.c */
        d->console_mfn = domain_mfn(d, l->console);
        si->store_mfn = d->xenstore_mfn;
        si->console.domU.mfn = d->console_mfn;
        /* libxl's order: XenStore's port is 1, the console's 2. */
        error = event_channel_allocate_host(d, &si->store_evtchn);
        if (!error)
            error = event_channel_allocate_host(d, &si->console.domU.evtchn);
    }
    strcpy((char *)si->cmd_line, c->command_line ? c->command_line : "");
    d->start_info_mfn = domain_mfn(d, l->start_info);
    d->has_start_info = true;
    return error;
}

/* Address space at HINT, or elsewhere at a multiple of ALIGN; 0 if there is none. */
static uint64_t reserve(uint64_t hint, uint64_t size, uint64_t align)
{
    const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *got;
    uint64_t at;

    if (address_reserve(hint, size, PROT_NONE))
        return hint;
    got = mmap(NULL, size + align, PROT_NONE, flags, -1, 0);
    if (got == MAP_FAILED)
        return 0;
    at = ((uintptr_t)got + align - 1) & ~(align - 1);
    if (at > (uintptr_t)got)
        munmap(got, at - (uintptr_t)got);
    munmap((void *)(uintptr_t)(at + size), (uintptr_t)got + align - at);
    return at;
}

bool domain_make_window(struct domain *d)
{
    uint64_t size = 16 * (d->max_pages << PAGE_SHIFT);

    size = size < WINDOW_MIN ? WINDOW_MIN : (size + GIB - 1) & ~(GIB - 1);
    d->window = reserve(WINDOW_HINT + d->id * size, size, GIB);
    if (!d->window)
        return false;
    d->window_size = size;
    d->window_owned = true;
    return true;
}

/* Address space for a domain without an image. */
static uint64_t reserve_low(struct domain *d, const struct domain_config *c)
{
    struct layout l;
    uint64_t size, at;

    lay_out(c, 4 * MIB, c->memory, &l);
    size = (uint64_t)l.end << PAGE_SHIFT;
    at = reserve(LOW_HINT + d->id * ((size + GIB - 1) & ~(GIB - 1)), size, MAPPING_END);
    d->low_owned = at != 0;
    return at;
}

static int read_ramdisk(struct domain *d, const struct domain_config *c, const struct layout *l)
{
    size_t left = c->ramdisk_size;
    uint32_t page = l->ramdisk;
    int error = 0;

    while (left && !error) {
        uint32_t run = domain_run(d, page, (uint32_t)PAGES_UP(left));
        size_t len = (size_t)run << PAGE_SHIFT;

        if (len > left)
            len = left;
        error =
            c->ramdisk_read(c->ramdisk_context,
                            d->hv->direct_map + ((size_t)domain_mfn(d, page) << PAGE_SHIFT), len);
        page += run;
        left -= len;
    }
    return error;
}

static int build(struct domain *d, const struct domain_config *c)
{
    struct layout l;
    struct vcpu *v;
    uint64_t base = c->image_start;
    uint64_t root;
    int error;

    if (!has_image(c)) {
        base = reserve_low(d, c);
        if (!base)
            return -ENOMEM;
    }
    lay_out(c, base, c->memory, &l);
    d->virt_base = has_image(c) ? first_shown(c) : base;
    d->virt_end = va_of(&l, l.end);
    d->image_end = va_of(&l, l.image_pages);

    if (d->is_fresh) {
        /* Twice, what is written to in a moment: bookkeeping of the initial mapping, its pages. */
        populate(&d->hv->page_table[d->first_mfn], l.end * sizeof(struct page_info));
        populate(d->hv->direct_map + ((size_t)(d->first_mfn + l.tables) << PAGE_SHIFT),
                 (size_t)l.table_pages << PAGE_SHIFT);
    }
    error = place_image(d, c, &l);
    if (!error && c->image_owned)
        d->low_owned = true;
    if (!error)
        error = make_p2m(d, &l);
    if (!error)
        error = read_ramdisk(d, c, &l);
    if (!error)
        error = make_start_info(d, c, &l);
    if (error)
        return error;
    root = make_page_tables(d, &l);
    mprotect((void *)(uintptr_t)va_of(&l, l.tables), (size_t)l.table_pages << PAGE_SHIFT,
             PROT_READ | PROT_EXEC);
    if (!domain_make_window(d))
        return -ENOMEM;

    d->calls_by_page = c->image_owned;
    v = vcpu_create(d, 0);
    if (!v)
        return -ENOMEM;
    v->cr3 = root;
    d->mirror_base = root;
    v->entry.rip = (uintptr_t)c->entry;
    v->entry.rsp = va_of(&l, l.stack + 1);
    v->entry.rdi = d->window;
    v->entry.rsi = va_of(&l, l.start_info);
    v->entry.rdx = d->window_size;
    v->entry.rcx = base;
    if (!v->hypercall_sp) {
        v->stack = (const void *)(uintptr_t)va_of(&l, l.stack);
        v->stack_size = PAGE_SIZE;
    }
    v->initialised = true;
    v->is_down = false;
    sched_queue(v);
    /* The others are down until the guest says by VCPUOP_initialise where they start. */
    for (unsigned int id = 1; id < c->vcpus; id++) {
        if (!vcpu_create(d, id))
            return -ENOMEM;
    }
    if (instrument_dislikes_faults()) {
        hypervisor_populate_all(d->hv);
    } else {
        /* What every guest looks at soon: cheaper together than by a fault each. */
        if (d->p2m)
            return 0;
        if (d->p2m_lazy.count)
            page_lazy_make(d->hv, &d->p2m_lazy, 0, P2M_EARLY);
        page_lazy_make(d->hv, &d->hv->m2p_lazy, (d->first_mfn + l.tables) / 512, 1);
    }
    return 0;
}

int domain_create(struct hypervisor *hv, const struct domain_config *config, struct domain **out)
{
    struct domain *d = NULL;
    int error;

    if (config->command_line && strlen(config->command_line) >= MAX_GUEST_CMDLINE)
        return -E2BIG;
    if (config->vcpus > DOMAIN_VCPUS_MAX)
        return -EINVAL;
    if (config->memory < domain_minimum_memory(config))
        return -ENOMEM;
    error = domain_initialise(hv, config, &d);
    if (!error)
        error = build(d, config);
    if (error) {
        if (d)
            domain_destroy(d);
        return error;
    }
    *out = d;
    return 0;
}
