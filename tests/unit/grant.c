/* SPDX-License-Identifier: BSD-3-Clause */
#include "grant.h"

#include <setjmp.h>
#include <signal.h>

#include <valgrind/valgrind.h>

#define RW (PTE_PRESENT | PTE_USER | PTE_RW)

long gnttab(unsigned int op, void *argument, unsigned int count)
{
    return call3(__HYPERVISOR_grant_table_op, op, (uintptr_t)argument, count);
}

void restore(void *va, uint64_t mfn)
{
    ck_assert_int_eq(call3(__HYPERVISOR_update_va_mapping, (uintptr_t)va, PTE_MAKE(mfn, RW), 0), 0);
}

int setup(domid_t dom, unsigned int frames)
{
    xen_pfn_t list[MAX_GRANT_FRAMES];
    struct gnttab_setup_table op = {.dom = dom, .nr_frames = frames};

    set_xen_guest_handle(op.frame_list, list);
    ck_assert_int_eq(gnttab(GNTTABOP_setup_table, &op, 1), 0);
    return op.status;
}

grant_entry_v1_t *show_table(unsigned int frames)
{
    xen_pfn_t list[MAX_GRANT_FRAMES];
    struct gnttab_setup_table op = {.dom = DOMID_SELF, .nr_frames = frames};

    set_xen_guest_handle(op.frame_list, list);
    ck_assert_int_eq(gnttab(GNTTABOP_setup_table, &op, 1), 0);
    ck_assert_int_eq(op.status, GNTST_okay);
    for (unsigned int i = 0; i < frames; i++)
        restore(guest_page(TABLE_PAGE + i), list[i]);
    return guest_page(TABLE_PAGE);
}

void show_status(void *at)
{
    uint64_t mfn;
    struct gnttab_get_status_frames op = {.dom = DOMID_SELF, .nr_frames = 1};

    set_xen_guest_handle(op.frame_list, &mfn);
    ck_assert_int_eq(gnttab(GNTTABOP_get_status_frames, &op, 1), 0);
    ck_assert_int_eq(op.status, GNTST_okay);
    restore(at, mfn);
}

long set_version(uint32_t version)
{
    struct gnttab_set_version op = {version};

    return gnttab(GNTTABOP_set_version, &op, 1);
}

void grant_v1_to(grant_ref_t ref, unsigned int flags, domid_t to, uint64_t mfn)
{
    grant_entry_v1_t *table = guest_page(TABLE_PAGE);

    table[ref] = (grant_entry_v1_t){.flags = (uint16_t)flags, .domid = to, .frame = (uint32_t)mfn};
}

grant_entry_v2_t *entry_v2(grant_ref_t ref)
{
    return (grant_entry_v2_t *)guest_page(TABLE_PAGE) + ref;
}

int map_grant(domid_t dom, grant_ref_t ref, unsigned int flags, void *at, grant_handle_t *handle)
{
    struct gnttab_map_grant_ref op = {
        .host_addr = (uintptr_t)at, .flags = flags, .ref = ref, .dom = dom};

    ck_assert_int_eq(gnttab(GNTTABOP_map_grant_ref, &op, 1), 0);
    *handle = op.handle;
    return op.status;
}

int unmap_grant(void *at, uint64_t device_address, grant_handle_t handle)
{
    struct gnttab_unmap_grant_ref op = {
        .host_addr = (uintptr_t)at, .dev_bus_addr = device_address, .handle = handle};

    ck_assert_int_eq(gnttab(GNTTABOP_unmap_grant_ref, &op, 1), 0);
    return op.status;
}

static int copy(struct gnttab_copy op)
{
    ck_assert_int_eq(gnttab(GNTTABOP_copy, &op, 1), 0);
    return op.status;
}

int copy_grant(domid_t from, grant_ref_t from_ref, domid_t to, grant_ref_t to_ref,
               unsigned int offset, unsigned int len)
{
    return copy((struct gnttab_copy){
        .source = {.u.ref = from_ref, .domid = from, .offset = (uint16_t)offset},
        .dest = {.u.ref = to_ref, .domid = to, .offset = (uint16_t)offset},
        .len = (uint16_t)len,
        .flags = GNTCOPY_source_gref | GNTCOPY_dest_gref,
    });
}

int copy_to_grant(uint64_t mfn, domid_t to, grant_ref_t ref, unsigned int len)
{
    return copy((struct gnttab_copy){
        .source = {.u.gmfn = mfn, .domid = DOMID_SELF},
        .dest = {.u.ref = ref, .domid = to},
        .len = (uint16_t)len,
        .flags = GNTCOPY_dest_gref,
    });
}

int copy_from_grant(domid_t from, grant_ref_t ref, uint64_t mfn, unsigned int len)
{
    return copy((struct gnttab_copy){
        .source = {.u.ref = ref, .domid = from},
        .dest = {.u.gmfn = mfn, .domid = DOMID_SELF},
        .len = (uint16_t)len,
        .flags = GNTCOPY_source_gref,
    });
}

int transfer(uint64_t mfn, domid_t to, grant_ref_t ref)
{
    struct gnttab_transfer op = {.mfn = mfn, .domid = to, .ref = ref};

    ck_assert_int_eq(gnttab(GNTTABOP_transfer, &op, 1), 0);
    return op.status;
}

static sigjmp_buf back;

static void caught(int s)
{
    (void)s;
    siglongjmp(back, 1);
}

bool can(volatile char *va, bool write)
{
    struct sigaction old, new = {.sa_handler = caught};
    bool ok = false;

    VALGRIND_DISABLE_ERROR_REPORTING; /* the fault is what is asked for */
    sigaction(SIGSEGV, &new, &old);
    if (!sigsetjmp(back, 1)) {
        char c = *va;

        if (write)
            *va = c;
        ok = true;
    }
    sigaction(SIGSEGV, &old, NULL);
    VALGRIND_ENABLE_ERROR_REPORTING;
    return ok;
}
