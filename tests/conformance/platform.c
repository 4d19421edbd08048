/* SPDX-License-Identifier: BSD-3-Clause
 *
 * platform_op: the hardware, of which real machines have much and a process nothing. Checked is
 * what is the same on both. It would catch a wall clock that cannot be set, and errors that are
 * not Xen's.
 */
#define __XEN_TOOLS__
#include "tap.h"

#include <xen/platform.h>

#include "core/clock.h"
#include "core/shared_info.h"

static struct xen_platform_op op;

/* Asks with what is in op.u. */
static long platform(uint32_t cmd)
{
    op.cmd = cmd;
    op.interface_version = XENPF_INTERFACE_VERSION;
    return hypercall(__HYPERVISOR_platform_op, HYPERCALL_ARG(&op), 0, 0, 0, 0);
}

static long platform_zero(uint32_t cmd)
{
    memset(&op, 0, sizeof op);
    return platform(cmd);
}

static void test_way_in(void)
{
    answers(hypercall(__HYPERVISOR_platform_op, HYPERCALL_ARG(WILD_POINTER), 0, 0, 0, 0),
            -XEN_EFAULT, "a wild pointer");
    memset(&op, 0, sizeof op);
    op.cmd = XENPF_get_cpuinfo;
    op.interface_version = XENPF_INTERFACE_VERSION + 1;
    answers(hypercall(__HYPERVISOR_platform_op, HYPERCALL_ARG(&op), 0, 0, 0, 0), -XEN_EACCES,
            "another version of the interface");
    answers(platform_zero(0), -XEN_ENOSYS, "operation 0");
    answers(platform_zero(9999), -XEN_ENOSYS, "operation 9999");
}

/* The second that the shared info page says it was at system time 0. */
static uint64_t wall_second(void)
{
    const shared_info_t *s = shared_info();

    return (uint64_t)s->wc_sec_hi << 32 | s->wc_sec;
}

static void test_time(void)
{
    const uint64_t before = wall_second(), then = 1234567890;
    uint32_t version = shared_info()->wc_version;

    ok(before > 1500000000, "it is after 2017");
    memset(&op, 0, sizeof op);
    op.u.settime64.secs = then + 5;
    op.u.settime64.nsecs = 7;
    op.u.settime64.system_time = 5000000000UL;
    answers(platform(XENPF_settime64), 0, "settime64");
    ok(wall_second() == then && shared_info()->wc_nsec == 7, "the wall clock is set");
    ok(shared_info()->wc_version != version && shared_info()->wc_version % 2 == 0,
       "its version says that it has changed");
    ok(clock_wall() / 1000000000 - then < 1000, "it goes on from there");
    op.u.settime64.mbz = 1;
    answers(platform(XENPF_settime64), -XEN_EINVAL, "with something that must be zero");
    memset(&op, 0, sizeof op);
    op.u.settime32.secs = (uint32_t)then + 100;
    op.u.settime32.nsecs = 2000000000;
    answers(platform(XENPF_settime32), 0, "settime32");
    ok(wall_second() == then + 102 && shared_info()->wc_nsec == 0, "with 2000000000 ns");
    memset(&op, 0, sizeof op);
    op.u.settime64.secs = 1UL << 33;
    answers(platform(XENPF_settime64), 0, "a time after 2106");
    ok(wall_second() == 1UL << 33, "is kept whole");
    memset(&op, 0, sizeof op);
    op.u.settime64.secs = before;
    platform(XENPF_settime64);
    ok(wall_second() == before, "and back");
}

static void test_processors(void)
{
    answers(platform_zero(XENPF_get_cpuinfo), 0, "get_cpuinfo");
    ok(op.u.pcpu_info.max_present == 0 && op.u.pcpu_info.flags == XEN_PCPU_FLAGS_ONLINE,
       "one processor, online");
    op.u.pcpu_info.xen_cpuid = 5;
    answers(platform(XENPF_get_cpuinfo), 0, "of processor 5");
    ok(op.u.pcpu_info.max_present == 0 && op.u.pcpu_info.flags == XEN_PCPU_FLAGS_INVALID,
       "which is none");
    answers(platform_zero(XENPF_get_cpu_version), 0, "get_cpu_version");
    ok(op.u.pcpu_version.family >= 6 && op.u.pcpu_version.vendor_id[0], "its maker and family");
    op.u.pcpu_version.xen_cpuid = 5;
    answers(platform(XENPF_get_cpu_version), 0, "of processor 5");
    ok(op.u.pcpu_version.family == 0 && !op.u.pcpu_version.vendor_id[0], "nothing");
    answers(platform_zero(XENPF_cpu_online), 0, "processor 0 online");
    op.u.cpu_ol.cpuid = 5;
    answers(platform(XENPF_cpu_online), -XEN_EINVAL, "processor 5 online");
    answers(platform_zero(XENPF_cpu_offline), -XEN_EOPNOTSUPP, "processor 0 offline");
    op.u.cpu_ol.cpuid = 5;
    answers(platform(XENPF_cpu_offline), -XEN_EINVAL, "processor 5 offline");
    answers(platform_zero(XENPF_cpu_hotadd), -XEN_EEXIST, "add processor 0");
    op.u.cpu_add.pxm = 1000;
    answers(platform(XENPF_cpu_hotadd), -XEN_EINVAL, "add it far away");
    answers(platform_zero(XENPF_core_parking), -XEN_EINVAL, "parking of no kind");
    op.u.core_parking.type = XEN_CORE_PARKING_SET;
    op.u.core_parking.idle_nums = 3;
    answers(platform(XENPF_core_parking), 0, "park three processors");
    op.u.core_parking.type = XEN_CORE_PARKING_GET;
    answers(platform(XENPF_core_parking), 0, "how many are parked");
    ok(op.u.core_parking.idle_nums == 0, "none: there is one only");
}

static xenpf_resource_entry_t entries[4];

static long resources(unsigned int count, unsigned int cpu)
{
    memset(&op, 0, sizeof op);
    op.u.resource_op.nr_entries = count;
    op.u.resource_op.cpu = cpu;
    set_xen_guest_handle(op.u.resource_op.entries, entries);
    return platform(XENPF_resource_op);
}

static void test_resources(void)
{
    answers(resources(0, 0), 0, "no resource");
    answers(resources(4, 0), -XEN_EINVAL, "four");
    entries[0].u.cmd = XEN_RESOURCE_OP_MSR_READ;
    entries[0].idx = 0x10;
    answers(resources(1, 0), 1, "the TSC");
    ok(entries[0].u.ret == 0, "is read");
    answers(resources(1, 5), -XEN_ENODEV, "on processor 5");
    entries[0].u.cmd = XEN_RESOURCE_OP_MSR_READ;
    entries[1].u.cmd = XEN_RESOURCE_OP_MSR_READ;
    entries[1].idx = 0x1b;
    answers(resources(2, 0), 1, "the TSC and another");
    ok(entries[0].u.ret == 0 && (int32_t)entries[1].u.ret == -XEN_EPERM, "the other is refused");
    entries[0].u.cmd = XEN_RESOURCE_OP_MSR_WRITE;
    answers(resources(1, 0), 0, "write the TSC");
    ok((int32_t)entries[0].u.ret == -XEN_EPERM, "is refused");
    entries[0].u.cmd = 9;
    answers(resources(1, 0), 0, "an access that is none");
    ok((int32_t)entries[0].u.ret == -XEN_EOPNOTSUPP, "is refused");
    entries[0].u.cmd = XEN_RESOURCE_OP_MSR_READ;
    entries[0].idx = 1UL << 32;
    answers(resources(1, 0), 0, "an MSR that is none");
    ok((int32_t)entries[0].u.ret == -XEN_EINVAL, "is refused");
    entries[0].rsvd = 1;
    answers(resources(1, 0), 0, "something reserved");
    ok((int32_t)entries[0].u.ret == -XEN_EINVAL, "is refused");
    memset(&op, 0, sizeof op);
    op.u.resource_op.nr_entries = 1;
    set_xen_guest_handle(op.u.resource_op.entries, WILD_POINTER);
    answers(platform(XENPF_resource_op), -XEN_EFAULT, "from nowhere");
}

static void test_firmware(void)
{
    static const struct {
        uint32_t type, index;
        long answer;
    } all[] = {
        {0, 0, -XEN_EINVAL},
        {99, 0, -XEN_EINVAL},
        {XEN_FW_DISK_INFO, 99, -XEN_ESRCH},
        {XEN_FW_DISK_MBR_SIGNATURE, 99, -XEN_ESRCH},
        {XEN_FW_VBEDDC_INFO, 1, -XEN_ESRCH},
        {XEN_FW_EFI_INFO, 0, -XEN_ENOSYS},
        {XEN_FW_KBD_SHIFT_FLAGS, 1, -XEN_ESRCH},
        {XEN_FW_KBD_SHIFT_FLAGS, 0, 0},
    };

    for (unsigned int i = 0; i < sizeof all / sizeof all[0]; i++) {
        memset(&op, 0, sizeof op);
        op.u.firmware_info.type = all[i].type;
        op.u.firmware_info.index = all[i].index;
        answers(platform(XENPF_firmware_info), all[i].answer, "firmware %u, index %u", all[i].type,
                all[i].index);
    }
    ok(op.u.firmware_info.u.kbd_shift_flags == 0, "no shift key");
    answers(platform_zero(XENPF_efi_runtime_call), -XEN_ENOSYS, "an EFI call");
}

static void test_others(void)
{
    char name[8] = "unset";

    answers(platform_zero(XENPF_platform_quirk), -XEN_EINVAL, "quirk 0");
    op.u.platform_quirk.quirk_id = QUIRK_IOAPIC_GOOD_REGSEL;
    answers(platform(XENPF_platform_quirk), 0, "a quirk that is none");
    op.u.platform_quirk.quirk_id = QUIRK_IOAPIC_BAD_REGSEL;
    answers(platform(XENPF_platform_quirk), 0, "a quirk that was one");
    answers(platform_zero(XENPF_microcode_update), -XEN_EINVAL, "no microcode");
    answers(platform_zero(XENPF_change_freq), -XEN_ENOSYS, "change_freq");
    answers(platform_zero(XENPF_getidletime), -XEN_ENOSYS, "getidletime");
    answers(platform_zero(XENPF_mem_hotadd), -XEN_EINVAL, "no memory more");
    memset(&op, 0, sizeof op);
    op.u.set_pminfo.type = 99;
    answers(platform(XENPF_set_processor_pminfo), -XEN_EINVAL, "power of a kind that is none");
    memset(&op, 0, sizeof op);
    op.u.del_memtype.handle = 1;
    answers(platform(XENPF_del_memtype), -XEN_EINVAL, "delete a memory type by a handle");
    op.u.del_memtype.handle = 0;
    op.u.del_memtype.reg = UINT32_MAX;
    answers(platform(XENPF_del_memtype), -XEN_EINVAL, "delete one that is none");
    memset(&op, 0, sizeof op);
    op.u.read_memtype.reg = 1000;
    answers(platform(XENPF_read_memtype), -XEN_EINVAL, "read one that is none");
    memset(&op, 0, sizeof op);
    op.u.symdata.symnum = UINT32_MAX;
    answers(platform(XENPF_get_symbol), -XEN_ERANGE, "a symbol far behind the last");
    memset(&op, 0, sizeof op);
    op.u.symdata.namelen = sizeof name;
    set_xen_guest_handle(op.u.symdata.name, name);
    answers(platform(XENPF_get_symbol), 0, "the first symbol, or none");
    ok(op.u.symdata.namelen >= 1 && strcmp(name, "unset") != 0, "its name");
    op.u.symdata.symnum = 0;
    op.u.symdata.namelen = sizeof name;
    set_xen_guest_handle(op.u.symdata.name, WILD_POINTER);
    answers(platform(XENPF_get_symbol), -XEN_EFAULT, "to nowhere");
}

int main(void)
{
    memset(shared_info()->evtchn_mask, 0xff, sizeof shared_info()->evtchn_mask);
    test_way_in();
    test_time();
    test_processors();
    test_resources();
    test_firmware();
    test_others();
    return tap_done();
}
