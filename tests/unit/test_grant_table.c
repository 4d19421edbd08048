/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Grants between domains: a frame that another gets without a grant, or keeps after it; a limit
 * that is not kept; a right that only one's own domain should have.
 */
#include "grant.h"

#include <stdio.h>

#include <xen/memory.h>

#define HOST   GNTMAP_host_map
#define DEVICE GNTMAP_device_map
#define RO     GNTMAP_readonly

/* Frames of the granter's pages 0 to 7, for whoever runs after it. */
static uint64_t frames[8];
static grant_handle_t handle;

static void two(void (*granter)(void *), void (*other)(void *))
{
    machine_start(40);
    guest_create(16, false, granter, NULL);
    guest_create(16, false, other, NULL);
    ck_assert(guest_run());
    machine_stop();
}

/* Domain 1 grants its pages 0 to 3 to domain 2: 8 writable, 9 read-only, 10 to another, 11 not. */
static void granter(void *arg)
{
    (void)arg;
    show_table(1);
    for (unsigned int i = 0; i < 8; i++) {
        frames[i] = guest_mfn(guest_page(i));
        snprintf(guest_page(i), 20, "page %u", i);
    }
    grant_v1_to(8, GTF_permit_access, 2, frames[0]);
    grant_v1_to(9, GTF_permit_access | GTF_readonly, 2, frames[1]);
    grant_v1_to(10, GTF_permit_access, 3, frames[2]);
    grant_v1_to(11, GTF_invalid, 2, frames[3]);
}

static grant_entry_v1_t *entry(grant_ref_t ref)
{
    return grant_v1(hv->domains[1]->grant_table, ref);
}

static void mapper(void *arg)
{
    char *at = guest_page(MAP_PAGE), *at2 = guest_page(MAP_PAGE + 1);
    uint64_t mfn = guest_mfn(at), mfn2 = guest_mfn(at2);
    grant_handle_t second;

    (void)arg;
    ck_assert_int_eq(map_grant(1, 8, HOST, at, &handle), GNTST_okay);
    ck_assert_str_eq(at, "page 0");
    ck_assert_uint_eq(guest_mfn(at), frames[0]);
    ck_assert_ptr_eq(page_owner(hv, guest_mfn(at)), hv->domains[1]);
    ck_assert_uint_eq(entry(8)->flags, GTF_permit_access | GTF_reading | GTF_writing);
    ck_assert(can(at, true));
    strcpy(at, "from 2");
    ck_assert_str_eq(page_map(hv, frames[0]), "from 2");
    check_model();

    ck_assert_int_eq(map_grant(1, 9, HOST, at2, &second), GNTST_general_error);
    ck_assert_int_eq(map_grant(1, 9, HOST | RO, at2, &second), GNTST_okay);
    ck_assert_str_eq(at2, "page 1");
    ck_assert(can(at2, false));
    ck_assert(!can(at2, true));
    ck_assert_uint_eq(entry(9)->flags, GTF_permit_access | GTF_readonly | GTF_reading);
    check_model();

    /* A foreign frame is the owner's all the same. */
    ck_assert_int_eq(call3(__HYPERVISOR_update_va_mapping, (uintptr_t)guest_page(MAP_PAGE + 2),
                           PTE_MAKE(frames[0], PTE_PRESENT | PTE_USER), 0),
                     -EBUSY);
    ck_assert_int_eq(mmuext(MMUEXT_PIN_L1_TABLE, frames[0], 0), -EINVAL);

    ck_assert_int_eq(unmap_grant(at, 0, handle), GNTST_okay);
    ck_assert(!can(at, false));
    ck_assert_int_eq(unmap_grant(at2, 0, second), GNTST_okay);
    ck_assert_uint_eq(entry(8)->flags, GTF_permit_access);
    ck_assert_uint_eq(entry(9)->flags, GTF_permit_access | GTF_readonly);
    restore(at, mfn);
    restore(at2, mfn2);
    ck_assert_int_eq(map_grant(1, 10, HOST, at, &handle), GNTST_general_error);
    ck_assert_int_eq(map_grant(1, 11, HOST, at, &handle), GNTST_general_error);
    ck_assert_int_eq(map_grant(3, 8, HOST, at, &handle), GNTST_bad_domain);
    ck_assert_int_eq(map_grant(2, 8, HOST, at, &handle), GNTST_general_error);
    /* The frame is not, or no more, the granter's. */
    entry(8)->frame = (uint32_t)mfn;
    ck_assert_int_eq(map_grant(1, 8, HOST, at, &handle), GNTST_bad_page);
    ck_assert_int_eq(copy_from_grant(1, 8, mfn, 1), GNTST_bad_page);
    ck_assert_uint_eq(entry(8)->flags, GTF_permit_access);
}

/* Also a mapping that is left alone: machine_stop finds no reference. */
static void leaver(void *arg)
{
    (void)arg;
    ck_assert_int_eq(map_grant(1, 8, HOST, guest_page(MAP_PAGE), &handle), GNTST_okay);
    ck_assert_int_eq(map_grant(1, 9, HOST | DEVICE | RO, guest_page(MAP_PAGE + 1), &handle),
                     GNTST_okay);
    ck_assert_int_eq(map_grant(1, 8, DEVICE, NULL, &handle), GNTST_okay);
}

START_TEST(mapping)
{
    two(granter, mapper);
    two(granter, leaver);
}
END_TEST

static void copier(void *arg)
{
    char *mine = guest_page(0);
    uint64_t mfn = guest_mfn(mine);

    (void)arg;
    ck_assert_int_eq(copy_from_grant(1, 9, mfn, 10), GNTST_okay);
    ck_assert_str_eq(mine, "page 1");
    strcpy(mine, "to page 0");
    ck_assert_int_eq(copy_to_grant(mfn, 1, 8, 10), GNTST_okay);
    ck_assert_str_eq(page_map(hv, frames[0]), "to page 0");
    ck_assert_int_eq(copy_to_grant(mfn, 1, 9, 10), GNTST_general_error);
    ck_assert_int_eq(copy_from_grant(1, 10, mfn, 10), GNTST_general_error);
    ck_assert_int_eq(copy_from_grant(1, 512, mfn, 10), GNTST_bad_gntref);
    /* Of two foreign pages, neither is named by its frame. */
    ck_assert_int_eq(copy_grant(1, 9, 1, 8, 0, 10), GNTST_okay);
    ck_assert_str_eq(page_map(hv, frames[0]), "page 1");
    ck_assert_int_eq(copy_from_grant(1, 9, frames[0], 10), GNTST_bad_page);
    /* Pinned by another: not even to read. */
    model_watches = false;
    hv->domains[1]->grant_table->active[8] = (struct active_grant){.pinned = PIN_ONE(PIN_HOST_READ),
                                                                   .domid = 3,
                                                                   .mfn = (uint32_t)frames[0],
                                                                   .length = PAGE_SIZE};
    ck_assert_int_eq(copy_from_grant(1, 8, mfn, 10), GNTST_general_error);
    ck_assert_int_eq(map_grant(1, 8, HOST, guest_page(MAP_PAGE), &handle), GNTST_general_error);
    hv->domains[1]->grant_table->active[8] = (struct active_grant){.pinned = 0};
    model_watches = true;
}

START_TEST(copying) { two(granter, copier); }
END_TEST

/* ---- transitive grants: 1 grants to 2, and 2 what it has got to 3 ---- */

static void middle(void *arg)
{
    (void)arg;
    show_table(1);
    ck_assert_int_eq(set_version(2), 0);
    for (grant_ref_t ref = 8; ref < 14; ref++) {
        entry_v2(ref)->transitive.trans_domid = 1;
        entry_v2(ref)->transitive.gref = ref;
        entry_v2(ref)->hdr.domid = 3;
        entry_v2(ref)->hdr.flags = GTF_transitive;
    }
    entry_v2(12)->transitive.gref = 8;
    entry_v2(12)->hdr.flags |= GTF_readonly;
    entry_v2(13)->transitive.gref = 512;
}

static void last(void *arg)
{
    char *mine = guest_page(0), *at = guest_page(MAP_PAGE);
    uint64_t mfn = guest_mfn(mine);
    struct grant_table *t1 = hv->domains[1]->grant_table, *t2 = hv->domains[2]->grant_table;

    (void)arg;
    ck_assert_int_eq(copy_from_grant(2, 8, mfn, 10), GNTST_okay);
    ck_assert_str_eq(mine, "page 0");
    strcpy(mine, "from 3");
    ck_assert_int_eq(copy_to_grant(mfn, 2, 8, 10), GNTST_okay);
    ck_assert_str_eq(page_map(hv, frames[0]), "from 3");
    /* Both sides of one copy. */
    ck_assert_int_eq(copy_grant(2, 8, 2, 8, 0, 10), GNTST_okay);
    ck_assert_int_eq(copy_grant(2, 12, 2, 8, 0, 10), GNTST_okay);
    /* As much as the first grants, and as the second. */
    ck_assert_int_eq(copy_from_grant(2, 9, mfn, 10), GNTST_okay);
    ck_assert_str_eq(mine, "page 1");
    ck_assert_int_eq(copy_to_grant(mfn, 2, 9, 10), GNTST_general_error);
    ck_assert_int_eq(copy_to_grant(mfn, 2, 12, 10), GNTST_general_error);
    ck_assert_int_eq(copy_from_grant(2, 10, mfn, 10), GNTST_general_error);
    ck_assert_int_eq(copy_from_grant(2, 11, mfn, 10), GNTST_general_error);
    ck_assert_int_eq(copy_from_grant(2, 13, mfn, 10), GNTST_bad_gntref);
    ck_assert_int_eq(map_grant(2, 8, HOST | RO, at, &handle), GNTST_general_error);
    ck_assert_int_eq(copy_from_grant(1, 8, mfn, 10), GNTST_general_error);
    /* One step only: 3 to 2 to 3's own is one more than that when it is transitive again. */
    grant_v2(t2, 8)->transitive.gref = 8;
    ck_assert_uint_eq(*grant_status(t2, 8), 0);
    ck_assert_uint_eq(*grant_status(t1, 8), GTF_permit_access);
    grant_v2(t2, 8)->hdr.domid = 4;
    ck_assert_int_eq(copy_from_grant(2, 8, mfn, 10), GNTST_general_error);
    check_model();
    /* Mapped as a page of 2's own, then changed to a transitive one: Xen would never answer. */
    *grant_v2(t2, 20) =
        (grant_entry_v2_t){.full_page = {.hdr = {GTF_permit_access, 3}, .frame = frames[7]}};
    ck_assert_int_eq(map_grant(2, 20, HOST | RO, at, &handle), GNTST_okay);
    *grant_v2(t2, 20) =
        (grant_entry_v2_t){.transitive = {.hdr = {GTF_transitive, 3}, .trans_domid = 1, .gref = 8}};
    ck_assert_int_eq(copy_from_grant(2, 20, mfn, 10), GNTST_eagain);
    ck_assert_uint_eq(*grant_status(t1, 8), GTF_permit_access);
    ck_assert_int_eq(unmap_grant(at, 0, handle), GNTST_okay);
}

static void frame_for_middle(void *arg)
{
    middle(arg);
    frames[7] = guest_mfn(guest_page(7));
}

START_TEST(transitive)
{
    machine_start(60);
    guest_create(16, false, granter, NULL);
    guest_create(16, false, frame_for_middle, NULL);
    guest_create(16, false, last, NULL);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* A chain of two steps, and one that comes back. */
static void chain(void *arg)
{
    domid_t me = current->domain->id;

    (void)arg;
    show_table(1);
    ck_assert_int_eq(set_version(2), 0);
    frames[me] = guest_mfn(guest_page(0));
    entry_v2(8)->transitive.trans_domid = (domid_t)(me - 1);
    entry_v2(8)->transitive.gref = 8;
    entry_v2(8)->hdr.domid = (domid_t)(me + 1);
    entry_v2(8)->hdr.flags = GTF_transitive;
    entry_v2(9)->full_page.frame = frames[me];
    entry_v2(9)->hdr.domid = (domid_t)(me - 1);
    entry_v2(9)->hdr.flags = GTF_permit_access;
    if (me < 3)
        return;
    ck_assert_int_eq(copy_from_grant(2, 8, frames[3], 10), GNTST_general_error);
    /* 3 has granted to 2, which grants that back. */
    grant_v2(hv->domains[2]->grant_table, 8)->transitive.trans_domid = 3;
    grant_v2(hv->domains[2]->grant_table, 8)->transitive.gref = 9;
    strcpy(guest_page(0), "again");
    ck_assert_int_eq(copy_from_grant(2, 8, guest_mfn(guest_page(1)), 10), GNTST_okay);
    ck_assert_str_eq(guest_page(1), "again");
}

START_TEST(transitive_chain)
{
    machine_start(60);
    for (unsigned int i = 0; i < 3; i++)
        guest_create(16, false, chain, NULL);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* ---- limits ---- */

/* MAX_PINS mappings of REF for a device in one call; how many went well, the last handle. */
static unsigned int map_all(grant_ref_t ref, unsigned int flags, grant_handle_t *last_handle)
{
    struct gnttab_map_grant_ref *ops = guest_page(40);
    unsigned int done = 0;

    memset(ops, 0, MAX_PINS * sizeof(*ops));
    for (unsigned int i = 0; i < MAX_PINS; i++) {
        ops[i].flags = DEVICE | flags;
        ops[i].ref = ref;
        ops[i].dom = 1;
    }
    ck_assert_int_eq(gnttab(GNTTABOP_map_grant_ref, ops, MAX_PINS), 0);
    while (done < MAX_PINS && ops[done].status == GNTST_okay)
        *last_handle = ops[done++].handle;
    if (done < MAX_PINS)
        ck_assert_int_eq(ops[done].status, GNTST_no_space);
    return done;
}

static void many_handles(void *arg)
{
    grant_handle_t last_handle = 0, again;
    uint32_t mapped = 0, all = MAX_MAPTRACK_FRAMES * MAPTRACK_A_FRAME - 1;

    (void)arg;
    show_table(3);
    for (grant_ref_t ref = 8; ref < 3 * 512; ref++)
        grant_v1_to(ref, GTF_permit_access, 1, guest_mfn(guest_page(ref % 8)));
    for (grant_ref_t ref = 8; mapped < all; ref++) {
        unsigned int n = map_all(ref, 0, &last_handle);

        if (n == MAX_PINS)
            n += map_all(ref, RO, &last_handle);
        mapped += n;
        if (n < 2 * MAX_PINS)
            break;
        ck_assert_int_eq(map_grant(1, ref, DEVICE, NULL, &handle), GNTST_general_error);
        ck_assert_int_eq(map_grant(1, ref, DEVICE | HOST | RO, NULL, &handle), GNTST_general_error);
    }
    /* All but the one that stays in the list. */
    ck_assert_uint_eq(mapped, all);
    ck_assert_int_eq(unmap_grant(NULL, 1, last_handle), GNTST_bad_dev_addr);
    ck_assert_int_eq(unmap_grant(NULL, guest_mfn(guest_page(0)) << PAGE_SHIFT, 0), GNTST_okay);
    ck_assert_int_eq(map_grant(1, 1500, DEVICE, NULL, &again), GNTST_okay);
    ck_assert_int_eq(map_grant(1, 1500, DEVICE, NULL, &handle), GNTST_no_space);
    ck_assert_uint_ne(again, 0); /* the oldest free one, not the last freed */
}

START_TEST(handles) { guest_test(many_handles); }
END_TEST

static void many_frames(void *arg)
{
    struct gnttab_query_size size = {.dom = DOMID_SELF};

    (void)arg;
    ck_assert_ptr_null(current->domain->grant_table); /* it costs nothing until it is used */
    ck_assert_int_eq(setup(DOMID_SELF, MAX_GRANT_FRAMES + 1), GNTST_general_error);
    ck_assert_int_eq(setup(DOMID_SELF, MAX_GRANT_FRAMES), GNTST_okay);
    ck_assert_int_eq(gnttab(GNTTABOP_query_size, &size, 1), 0);
    ck_assert_uint_eq(size.nr_frames, MAX_GRANT_FRAMES);
    ck_assert_int_eq(set_version(2), 0);
    ck_assert_uint_eq(current->domain->grant_table->status_frames, MAX_STATUS_FRAMES);
}

/* The machine has no frame left that the hypervisor could share with a domain. */
static void no_memory(void *arg)
{
    struct gnttab_set_version two = {2};
    struct gnttab_query_size size = {.dom = DOMID_SELF};
    struct gnttab_get_version version = {.dom = DOMID_SELF};
    struct gnttab_swap_grant_ref swap = {0};
    unsigned int n = 0;

    (void)arg;
    while (page_allocate_special(current->domain))
        n++;
    ck_assert_int_eq(gnttab(GNTTABOP_set_version, &two, 1), -ENOMEM);
    ck_assert_int_eq(gnttab(GNTTABOP_get_version, &version, 1), -ENOMEM);
    ck_assert_int_eq(gnttab(GNTTABOP_query_size, &size, 1), 0);
    ck_assert_int_eq(size.status, GNTST_general_error);
    ck_assert_int_eq(setup(DOMID_SELF, 1), GNTST_general_error);
    ck_assert_int_eq(gnttab(GNTTABOP_swap_grant_ref, &swap, 1), 0);
    ck_assert_int_eq(swap.status, GNTST_general_error);
    ck_assert_int_eq(map_grant(1, 8, HOST, NULL, &handle), GNTST_general_error);
    ck_assert_int_eq(copy_from_grant(1, 8, 0, 1), GNTST_general_error);
    ck_assert_ptr_null(current->domain->grant_table);
}

static uint64_t special[8];

/* As many as are wanted are left. */
static void leave(unsigned int n)
{
    for (unsigned int i = 0; i < 8; i++)
        special[i] = page_allocate_special(current->domain);
    while (page_allocate_special(current->domain))
        ;
    for (unsigned int i = 0; i < n; i++)
        ck_assert(page_free_special(hv, special[i]));
}

static void little_memory(void *arg)
{
    struct grant_table *t;

    (void)arg;
    leave(4);
    ck_assert_int_eq(setup(DOMID_SELF, 1), GNTST_okay);
    t = current->domain->grant_table;
    ck_assert_int_eq(setup(DOMID_SELF, 5), GNTST_general_error); /* needs four, has three */
    ck_assert_uint_eq(t->frames, 1);
    ck_assert_int_eq(setup(DOMID_SELF, 4), GNTST_okay);
    ck_assert_int_eq(set_version(2), -ENOMEM);
    ck_assert_uint_eq(t->version, 1);
    ck_assert_uint_eq(t->status_frames, 0);
    ck_assert(page_free_special(hv, special[4]));
    ck_assert_int_eq(set_version(2), 0);
    for (unsigned int i = 5; i < 8; i++)
        ck_assert(page_free_special(hv, special[i]));
    ck_assert_int_eq(setup(DOMID_SELF, 7), GNTST_okay);
    ck_assert_int_eq(set_version(1), 0);
    ck_assert_int_eq(setup(DOMID_SELF, 8), GNTST_okay); /* where the status was */
    ck_assert_int_eq(set_version(2), -ENOMEM);
}

/* Nine frames of entries need two of status: of the two that are there, the first is no use. */
static void little_for_status(void *arg)
{
    struct grant_table *t;

    (void)arg;
    ck_assert_int_eq(setup(DOMID_SELF, 8), GNTST_okay);
    ck_assert_int_eq(set_version(2), 0);
    t = current->domain->grant_table;
    leave(1);
    ck_assert_int_eq(setup(DOMID_SELF, 9), GNTST_general_error);
    ck_assert_uint_eq(t->frames, 8);
    ck_assert_uint_eq(t->status_frames, 1);
}

START_TEST(growth)
{
    guest_test(many_frames);
    guest_test(no_memory);
    guest_test(little_memory);
    guest_test(little_for_status);
}
END_TEST

/* ---- who may ask about whom ---- */

static void nosy(void *arg)
{
    struct gnttab_query_size size = {.dom = 1};
    struct gnttab_get_version version = {.dom = 1};
    struct gnttab_get_status_frames status = {.dom = 1};
    bool privileged = current->domain->hardware_domain;

    (void)arg;
    ck_assert_int_eq(gnttab(GNTTABOP_query_size, &size, 1), 0);
    ck_assert_int_eq(size.status, privileged ? GNTST_okay : GNTST_permission_denied);
    ck_assert_uint_eq(size.nr_frames, privileged ? 1 : 0);
    ck_assert_int_eq(gnttab(GNTTABOP_get_version, &version, 1), privileged ? 0 : -EPERM);
    ck_assert_int_eq(gnttab(GNTTABOP_get_status_frames, &status, 1), 0);
    ck_assert_int_eq(status.status, privileged ? GNTST_okay : GNTST_permission_denied);
    ck_assert_int_eq(setup(1, 2), privileged ? GNTST_okay : GNTST_permission_denied);
    ck_assert_uint_eq(hv->domains[1]->grant_table->frames, privileged ? 2 : 1);
}

/* The rings are granted to domain 0 from the start, as xl does it. */
static void has_rings(void *arg)
{
    const start_info_t *si = domain_start_info(current->domain);
    const grant_entry_v1_t *table = show_table(1);

    (void)arg;
    ck_assert_uint_eq(table[GNTTAB_RESERVED_CONSOLE].flags, GTF_permit_access);
    ck_assert_uint_eq(table[GNTTAB_RESERVED_CONSOLE].domid, 0);
    ck_assert_uint_eq(table[GNTTAB_RESERVED_CONSOLE].frame, si->console.domU.mfn);
    ck_assert_uint_eq(table[GNTTAB_RESERVED_XENSTORE].frame, si->store_mfn);
    ck_assert_uint_eq(table[2].flags, 0);
}

static void has_none(void *arg)
{
    (void)arg;
    ck_assert_uint_eq(show_table(1)[GNTTAB_RESERVED_CONSOLE].flags, 0);
}

START_TEST(rights)
{
    guest_test(has_rings);
    guest_test_hardware(has_none);

    two(granter, nosy);
    machine_start(40);
    guest_create(16, false, granter, NULL);
    guest_create(16, true, nosy, NULL);
    ck_assert(guest_run());
    machine_stop();
}
END_TEST

/* ---- transfer ---- */

#define PFN 0x4321U

static void receiver(void *arg)
{
    (void)arg;
    show_table(1);
    for (grant_ref_t ref = 8; ref < 8 + 300; ref++)
        grant_v1_to(ref, GTF_accept_transfer, 2, PFN);
}

/* A free frame of the domain: nothing but its initial, unmapped, allocation. */
static uint64_t spare(unsigned int n)
{
    return current->domain->first_mfn + current->domain->extent_pages - 1 - n;
}

static void giver(void *arg)
{
    struct domain *other = hv->domains[1];
    uint64_t pages = current->domain->pages, others = other->pages;

    (void)arg;
    strcpy(page_map(hv, spare(0)), "a gift");
    ck_assert_int_eq(transfer(spare(0), 1, 8), GNTST_okay);
    ck_assert_ptr_eq(page_owner(hv, spare(0)), other);
    ck_assert_str_eq(page_map(hv, spare(0)), "a gift");
    ck_assert_uint_eq(m2p_get(hv, spare(0)), PFN);
    ck_assert_uint_eq(entry(8)->frame, spare(0));
    ck_assert_uint_eq(current->domain->pages, pages - 1);
    ck_assert_uint_eq(other->pages, others + 1);
    ck_assert_int_eq(transfer(spare(0), 1, 9), GNTST_bad_page); /* another's now */
    ck_assert_int_eq(transfer(guest_mfn(guest_page(0)), 1, 9), GNTST_bad_page);
    ck_assert_int_eq(transfer(hv->frames, 1, 9), GNTST_bad_page);
    ck_assert_int_eq(transfer(current->domain->shared_info_mfn, 1, 9), GNTST_bad_page);
    /* Until the other may have no more: it costs the frame. */
    for (unsigned int i = 1; i < 256; i++)
        ck_assert_int_eq(transfer(spare(i), 1, 8 + i), GNTST_okay);
    ck_assert_uint_eq(other->pages, other->max_pages);
    ck_assert_int_eq(transfer(spare(256), 1, 300), GNTST_general_error);
    ck_assert_ptr_null(page_owner(hv, spare(256)));
    ck_assert_uint_eq(entry(300)->flags, GTF_accept_transfer);
    ck_assert_uint_eq(current->domain->pages, pages - 257);
    ck_assert_int_eq(transfer(spare(257), 3, 8), GNTST_bad_domain);
    ck_assert_ptr_null(page_owner(hv, spare(257)));
}

START_TEST(transferring) { two(receiver, giver); }
END_TEST

/* ---- cache_flush of a mapped grant ---- */

static long flush(uint64_t mfn, unsigned long first)
{
    struct gnttab_cache_flush op = {
        .a.dev_bus_addr = mfn << PAGE_SHIFT, .length = 64, .op = GNTTAB_CACHE_CLEAN};

    return gnttab((unsigned int)(GNTTABOP_cache_flush | first), &op, 1);
}

static void flusher(void *arg)
{
    (void)arg;
    ck_assert_int_eq(flush(frames[0], 0), -EINVAL); /* not mapped */
    ck_assert_int_eq(map_grant(1, 8, DEVICE | RO, NULL, &handle), GNTST_okay);
    ck_assert_int_eq(flush(frames[0], 0), 0);
    ck_assert_int_eq(flush(frames[0], 0x1000), -EINVAL); /* looks from reference 4096 on */
    ck_assert_int_eq(flush(frames[1], 0), -EINVAL);
    ck_assert_int_eq(flush(0, 0), -EPERM);
    ck_assert_int_eq(flush(hv->next_fresh, 0), -EPERM);
    ck_assert_int_eq(unmap_grant(NULL, frames[0] << PAGE_SHIFT, handle), GNTST_okay);
    ck_assert_int_eq(flush(frames[0], 0), -EINVAL);
}

START_TEST(flushing) { two(granter, flusher); }
END_TEST

/* ---- version 2 between domains; a page given back while it is granted ---- */

static void granter_v2(void *arg)
{
    (void)arg;
    show_table(1);
    ck_assert_int_eq(set_version(2), 0);
    frames[0] = guest_mfn(guest_page(0));
    *entry_v2(8) =
        (grant_entry_v2_t){.full_page = {.hdr = {GTF_permit_access, 2}, .frame = frames[0]}};
    *entry_v2(9) = (grant_entry_v2_t){.sub_page = {.hdr = {GTF_permit_access | GTF_sub_page, 2},
                                                   .page_off = 64,
                                                   .length = 64,
                                                   .frame = frames[0]}};
}

static void mapper_v2(void *arg)
{
    struct domain *other = hv->domains[1];
    struct grant_table *t = other->grant_table;
    char *at = guest_page(MAP_PAGE);
    uint64_t mfn = guest_mfn(guest_page(0));

    (void)arg;
    ck_assert_int_eq(map_grant(1, 8, HOST, at, &handle), GNTST_okay);
    ck_assert_uint_eq(*grant_status(t, 8), GTF_reading | GTF_writing);
    ck_assert_uint_eq(grant_v2(t, 8)->hdr.flags, GTF_permit_access);
    ck_assert_int_eq(copy_from_grant(1, 9, mfn, 64), GNTST_general_error);
    ck_assert_int_eq(map_grant(1, 9, HOST, at, &handle), GNTST_general_error);
    strcpy(at, "kept");
    /* The owner gives it back: it is its own as long as it is mapped. */
    ck_assert(page_release(other, frames[0]));
    ck_assert_str_eq(at, "kept");
    ck_assert_int_eq(copy_from_grant(1, 8, mfn, 5), GNTST_okay);
    ck_assert_str_eq(guest_page(0), "kept");
}

START_TEST(version_2) { two(granter_v2, mapper_v2); }
END_TEST

/* A page that is lazy until someone looks: what is granted is made. */
static void p2m_granter(void *arg)
{
    const start_info_t *si = domain_start_info(current->domain);

    (void)arg;
    show_table(1);
    frames[0] = guest_mfn((const char *)si->mfn_list + 7 * PAGE_SIZE);
    grant_v1_to(8, GTF_permit_access | GTF_readonly, 2, frames[0]);
    grant_v1_to(9, GTF_permit_access | GTF_readonly, 2, frames[0]);
}

static void p2m_reader(void *arg)
{
    uint64_t *at = guest_page(MAP_PAGE);
    uint64_t expected = hv->domains[1]->first_mfn + 7 * 512 + 3, mine;

    (void)arg;
    ck_assert_int_eq(copy_from_grant(1, 9, guest_mfn(guest_page(0)), 64), GNTST_okay);
    ck_assert_uint_eq(((uint64_t *)guest_page(0))[3], expected);
    ck_assert_int_eq(map_grant(1, 8, HOST | RO, at, &handle), GNTST_okay);
    ck_assert_uint_eq(at[3], expected);
    /* Copied to a page that nobody has looked at: the rest of it is made too. */
    mine = guest_mfn((const char *)domain_start_info(current->domain)->mfn_list + 5 * PAGE_SIZE);
    ck_assert(page_info(hv, mine)->flags & PAGE_LAZY);
    ck_assert_int_eq(copy_from_grant(1, 9, mine, 8), GNTST_okay);
    ck_assert_uint_eq(((uint64_t *)page_map(hv, mine))[0], expected - 3);
    ck_assert_uint_eq(((uint64_t *)page_map(hv, mine))[1],
                      current->domain->first_mfn + 5 * 512 + 1);
}

START_TEST(lazy) { two(p2m_granter, p2m_reader); }
END_TEST

int main(void)
{
    Suite *s = suite_create("grant_table");
    TCase *c = tcase_create("all");
    SRunner *r;
    int failed;

    tcase_set_timeout(c, 60); /* a machine may have other things to do */
    tcase_add_test(c, mapping);
    tcase_add_test(c, copying);
    tcase_add_test(c, transitive);
    tcase_add_test(c, transitive_chain);
    tcase_add_test(c, handles);
    tcase_add_test(c, growth);
    tcase_add_test(c, rights);
    tcase_add_test(c, transferring);
    tcase_add_test(c, flushing);
    tcase_add_test(c, version_2);
    tcase_add_test(c, lazy);
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
