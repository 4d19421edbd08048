/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The small hypercalls: multicall, console_io, physdev_op, and those that a PV guest has little use
 * for, as the initial domain. It would catch a check that is made in another order than Xen's,
 * and an operation that is taken for another.
 *
 * Where Xen's answer depends on devices (lines of an I/O APIC, PCI, processor counters), only the
 * checks before that are asked for.
 */
#include "tap.h"

#include <xen/callback.h>
#include <xen/event_channel.h>
#include <xen/features.h>
#include <xen/kexec.h>
#include <xen/physdev.h>
#include <xen/sched.h>
#include <xen/version.h>

#include "core/domain.h"
#include "core/memory.h"

static long call(unsigned int op, unsigned long a1, unsigned long a2, unsigned long a3)
{
    return hypercall(op, a1, a2, a3, 0, 0);
}

#define WILD      ((unsigned long)WILD_POINTER)
#define XEN_RANGE 0xffff820000000000UL
#define P(p)      HYPERCALL_ARG(p)

/* ---- multicall ---- */

static long multicall(void *list, unsigned int count)
{
    return call(__HYPERVISOR_multicall, P(list), count, 0);
}

static void test_multicall(void)
{
    static uint8_t pages[2 * 4096] __attribute__((aligned(4096)));
    multicall_entry_t calls[4] = {
        {.op = __HYPERVISOR_xen_version, .args = {XENVER_pagesize}},
        {.op = __HYPERVISOR_multicall, .args = {0, 0}},
        {.op = __HYPERVISOR_xen_version, .args = {XENVER_pagesize, 1}},
        {.op = 1UL << 32 | __HYPERVISOR_xen_version, .args = {XENVER_pagesize}},
    };
    multicall_entry_t *edge = (multicall_entry_t *)(void *)(pages + 4096) - 1;
    multicall_entry_t outer = {.op = __HYPERVISOR_multicall, .args = {P(calls), 1}};

    answers(multicall(NULL, 0), 0, "a multicall of nothing");
    answers(multicall(WILD_POINTER, 0), 0, "from nowhere");
    answers(multicall((void *)XEN_RANGE, 0), -XEN_EFAULT, "from Xen's own range");
    answers(multicall(WILD_POINTER, 1), -XEN_EFAULT, "a wild list");
    answers(multicall(calls, 4), 0, "four entries");
    ok(calls[0].result == 4096, "the first has its result");
    ok((long)calls[1].result == -XEN_EINVAL, "a multicall in it is refused");
    ok((long)calls[2].result == -XEN_EINVAL, "the third its error");
    ok((long)calls[3].result == -XEN_ENOSYS, "an operation of more than 32 bits is none");
    calls[0].result = 0;
    answers(multicall(&outer, 1), 0, "a multicall of a multicall");
    ok((long)outer.result == -XEN_EINVAL && calls[0].result == 0, "whose entries are not done");
    answers(multicall(calls, 1), 0, "after that it works again");
    ok(calls[0].result == 4096, "with its result");
    *edge = calls[0];
    edge->result = 0;
    hypercall_update_va_mapping(pages + 4096, 0, UVMF_INVLPG);
    answers(multicall(edge, 2), -XEN_EFAULT, "a list that runs off its page");
    ok(edge->result == 4096, "the entry before the edge is done");
    answers(multicall((uint8_t *)edge + 8, 1), -XEN_EFAULT, "an entry across the edge");
    answers(multicall((void *)domain_start_info()->pt_base, 1), -XEN_EFAULT,
            "a list whose results cannot be stored");
    answers(multicall(calls, 1), 0, "after an error it works again");
}

/* ---- console_io ---- */

static void test_console(void)
{
    static char pages[2 * 4096] __attribute__((aligned(4096)));
    static char text[300];

    memset(text, '#', sizeof text);
    text[0] = '\n';
    text[sizeof text - 1] = '\n';
    answers(call(__HYPERVISOR_console_io, CONSOLEIO_write, 0, WILD), 0, "write nothing");
    answers(call(__HYPERVISOR_console_io, CONSOLEIO_write, 1, WILD), -XEN_EFAULT, "a wild byte");
    answers(call(__HYPERVISOR_console_io, CONSOLEIO_write, sizeof text, P(text)), 0,
            "write of 300 bytes");
    answers(call(__HYPERVISOR_console_io, CONSOLEIO_write, 11,
                 P("# gr\xc3\xbc\xc3\x9f"
                   "e\n")),
            0, "write of UTF-8");
    answers(call(__HYPERVISOR_console_io, CONSOLEIO_write, 0x100000000UL, WILD), 0,
            "the count has 32 bits");
    memcpy(pages + 4096 - 4, "#x\n#", 4);
    hypercall_update_va_mapping(pages + 4096, 0, UVMF_INVLPG);
    answers(call(__HYPERVISOR_console_io, CONSOLEIO_write, 5, P(pages + 4096 - 4)), -XEN_EFAULT,
            "write across an edge");
    /* The end of the input may be there already, as one byte. */
    ok((unsigned long)call(__HYPERVISOR_console_io, CONSOLEIO_read, 10, P(text)) <= 1, "read");
    answers(call(__HYPERVISOR_console_io, CONSOLEIO_read, 0, WILD), 0, "read nothing");
    ok((unsigned long)call(__HYPERVISOR_console_io, CONSOLEIO_read, 0x7fffffff, P(text)) <= 1,
       "read of 2 GiB - 1");
    answers(call(__HYPERVISOR_console_io, CONSOLEIO_read, 0x80000000, P(text)), -XEN_E2BIG,
            "read of 2 GiB");
    answers(call(__HYPERVISOR_console_io, 2, 0, 0), -XEN_ENOSYS, "console_io 2");
}

/* ---- physdev_op ---- */

static void test_physdev(void)
{
    /* Those that look at their argument before anything else. */
    static const uint8_t copying[] = {5,  6,  7,  8,  9,  10, 12, 13, 14, 15, 16, 17,
                                      19, 20, 21, 23, 24, 25, 26, 27, 28, 29, 30, 31};
    static const uint8_t none[] = {0, 1, 2, 3, 11, 18, 22, 32, 33};
    static uint8_t page[4096] __attribute__((aligned(4096)));
    physdev_map_pirq_t map = {.domid = DOMID_SELF};
    physdev_unmap_pirq_t unmap = {.domid = DOMID_SELF, .pirq = 0x7fff};
    physdev_irq_t vector = {.irq = 7};
    physdev_apic_t apic = {.apic_physbase = 0x1234};
    physdev_manage_pci_ext_t ext = {.is_extfn = 2};
    physdev_pci_device_t device = {.seg = 0x7777, .bus = 9};
    physdev_restore_msi_t restore = {.bus = 9};
    physdev_pirq_eoi_gmfn_t gmfn = {.gmfn = 0x7fffffff};
    physdev_irq_status_query_t query = {.irq = 0x7fffffff};
    physdev_eoi_t eoi = {.irq = 0x7fffffff};
    physdev_setup_gsi_t gsi = {.gsi = -1};
    physdev_pci_mmcfg_reserved_t mmcfg = {.flags = 2};
    physdev_dbgp_op_t dbgp = {.op = PHYSDEVOP_DBGP_RESET_PREPARE};
    const start_info_t *s = domain_start_info();
    const uint64_t *p2m = (const uint64_t *)s->mfn_list;

    for (unsigned int i = 0; i < sizeof copying; i++)
        answers(hypercall_physdev_op(copying[i], WILD_POINTER), -XEN_EFAULT,
                "physdev_op %u with a wild pointer", copying[i]);
    for (unsigned int i = 0; i < sizeof none; i++)
        answers(hypercall_physdev_op(none[i], WILD_POINTER), -XEN_ENOSYS, "physdev_op %u", none[i]);
    answers(hypercall_physdev_op(0xffffffff, NULL), -XEN_ENOSYS, "physdev_op -1");
    answers(hypercall_physdev_op(PHYSDEVOP_IRQ_UNMASK_NOTIFY, WILD_POINTER), 0,
            "IRQ_UNMASK_NOTIFY, which has no argument");
    map.type = 9;
    answers(hypercall_physdev_op(PHYSDEVOP_map_pirq, &map), -XEN_EINVAL, "map_pirq of type 9");
    map.type = MAP_PIRQ_TYPE_GSI;
    map.index = 0x7fffffff;
    answers(hypercall_physdev_op(PHYSDEVOP_map_pirq, &map), -XEN_EINVAL, "map_pirq of no line");
    map.index = -1;
    answers(hypercall_physdev_op(PHYSDEVOP_map_pirq, &map), -XEN_EINVAL, "map_pirq of line -1");
    map.type = MAP_PIRQ_TYPE_MSI;
    map.index = 0;
    answers(hypercall_physdev_op(PHYSDEVOP_map_pirq, &map), -XEN_EINVAL,
            "map_pirq of an MSI that is a line");
    map.domid = 0x7ff;
    answers(hypercall_physdev_op(PHYSDEVOP_map_pirq, &map), -XEN_ESRCH, "map_pirq of no domain");
    map.type = MAP_PIRQ_TYPE_MULTI_MSI;
    map.table_base = 1;
    answers(hypercall_physdev_op(PHYSDEVOP_map_pirq, &map), -XEN_EINVAL,
            "map_pirq of many MSIs in a table, looked at first");
    answers(hypercall_physdev_op(PHYSDEVOP_unmap_pirq, &unmap), -XEN_EINVAL,
            "unmap_pirq of what is not mapped");
    unmap.domid = 0x7ff;
    answers(hypercall_physdev_op(PHYSDEVOP_unmap_pirq, &unmap), -XEN_ESRCH,
            "unmap_pirq of no domain");
    answers(hypercall_physdev_op(PHYSDEVOP_alloc_irq_vector, &vector), 0, "alloc_irq_vector");
    ok(vector.vector == 7, "is the line's number");
    answers(hypercall_physdev_op(PHYSDEVOP_apic_read, &apic), -XEN_EINVAL, "apic_read nowhere");
    answers(hypercall_physdev_op(PHYSDEVOP_apic_write, &apic), -XEN_EINVAL, "apic_write nowhere");
    answers(hypercall_physdev_op(PHYSDEVOP_manage_pci_add_ext, &ext), -XEN_EINVAL,
            "manage_pci_add_ext of a function of kind 2");
    answers(hypercall_physdev_op(PHYSDEVOP_prepare_msix, &device), -XEN_ENODEV, "prepare_msix");
    answers(hypercall_physdev_op(PHYSDEVOP_release_msix, &device), -XEN_ENODEV, "release_msix");
    answers(hypercall_physdev_op(PHYSDEVOP_restore_msi_ext, &device), -XEN_ENODEV,
            "restore_msi_ext");
    answers(hypercall_physdev_op(PHYSDEVOP_pci_device_remove, &device), -XEN_ENODEV,
            "pci_device_remove");
    answers(hypercall_physdev_op(PHYSDEVOP_restore_msi, &restore), -XEN_ENODEV, "restore_msi");
    answers(hypercall_physdev_op(PHYSDEVOP_pirq_eoi_gmfn_v2, &gmfn), -XEN_EINVAL,
            "pirq_eoi_gmfn of no frame");
    gmfn.gmfn = p2m[(s->pt_base - memory_virt_base()) >> 12];
    answers(hypercall_physdev_op(PHYSDEVOP_pirq_eoi_gmfn_v2, &gmfn), -XEN_EINVAL,
            "pirq_eoi_gmfn of a page table");
    gmfn.gmfn = p2m[((uintptr_t)page - memory_virt_base()) >> 12];
    answers(hypercall_physdev_op(PHYSDEVOP_pirq_eoi_gmfn_v2, &gmfn), 0, "pirq_eoi_gmfn");
    answers(hypercall_physdev_op(PHYSDEVOP_pirq_eoi_gmfn_v1, &gmfn), -XEN_EBUSY, "once only");
    answers(hypercall_physdev_op(PHYSDEVOP_irq_status_query, &query), -XEN_EINVAL,
            "irq_status_query of no line");
    answers(hypercall_physdev_op(PHYSDEVOP_eoi, &eoi), -XEN_EINVAL, "eoi of no line");
    answers(hypercall_physdev_op(PHYSDEVOP_setup_gsi, &gsi), -XEN_EINVAL, "setup_gsi of no line");
    answers(hypercall_physdev_op(PHYSDEVOP_pci_mmcfg_reserved, &mmcfg), -XEN_EINVAL,
            "pci_mmcfg_reserved with flag 2");
    mmcfg.flags = XEN_PCI_MMCFG_RESERVED;
    mmcfg.segment = 0x77;
    answers(hypercall_physdev_op(PHYSDEVOP_pci_mmcfg_reserved, &mmcfg), -XEN_ENODEV,
            "pci_mmcfg_reserved of no segment");
    answers(hypercall_physdev_op(PHYSDEVOP_dbgp_op, &dbgp), 0, "dbgp_op without a debug port");
}

static void test_compat(void)
{
    struct physdev_op op = {.cmd = PHYSDEVOP_alloc_irq_vector};
    evtchn_send_t send = {.port = 0xffff};

    (void)send;
    op.u.irq_op.irq = 9;
    answers(call(__HYPERVISOR_physdev_op_compat, P(&op), 0, 0), 0, "physdev_op_compat");
    ok(op.u.irq_op.vector == 9, "does it in its argument");
    op.cmd = 99;
    answers(call(__HYPERVISOR_physdev_op_compat, P(&op), 0, 0), -XEN_ENOSYS, "operation 99");
    answers(call(__HYPERVISOR_physdev_op_compat, WILD, 0, 0), -XEN_EFAULT, "with a wild pointer");
    answers(call(__HYPERVISOR_sched_op_compat, SCHEDOP_yield, 0, 0), 0, "sched_op_compat yield");
    answers(call(__HYPERVISOR_sched_op_compat, SCHEDOP_poll, 0, 0), -XEN_ENOSYS, "poll");
    answers(call(__HYPERVISOR_sched_op_compat, 99, 0, 0), -XEN_ENOSYS, "99");
}

/* ---- for others than PV guests ---- */

static void test_hvm_op(void)
{
    static const uint8_t copying[] = {0, 1, 9, 10, 11, 15};
    static const uint8_t none[] = {2, 3, 4, 6, 7, 8, 12, 13, 14, 16, 17, 18, 19, 20, 21, 22, 26};
    static uint64_t argument[32];
    uint64_t first;

    for (unsigned int i = 0; i < sizeof copying; i++)
        answers(call(__HYPERVISOR_hvm_op, copying[i], WILD, 0), -XEN_EFAULT,
                "hvm_op %u with a wild pointer", copying[i]);
    for (unsigned int i = 0; i < sizeof none; i++)
        answers(call(__HYPERVISOR_hvm_op, none[i], P(argument), 0), -XEN_ENOSYS, "hvm_op %u",
                none[i]);
    answers(call(__HYPERVISOR_hvm_op, 1UL << 32, P(argument), 0), -XEN_ENOSYS,
            "the operation has 64 bits");
    for (unsigned int i = 0; i < 2; i++) {
        argument[0] = DOMID_SELF | 1UL << 32;
        answers(call(__HYPERVISOR_hvm_op, i, P(argument), 0), -XEN_EINVAL, "a parameter");
        argument[0] = 0x7ff | 1UL << 32;
        answers(call(__HYPERVISOR_hvm_op, i, P(argument), 0), -XEN_ESRCH, "of no domain");
        argument[0] = 0x7ff | 1000UL << 32;
        answers(call(__HYPERVISOR_hvm_op, i, P(argument), 0), -XEN_EINVAL, "one that is none");
    }
    argument[0] = DOMID_SELF;
    answers(call(__HYPERVISOR_hvm_op, 5, 0, 0), -XEN_EINVAL, "flush_tlbs");
    answers(call(__HYPERVISOR_hvm_op, 5, WILD, 0), -XEN_EINVAL, "flush_tlbs with an argument");
    answers(call(__HYPERVISOR_hvm_op, 9, P(argument), 0), -XEN_EINVAL, "pagetable_dying");
    answers(call(__HYPERVISOR_hvm_op, 15, P(argument), 0), -XEN_EINVAL, "get_mem_type");
    answers(call(__HYPERVISOR_hvm_op, 23, WILD, 0), -XEN_EINVAL, "upcall vector, wild");
    argument[0] = 0x7ff;
    answers(call(__HYPERVISOR_hvm_op, 9, P(argument), 0), -XEN_ESRCH, "pagetable_dying of nobody");
    answers(call(__HYPERVISOR_hvm_op, 15, P(argument), 0), -XEN_ESRCH, "get_mem_type of nobody");
    answers(call(__HYPERVISOR_hvm_op, 10, P(argument), 0), 0, "get_time");
    first = argument[0];
    call(__HYPERVISOR_hvm_op, 10, P(argument), 0);
    ok(first && argument[0] >= first, "which goes on");
    argument[0] = 0x1000;
    answers(call(__HYPERVISOR_hvm_op, 11, P(argument), 0), -XEN_EINVAL,
            "xentrace of a large event");
    argument[0] = 0xfffUL << 32;
    argument[0] = 0xfff | 8UL << 16;
    answers(call(__HYPERVISOR_hvm_op, 11, P(argument), 0), 0, "xentrace, while tracing is off");
    answers(call(__HYPERVISOR_hvm_op, 24, 0, 0), 0, "guest_request_vm_event");
    answers(call(__HYPERVISOR_hvm_op, 24, P(argument), 0), -XEN_EINVAL, "with an argument");
    answers(call(__HYPERVISOR_hvm_op, 25, P(argument), 0), -XEN_EOPNOTSUPP, "altp2m");

    answers(call(__HYPERVISOR_dm_op, 0, 0, P(argument)), -XEN_ENODATA, "dm_op without buffers");
    answers(call(__HYPERVISOR_dm_op, 0, 3, P(argument)), -XEN_E2BIG, "dm_op with three");
    answers(call(__HYPERVISOR_dm_op, 0, 1, WILD), -XEN_EFAULT, "dm_op with wild ones");
    answers(call(__HYPERVISOR_dm_op, 0, 2, P(argument)), -XEN_EPERM, "dm_op about itself");
    answers(call(__HYPERVISOR_dm_op, DOMID_SELF, 1, P(argument)), -XEN_ESRCH,
            "dm_op about DOMID_SELF");
    answers(call(__HYPERVISOR_dm_op, 0x7ff, 1, P(argument)), -XEN_ESRCH, "dm_op about nobody");
}

static void test_kexec(void)
{
    static uint64_t argument[64];
    xen_kexec_range_t range = {.range = KEXEC_RANGE_MA_CRASH, .size = 5, .start = 6};
    xen_kexec_load_t load = {.type = KEXEC_TYPE_CRASH, .arch = 62, .nr_segments = 16};

    for (unsigned long op = 0; op <= 6; op++)
        answers(call(__HYPERVISOR_kexec_op, op, WILD, 0), -XEN_EFAULT,
                "kexec_op %lu with a wild pointer", op);
    answers(call(__HYPERVISOR_kexec_op, 7, WILD, 0), 0, "kexec_op 7: Xen does not mind");
    argument[0] = KEXEC_TYPE_CRASH;
    answers(call(__HYPERVISOR_kexec_op, 0, P(argument), 0), -XEN_ENOENT, "crash without an image");
    answers(call(__HYPERVISOR_kexec_op, 2, P(argument), 0), 0, "unload_v1 of nothing");
    answers(call(__HYPERVISOR_kexec_op, 5, P(argument), 0), 0, "unload of nothing");
    answers(call(__HYPERVISOR_kexec_op, 6, P(argument), 0), 0, "status: no image");
    argument[0] = 2;
    answers(call(__HYPERVISOR_kexec_op, 0, P(argument), 0), -XEN_EINVAL, "exec of type 2");
    answers(call(__HYPERVISOR_kexec_op, 1, P(argument), 0), -XEN_EINVAL, "load_v1 of type 2");
    answers(call(__HYPERVISOR_kexec_op, 2, P(argument), 0), -XEN_EINVAL, "unload_v1 of type 2");
    answers(call(__HYPERVISOR_kexec_op, 5, P(argument), 0), -XEN_EINVAL, "unload of type 2");
    answers(call(__HYPERVISOR_kexec_op, 6, P(argument), 0), -XEN_EINVAL, "status of type 2");
    answers(call(__HYPERVISOR_kexec_op, 3, P(&range), 0), 0, "the range for crash kernels");
    ok(range.size == 0 && range.start == 0, "is empty");
    range.range = 99;
    answers(call(__HYPERVISOR_kexec_op, 3, P(&range), 0), -XEN_EINVAL, "a range that is none");
    answers(call(__HYPERVISOR_kexec_op, 4, P(&load), 0), -XEN_EINVAL, "load of 16 segments");
    load.nr_segments = 1;
    set_xen_guest_handle(load.segments.h, (xen_kexec_segment_t *)WILD_POINTER);
    answers(call(__HYPERVISOR_kexec_op, 4, P(&load), 0), -XEN_EFAULT, "load of a wild segment");
    load.nr_segments = 0;
    answers(call(__HYPERVISOR_kexec_op, 4, P(&load), 0), -XEN_EADDRNOTAVAIL,
            "load of a crash kernel, for which there is no place");
    load.type = KEXEC_TYPE_DEFAULT;
    load.arch = 40;
    answers(call(__HYPERVISOR_kexec_op, 4, P(&load), 0), -XEN_EINVAL, "load for ARM");
    load.type = 2;
    load.arch = 62;
    answers(call(__HYPERVISOR_kexec_op, 4, P(&load), 0), -XEN_EINVAL, "load of type 2");
}

static void test_others(void)
{
    static uint64_t argument[64];

    answers(call(__HYPERVISOR_xsm_op, P(argument), 0, 0), -XEN_ENOSYS, "xsm_op");
    answers(call(__HYPERVISOR_tmem_op, P(argument), 0, 0), -XEN_ENOSYS, "tmem_op");
    answers(call(__HYPERVISOR_argo_op, 1, P(argument), 0), -XEN_ENOSYS, "argo_op");
    answers(call(__HYPERVISOR_xenpmu_op, 0, P(argument), 0), -XEN_EOPNOTSUPP, "xenpmu_op 0");
    answers(call(__HYPERVISOR_xenpmu_op, 99, WILD, 0), -XEN_EOPNOTSUPP, "xenpmu_op 99");
    answers(call(__HYPERVISOR_xenoprof_op, 18, 0, 0), -XEN_EINVAL, "xenoprof_op 18");
    answers(call(__HYPERVISOR_xenoprof_op, 0xffffffff, 0, 0), -XEN_EINVAL, "xenoprof_op -1");
    answers(call(__HYPERVISOR_xenoprof_op, 0, WILD, 0), -XEN_EFAULT, "XENOPROF_init, wild");
    for (unsigned long op = 1; op <= 9; op++)
        answers(call(__HYPERVISOR_xenoprof_op, op, P(argument), 0), -XEN_EPERM,
                "xenoprof_op %lu of no profiler", op);
    for (unsigned int op = 43; op < 64; op++) {
        if (op != 48 && op != 49)
            answers(call(op, 0, 0, 0), -XEN_ENOSYS, "hypercall %u", op);
    }
    answers(call(11, 0, 0, 0), -XEN_ENOSYS, "hypercall 11");
    answers(call(127, 0, 0, 0), -XEN_ENOSYS, "hypercall 127");
}

/* ---- version ---- */

static long version(unsigned int op, void *argument)
{
    return call(__HYPERVISOR_xen_version, op, P(argument), 0);
}

static void test_version(void)
{
    static const uint8_t pointers[] = {1, 2, 3, 4, 5, 6, 8, 9};
    static char text[2048];
    static uint8_t handle[16];
    xen_build_id_t *id = (xen_build_id_t *)text;
    xen_platform_parameters_t parameters;
    long size;

    for (unsigned int i = 0; i < sizeof pointers; i++) {
        answers(version(pointers[i], WILD_POINTER), -XEN_EFAULT, "xen_version %u, wild",
                pointers[i]);
        answers(version(pointers[i], NULL), -XEN_EFAULT, "xen_version %u, null", pointers[i]);
        memset(text, 0, 8);
        answers(version(pointers[i], text), 0, "xen_version %u", pointers[i]);
    }
    memset(text, 0xff, sizeof text);
    version(XENVER_extraversion, text);
    ok(memchr(text, 0, 16) != NULL && !text[15] && (uint8_t)text[16] == 0xff,
       "extraversion: 16 bytes, filled with zeroes");
    memset(text, 0xff, sizeof text);
    version(XENVER_capabilities, text);
    ok(strncmp(text, "xen-3.0-x86_64 ", 15) == 0, "capabilities: PV of 64 bits first");
    ok(!text[1023] && (uint8_t)text[1024] == 0xff, "of 1024 bytes");
    memset(text, 0xff, sizeof text);
    version(XENVER_changeset, text);
    ok(memchr(text, 0, 64) != NULL && !text[63] && (uint8_t)text[64] == 0xff,
       "changeset: 64 bytes");
    memset(text, 0xff, sizeof text);
    version(XENVER_compile_info, text);
    ok(memchr(text, 0, 64) && !text[63] && memchr(text + 64, 0, 16) && !text[79] &&
           memchr(text + 80, 0, 32) && !text[111] && memchr(text + 112, 0, 32) && !text[143] &&
           (uint8_t)text[144] == 0xff,
       "compile_info: four texts");
    memset(text, 0xff, sizeof text);
    version(XENVER_commandline, text);
    ok(memchr(text, 0, 1024) && !text[1023] && (uint8_t)text[1024] == 0xff,
       "commandline: 1024 bytes");
    version(XENVER_platform_parameters, &parameters);
    ok(parameters.virt_start == HYPERVISOR_VIRT_START, "platform_parameters");
    memset(handle, 0xff, sizeof handle);
    answers(version(XENVER_guest_handle, handle), 0, "guest_handle");
    answers(version(XENVER_pagesize, WILD_POINTER), -XEN_EINVAL, "pagesize with an argument");
    answers(version(XENVER_version, WILD_POINTER), version(XENVER_version, NULL), "version");
    size = version(XENVER_build_id, NULL);
    ok(size == 20, "build_id has 20 bytes");
    answers(version(XENVER_build_id, WILD_POINTER), -XEN_EFAULT, "build_id, wild");
    id->len = 0;
    answers(version(XENVER_build_id, id), -XEN_EINVAL, "into no room");
    id->len = 19;
    answers(version(XENVER_build_id, id), -XEN_ENOBUFS, "into not enough room");
    id->len = 20;
    memset(id->buf, 0, 21);
    id->buf[20] = 0x77;
    answers(version(XENVER_build_id, id), 20, "into enough");
    ok(id->buf[20] == 0x77, "and no more is written");
    answers(version(11, text), -XEN_ENOSYS, "xen_version 11");
    answers(version(0xffffffff, text), -XEN_ENOSYS, "xen_version -1");
}

int main(void)
{
    test_multicall();
    test_console();
    test_physdev();
    test_compat();
    test_hvm_op();
    test_kexec();
    test_others();
    test_version();
    return tap_done();
}
