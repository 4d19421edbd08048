/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sysctl: the machine as tools see it. What depends on it is checked for what must hold. It would
 * catch a shim that tells tools of a machine that cannot be, or loses what they set.
 */
#include "toolstack.h"

#include <stddef.h>

#include <xen/physdev.h>
#include <xen/sysctl.h>

#include "core/shared_info.h"

static struct xen_sysctl sys;
static char buffer[32768];

/* Asks with what is in sys.u. */
static long sysctl(uint32_t cmd)
{
    sys.cmd = cmd;
    sys.interface_version = XEN_SYSCTL_INTERFACE_VERSION;
    return hypercall(__HYPERVISOR_sysctl, HYPERCALL_ARG(&sys), 0, 0, 0, 0);
}

static long sysctl_zero(uint32_t cmd)
{
    memset(&sys, 0, sizeof sys);
    return sysctl(cmd);
}

static void test_way_in(void)
{
    answers(hypercall(__HYPERVISOR_sysctl, HYPERCALL_ARG(WILD_POINTER), 0, 0, 0, 0), -XEN_EFAULT,
            "a wild pointer");
    memset(&sys, 0, sizeof sys);
    sys.cmd = XEN_SYSCTL_sched_id;
    sys.interface_version = XEN_SYSCTL_INTERFACE_VERSION + 1;
    answers(hypercall(__HYPERVISOR_sysctl, HYPERCALL_ARG(&sys), 0, 0, 0, 0), -XEN_EACCES,
            "another version of the interface");
    answers(sysctl_zero(0), -XEN_ENOSYS, "operation 0");
    answers(sysctl_zero(9999), -XEN_ENOSYS, "operation 9999");
}

static void test_machine(void)
{
    const struct xen_sysctl_physinfo *info = &sys.u.physinfo;
    uint64_t free_pages;

    answers(sysctl_zero(XEN_SYSCTL_physinfo), 0, "physinfo");
    ok(info->nr_cpus == 1 && info->max_cpu_id == 0, "one processor");
    ok(info->threads_per_core == 1 && info->cores_per_socket == 1, "of one core");
    ok(info->nr_nodes == 1 && info->max_node_id == 63, "one node of 64");
    ok(info->cpu_khz > 100000, "of more than 100 MHz");
    ok(info->total_pages >= 32768 && info->free_pages < info->total_pages, "memory");
    ok(info->max_mfn >= info->total_pages - 1, "the last frame");
    ok(info->scrub_pages == 0 && info->outstanding_pages == 0, "none to be scrubbed or claimed");
    ok(info->capabilities & XEN_SYSCTL_PHYSCAP_pv, "it can have PV guests");
    ok(info->capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v1 &&
           info->capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v2,
       "with both kinds of grant tables");
    ok(!(info->capabilities & XEN_SYSCTL_PHYSCAP_directio), "no IOMMU");
    ok(info->hw_cap[0] & 1, "and an FPU");
    free_pages = info->free_pages;

    memset(&sys, 0, sizeof sys);
    sys.u.availheap.node = -1;
    answers(sysctl(XEN_SYSCTL_availheap), 0, "availheap");
    ok(sys.u.availheap.avail_bytes >> 12 <= free_pages, "no more than is free");
    ok(sys.u.availheap.avail_bytes > 0, "but something");
    free_pages = sys.u.availheap.avail_bytes;
    sys.u.availheap.node = 0;
    sysctl(XEN_SYSCTL_availheap);
    ok(sys.u.availheap.avail_bytes == free_pages, "all of it in node 0");
    sys.u.availheap.max_bitwidth = 64;
    sysctl(XEN_SYSCTL_availheap);
    ok(sys.u.availheap.avail_bytes == free_pages, "all of it within 64 bits");
    sys.u.availheap.max_bitwidth = 14;
    sysctl(XEN_SYSCTL_availheap);
    ok(sys.u.availheap.avail_bytes < 1 << 14, "little within 14");
    sys.u.availheap.max_bitwidth = 0;
    sys.u.availheap.min_bitwidth = 45;
    sysctl(XEN_SYSCTL_availheap);
    ok(sys.u.availheap.avail_bytes == 0, "none that needs 45");
}

static void test_processors(void)
{
    static xen_sysctl_cputopo_t topology[2];
    static xen_sysctl_cpuinfo_t info[2];
    static const struct {
        uint32_t op, cpu;
        long answer;
    } hotplug[] = {
        {XEN_SYSCTL_CPU_HOTPLUG_ONLINE, 0, -XEN_EEXIST},
        {XEN_SYSCTL_CPU_HOTPLUG_ONLINE, 7, -XEN_EINVAL},
        {XEN_SYSCTL_CPU_HOTPLUG_OFFLINE, 0, -XEN_EINVAL},
        {XEN_SYSCTL_CPU_HOTPLUG_OFFLINE, 7, -XEN_EINVAL},
        {XEN_SYSCTL_CPU_HOTPLUG_SMT_ENABLE, 0, -XEN_EOPNOTSUPP},
        {XEN_SYSCTL_CPU_HOTPLUG_SMT_DISABLE, 0, -XEN_EOPNOTSUPP},
        {9, 0, -XEN_EOPNOTSUPP},
    };

    info[1].idletime = 77;
    memset(&sys, 0, sizeof sys);
    sys.u.getcpuinfo.max_cpus = 2;
    set_xen_guest_handle(sys.u.getcpuinfo.info, info);
    answers(sysctl(XEN_SYSCTL_getcpuinfo), 0, "getcpuinfo");
    ok(sys.u.getcpuinfo.nr_cpus == 1 && info[1].idletime == 77, "of one processor");
    sys.u.getcpuinfo.max_cpus = 0;
    answers(sysctl(XEN_SYSCTL_getcpuinfo), 0, "of none");
    ok(sys.u.getcpuinfo.nr_cpus == 0, "is none");
    sys.u.getcpuinfo.max_cpus = 1;
    set_xen_guest_handle(sys.u.getcpuinfo.info, WILD_POINTER);
    answers(sysctl(XEN_SYSCTL_getcpuinfo), -XEN_EFAULT, "to nowhere");

    answers(sysctl_zero(XEN_SYSCTL_cputopoinfo), 0, "how many processors");
    ok(sys.u.cputopoinfo.num_cpus == 1, "one");
    topology[1].core = 77;
    topology[0].core = topology[0].socket = topology[0].node = 9;
    set_xen_guest_handle(sys.u.cputopoinfo.cputopo, topology);
    sys.u.cputopoinfo.num_cpus = 2;
    answers(sysctl(XEN_SYSCTL_cputopoinfo), 0, "cputopoinfo");
    ok(sys.u.cputopoinfo.num_cpus == 1 && topology[1].core == 77, "of one");
    ok(topology[0].node == 0, "in node 0");
    set_xen_guest_handle(sys.u.cputopoinfo.cputopo, WILD_POINTER);
    answers(sysctl(XEN_SYSCTL_cputopoinfo), -XEN_EFAULT, "to nowhere");
    for (unsigned int i = 0; i < sizeof hotplug / sizeof hotplug[0]; i++) {
        memset(&sys, 0, sizeof sys);
        sys.u.cpu_hotplug.op = hotplug[i].op;
        sys.u.cpu_hotplug.cpu = hotplug[i].cpu;
        answers(sysctl(XEN_SYSCTL_cpu_hotplug), hotplug[i].answer, "hotplug %u of processor %u",
                hotplug[i].op, hotplug[i].cpu);
    }
}

static void test_nodes(void)
{
    static xen_sysctl_meminfo_t memory[2];
    static uint32_t distance[2];

    answers(sysctl_zero(XEN_SYSCTL_numainfo), 0, "how many nodes");
    ok(sys.u.numainfo.num_nodes == 1, "one");
    memory[1].memsize = distance[1] = 77;
    sys.u.numainfo.num_nodes = 2;
    set_xen_guest_handle(sys.u.numainfo.meminfo, memory);
    set_xen_guest_handle(sys.u.numainfo.distance, distance);
    answers(sysctl(XEN_SYSCTL_numainfo), 0, "numainfo");
    ok(sys.u.numainfo.num_nodes == 1 && memory[1].memsize == 77 && distance[1] == 77, "of one");
    ok(memory[0].memsize >= 128UL << 20 && memory[0].memfree < memory[0].memsize, "its memory");
    ok(distance[0] == 10, "its distance from itself");
    set_xen_guest_handle(sys.u.numainfo.meminfo, WILD_POINTER);
    answers(sysctl(XEN_SYSCTL_numainfo), -XEN_EFAULT, "memory to nowhere");
    set_xen_guest_handle(sys.u.numainfo.meminfo, memory);
    set_xen_guest_handle(sys.u.numainfo.distance, WILD_POINTER);
    answers(sysctl(XEN_SYSCTL_numainfo), -XEN_EFAULT, "distances to nowhere");
    sys.u.numainfo.num_nodes = 0;
    answers(sysctl(XEN_SYSCTL_numainfo), 0, "of no node");
    ok(sys.u.numainfo.num_nodes == 0, "is none");
}

static void test_scheduler(void)
{
    struct xen_sysctl_scheduler_op *s = &sys.u.scheduler_op;

    answers(sysctl_zero(XEN_SYSCTL_sched_id), 0, "sched_id");
    ok(sys.u.sched_id.sched_id == XEN_SCHEDULER_CREDIT2, "credit2");
    memset(&sys, 0, sizeof sys);
    s->sched_id = XEN_SCHEDULER_CREDIT2;
    s->cmd = XEN_SYSCTL_SCHEDOP_getinfo;
    answers(sysctl(XEN_SYSCTL_scheduler_op), 0, "its parameters");
    ok(s->u.sched_credit2.ratelimit_us == 1000, "a rate limit of 1 ms");
    s->cmd = XEN_SYSCTL_SCHEDOP_putinfo;
    s->u.sched_credit2.ratelimit_us = 1;
    answers(sysctl(XEN_SYSCTL_scheduler_op), -XEN_EINVAL, "one that is too low");
    s->u.sched_credit2.ratelimit_us = 1000000;
    answers(sysctl(XEN_SYSCTL_scheduler_op), -XEN_EINVAL, "one that is too high");
    s->u.sched_credit2.ratelimit_us = 2000;
    answers(sysctl(XEN_SYSCTL_scheduler_op), 0, "one of 2 ms");
    s->u.sched_credit2.ratelimit_us = 0;
    s->cmd = XEN_SYSCTL_SCHEDOP_getinfo;
    sysctl(XEN_SYSCTL_scheduler_op);
    ok(s->u.sched_credit2.ratelimit_us == 2000, "is kept");
    s->cmd = 5;
    answers(sysctl(XEN_SYSCTL_scheduler_op), -XEN_EINVAL, "an operation that is none");
    s->cmd = XEN_SYSCTL_SCHEDOP_getinfo;
    s->cpupool_id = 3;
    answers(sysctl(XEN_SYSCTL_scheduler_op), -XEN_ESRCH, "a pool that is none");
    s->cpupool_id = 0;
    s->sched_id = XEN_SCHEDULER_RTDS;
    answers(sysctl(XEN_SYSCTL_scheduler_op), -XEN_EINVAL, "another scheduler");
}

static long pool(uint32_t operation, uint32_t id, uint32_t cpu, uint32_t domid)
{
    sys.u.cpupool_op.op = operation;
    sys.u.cpupool_op.cpupool_id = id;
    sys.u.cpupool_op.cpu = cpu;
    sys.u.cpupool_op.domid = domid;
    return sysctl(XEN_SYSCTL_cpupool_op);
}

static void test_pools(domid_t domid)
{
    static uint8_t map[2];
    const uint32_t any = XEN_SYSCTL_CPUPOOL_PAR_ANY;

    memset(&sys, 0, sizeof sys);
    sys.u.cpupool_op.cpumap.nr_bits = 16;
    set_xen_guest_handle(sys.u.cpupool_op.cpumap.bitmap, map);
    map[1] = 0xff;
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_INFO, 0, 0, 0), 0, "Pool-0");
    ok(sys.u.cpupool_op.sched_id == XEN_SCHEDULER_CREDIT2 && sys.u.cpupool_op.n_dom == 2,
       "its scheduler and domains");
    ok(map[0] == 1 && map[1] == 0, "its processor");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_INFO, 1, 0, 0), -XEN_ENOENT, "there is no other");
    map[0] = 0xff;
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_FREEINFO, 0, 0, 0), 0, "free processors");
    ok(map[0] == 0, "none");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_CREATE, 0, 0, 0), -XEN_EEXIST, "create pool 0");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 0, 0, 0), -XEN_EBUSY, "destroy pool 0");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_DESTROY, 5, 0, 0), -XEN_ENOENT, "destroy pool 5");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 5, 0, 0), -XEN_ENOENT, "add to pool 5");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 0, 0, 0), -XEN_ENODEV, "add what is not free");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 0, any, 0), -XEN_ENODEV, "add any that is free");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_ADDCPU, 0, 9, 0), -XEN_EINVAL, "add one that is none");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 5, 0, 0), -XEN_ENOENT, "remove from pool 5");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 0, 0, 0), -XEN_EINVAL, "remove the last");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 0, any, 0), -XEN_EINVAL, "remove any");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_RMCPU, 0, 9, 0), -XEN_EINVAL, "remove one that is none");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 0, 0, domid), 0, "a domain is there already");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 5, 0, domid), -XEN_ENOENT, "move it to pool 5");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 0, 0, 77), -XEN_ESRCH, "move nobody");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 0, 0, 0), -XEN_EPERM, "move oneself");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_MOVEDOMAIN, 0, 0, DOMID_SELF), -XEN_ESRCH, "move SELF");
    answers(pool(99, 0, 0, 0), -XEN_ENOSYS, "an operation that is none");
    set_xen_guest_handle(sys.u.cpupool_op.cpumap.bitmap, WILD_POINTER);
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_INFO, 0, 0, 0), -XEN_EFAULT, "Pool-0's map to nowhere");
    answers(pool(XEN_SYSCTL_CPUPOOL_OP_FREEINFO, 0, 0, 0), -XEN_EFAULT, "a free map to nowhere");
}

static void test_domains(domid_t domid)
{
    static struct xen_domctl_getdomaininfo list[4];

    memset(&sys, 0, sizeof sys);
    sys.u.getdomaininfolist.max_domains = 4;
    set_xen_guest_handle(sys.u.getdomaininfolist.buffer, list);
    answers(sysctl(XEN_SYSCTL_getdomaininfolist), 0, "getdomaininfolist");
    ok(sys.u.getdomaininfolist.num_domains == 2, "two domains");
    ok(list[0].domain == 0 && list[1].domain == domid, "in the order of their numbers");
    ok(list[1].flags == domain_info(domid)->flags, "as getdomaininfo has it");
    sys.u.getdomaininfolist.first_domain = 1;
    answers(sysctl(XEN_SYSCTL_getdomaininfolist), 0, "from 1 on");
    ok(sys.u.getdomaininfolist.num_domains == 1 && list[0].domain == domid, "the other one");
    sys.u.getdomaininfolist.first_domain = 0;
    sys.u.getdomaininfolist.max_domains = 1;
    answers(sysctl(XEN_SYSCTL_getdomaininfolist), 0, "one");
    ok(sys.u.getdomaininfolist.num_domains == 1 && list[0].domain == 0, "the first");
    set_xen_guest_handle(sys.u.getdomaininfolist.buffer, WILD_POINTER);
    answers(sysctl(XEN_SYSCTL_getdomaininfolist), -XEN_EFAULT, "to nowhere");
    sys.u.getdomaininfolist.max_domains = 0;
    answers(sysctl(XEN_SYSCTL_getdomaininfolist), 0, "none to nowhere");
}

static long read_console(uint32_t incremental, uint32_t index, uint32_t count)
{
    memset(&sys, 0, sizeof sys);
    sys.u.readconsole.incremental = (uint8_t)incremental;
    sys.u.readconsole.index = index;
    sys.u.readconsole.count = count;
    set_xen_guest_handle(sys.u.readconsole.buffer, buffer);
    return sysctl(XEN_SYSCTL_readconsole);
}

static int contains(const char *text, uint32_t length)
{
    size_t n = strlen(text);

    for (uint32_t i = 0; i + n <= length; i++) {
        if (memcmp(buffer + i, text, n) == 0)
            return 1;
    }
    return 0;
}

static void test_log(void)
{
    struct xen_sysctl_readconsole *r = &sys.u.readconsole;
    static const char keys[] = {'h'};
    uint32_t end;

    answers(read_console(0, 0, sizeof buffer), 0, "readconsole");
    ok(r->count <= 16384, "16 KiB at most");
    end = r->index;
    answers(read_console(1, end, sizeof buffer), 0, "from where it ended");
    ok(r->count == 0 && r->index == end, "nothing new");
    memset(&sys, 0, sizeof sys);
    sys.u.debug_keys.nr_keys = 1;
    set_xen_guest_handle(sys.u.debug_keys.keys, keys);
    answers(sysctl(XEN_SYSCTL_debug_keys), 0, "debug key h");
    answers(read_console(1, end, sizeof buffer), 0, "from where it ended");
    ok(r->count > 10 && r->index == end + r->count, "something new");
    ok(contains("(XEN) ", r->count) && contains("key", r->count), "of keys");
    answers(read_console(1, end, 4), 0, "four bytes of it");
    ok(r->count == 4 && r->index == end + 4, "four bytes");
    answers(read_console(1, end + 0x10000000, 1), 0, "from where it has not come to");
    ok(r->count == 1 && r->index != end + 0x10000001, "it begins at the beginning");
    memset(&sys, 0, sizeof sys);
    r->clear = 1;
    r->count = sizeof buffer;
    set_xen_guest_handle(r->buffer, buffer);
    answers(sysctl(XEN_SYSCTL_readconsole), 0, "clear it");
    answers(read_console(0, 0, sizeof buffer), 0, "readconsole");
    ok(r->count == 0, "it is empty");
    memset(&sys, 0, sizeof sys);
    sys.u.debug_keys.nr_keys = 1;
    set_xen_guest_handle(sys.u.debug_keys.keys, WILD_POINTER);
    answers(sysctl(XEN_SYSCTL_debug_keys), -XEN_EFAULT, "a key from nowhere");
    set_xen_guest_handle(sys.u.debug_keys.keys, keys);
    sysctl(XEN_SYSCTL_debug_keys);
    memset(&sys, 0, sizeof sys);
    r->count = 100;
    set_xen_guest_handle(r->buffer, WILD_POINTER);
    answers(sysctl(XEN_SYSCTL_readconsole), -XEN_EFAULT, "the log to nowhere");
}

static void test_trace(void)
{
    static uint8_t map[1] = {1};
    struct xen_sysctl_tbuf_op *t = &sys.u.tbuf_op;

    answers(sysctl_zero(XEN_SYSCTL_tbuf_op), 0, "trace buffers");
    ok(t->buffer_mfn == 0 && t->size == 0, "there are none");
    t->cmd = XEN_SYSCTL_TBUFOP_set_evt_mask;
    t->evt_mask = 0x1f000;
    answers(sysctl(XEN_SYSCTL_tbuf_op), 0, "which events");
    answers(sysctl_zero(XEN_SYSCTL_tbuf_op), 0, "trace buffers");
    ok(t->evt_mask == 0x1f000, "these");
    t->cmd = XEN_SYSCTL_TBUFOP_enable;
    answers(sysctl(XEN_SYSCTL_tbuf_op), -XEN_EINVAL, "trace without buffers");
    t->cmd = XEN_SYSCTL_TBUFOP_disable;
    answers(sysctl(XEN_SYSCTL_tbuf_op), 0, "do not trace");
    t->cmd = XEN_SYSCTL_TBUFOP_set_cpu_mask;
    t->cpu_mask.nr_bits = 8;
    set_xen_guest_handle(t->cpu_mask.bitmap, map);
    answers(sysctl(XEN_SYSCTL_tbuf_op), 0, "on which processors");
    set_xen_guest_handle(t->cpu_mask.bitmap, WILD_POINTER);
    answers(sysctl(XEN_SYSCTL_tbuf_op), -XEN_EFAULT, "from nowhere");
    t->cmd = 9;
    answers(sysctl(XEN_SYSCTL_tbuf_op), -XEN_EINVAL, "an operation that is none");
}

static void test_power(void)
{
    struct xen_sysctl_pm_op *p = &sys.u.pm_op;

    answers(sysctl_zero(XEN_SYSCTL_get_pmstat), -XEN_ENODEV, "power states of no kind");
    sys.u.get_pmstat.cpuid = 5;
    answers(sysctl(XEN_SYSCTL_get_pmstat), -XEN_EINVAL, "of a processor that is none");
    sys.u.get_pmstat.cpuid = 0;
    sys.u.get_pmstat.type = PMSTAT_get_max_px;
    answers(sysctl(XEN_SYSCTL_get_pmstat), -XEN_ENODEV, "of no frequency");
    answers(sysctl_zero(XEN_SYSCTL_pm_op), -XEN_ENOSYS, "pm_op 0");
    p->cpuid = 5;
    answers(sysctl(XEN_SYSCTL_pm_op), -XEN_EINVAL, "on a processor that is none");
    p->cpuid = 0;
    p->cmd = GET_CPUFREQ_PARA;
    answers(sysctl(XEN_SYSCTL_pm_op), -XEN_EINVAL, "parameters of frequencies");
    p->cmd = XEN_SYSCTL_pm_op_set_max_cstate;
    p->u.set_max_cstate = 2;
    answers(sysctl(XEN_SYSCTL_pm_op), 0, "limit the idle states");
    p->cmd = XEN_SYSCTL_pm_op_get_max_cstate;
    p->u.get_max_cstate = 0;
    answers(sysctl(XEN_SYSCTL_pm_op), 0, "the limit");
    ok(p->u.get_max_cstate == 2, "is kept");
    p->cpuid = 1;
    answers(sysctl(XEN_SYSCTL_pm_op), 0, "the limit of sub-states");
    ok(p->u.get_max_cstate == UINT32_MAX, "is none");
    p->cpuid = 2;
    answers(sysctl(XEN_SYSCTL_pm_op), -XEN_EINVAL, "the limit of something else");
    p->cmd = XEN_SYSCTL_pm_op_set_sched_opt_smt;
    answers(sysctl(XEN_SYSCTL_pm_op), -XEN_EINVAL, "saving power on processor 2");
    p->cpuid = 0;
    p->u.set_sched_opt_smt = 3;
    answers(sysctl(XEN_SYSCTL_pm_op), 0, "saving power");
    ok(p->u.set_sched_opt_smt == 0, "was off");
    answers(sysctl(XEN_SYSCTL_pm_op), 0, "not saving power");
    ok(p->u.set_sched_opt_smt == 1, "was on");
}

static void test_devices(void)
{
    static physdev_pci_device_t devices[2] = {{.bus = 0xff}, {.bus = 0xfe, .devfn = 3}};
    static uint32_t nodes[3] = {7, 7, 7};
    struct xen_sysctl_pcitopoinfo *t = &sys.u.pcitopoinfo;

    answers(sysctl_zero(XEN_SYSCTL_pcitopoinfo), -XEN_EINVAL, "nodes of devices nowhere");
    t->num_devs = 2;
    set_xen_guest_handle(t->devs, devices);
    answers(sysctl(XEN_SYSCTL_pcitopoinfo), -XEN_EINVAL, "to nowhere");
    set_xen_guest_handle(t->nodes, nodes);
    answers(sysctl(XEN_SYSCTL_pcitopoinfo), 0, "of devices that are none");
    ok(nodes[0] == XEN_INVALID_DEV && nodes[1] == XEN_INVALID_DEV && nodes[2] == 7, "say so");
    set_xen_guest_handle(t->nodes, WILD_POINTER);
    answers(sysctl(XEN_SYSCTL_pcitopoinfo), -XEN_EFAULT, "to a wild pointer");
    set_xen_guest_handle(t->devs, WILD_POINTER);
    answers(sysctl(XEN_SYSCTL_pcitopoinfo), -XEN_EFAULT, "from a wild pointer");
}

static void test_pages(void)
{
    static uint32_t status[2] = {9, 9};
    struct xen_sysctl_page_offline_op *p = &sys.u.page_offline;

    memset(&sys, 0, sizeof sys);
    p->start = 1;
    answers(sysctl(XEN_SYSCTL_page_offline_op), -XEN_EINVAL, "frames 1 to 0");
    p->start = p->end = 1U << 30;
    p->cmd = sysctl_query_page_offline;
    set_xen_guest_handle(p->status, status);
    answers(sysctl(XEN_SYSCTL_page_offline_op), -XEN_EINVAL, "a frame that is none");
    /* Xen 4.17 sets each byte to that, not each word (common/sysctl.c). */
    ok(status[0] == PG_OFFLINE_INVALID * 0x01010101U && status[1] == 9, "is not valid");
    p->cmd = 99;
    answers(sysctl(XEN_SYSCTL_page_offline_op), -XEN_EINVAL, "an operation that is none");
    p->start = p->end = 0x4000;
    p->cmd = sysctl_query_page_offline;
    answers(sysctl(XEN_SYSCTL_page_offline_op), 0, "a frame of memory");
    ok(status[0] == 0, "is in use");
    set_xen_guest_handle(p->status, WILD_POINTER);
    answers(sysctl(XEN_SYSCTL_page_offline_op), -XEN_EFAULT, "its status to nowhere");
}

static void test_policies(void)
{
    static uint32_t words[64];
    static xen_cpuid_leaf_t leaves[400];
    static xen_msr_entry_t msrs[4];
    struct xen_sysctl_cpu_featureset *f = &sys.u.cpu_featureset;
    struct xen_sysctl_cpu_policy *p = &sys.u.cpu_policy;
    uint32_t count;

    answers(sysctl_zero(XEN_SYSCTL_get_cpu_levelling_caps), 0, "what of CPUID can be hidden");
    answers(sysctl_zero(XEN_SYSCTL_get_cpu_featureset), 0, "how long a featureset is");
    count = f->nr_features;
    ok(count > 8 && count < 64, "some words");
    set_xen_guest_handle(f->features, words);
    f->index = XEN_SYSCTL_cpu_featureset_pv;
    f->nr_features = 64;
    answers(sysctl(XEN_SYSCTL_get_cpu_featureset), 0, "PV guests' featureset");
    ok(f->nr_features == count && words[0] & 1 && words[count] == 0, "that long, with an FPU");
    f->nr_features = 2;
    answers(sysctl(XEN_SYSCTL_get_cpu_featureset), -XEN_ENOBUFS, "place for two words");
    f->index = 99;
    answers(sysctl(XEN_SYSCTL_get_cpu_featureset), -XEN_EINVAL, "a featureset that is none");
    f->index = XEN_SYSCTL_cpu_featureset_host;
    set_xen_guest_handle(f->features, WILD_POINTER);
    answers(sysctl(XEN_SYSCTL_get_cpu_featureset), -XEN_EFAULT, "to nowhere");

    answers(sysctl_zero(XEN_SYSCTL_get_cpu_policy), 0, "how large a policy can be");
    ok(p->nr_leaves > 50 && p->nr_leaves < 400 && p->nr_msrs == 2, "leaves and MSRs");
    p->nr_leaves = 400;
    p->nr_msrs = 4;
    p->index = XEN_SYSCTL_cpu_policy_pv_default;
    set_xen_guest_handle(p->leaves, leaves);
    set_xen_guest_handle(p->msrs, msrs);
    answers(sysctl(XEN_SYSCTL_get_cpu_policy), 0, "PV guests' policy");
    ok(p->nr_leaves > 10 && p->nr_leaves < 400 && p->nr_msrs == 2, "leaves and MSRs");
    ok(leaves[0].leaf == 0 && leaves[0].a > 0, "leaf 0 is the first");
    p->index = 99;
    answers(sysctl(XEN_SYSCTL_get_cpu_policy), -XEN_EINVAL, "a policy that is none");
    p->index = 0;
    p->_rsvd = 1;
    answers(sysctl(XEN_SYSCTL_get_cpu_policy), -XEN_EINVAL, "something reserved");
    p->_rsvd = 0;
    p->nr_leaves = 1;
    answers(sysctl(XEN_SYSCTL_get_cpu_policy), -XEN_ENOBUFS, "place for one leaf");
    p->nr_leaves = 400;
    p->nr_msrs = 0;
    answers(sysctl(XEN_SYSCTL_get_cpu_policy), -XEN_ENOBUFS, "place for no MSR");
    set_xen_guest_handle(p->leaves, WILD_POINTER);
    answers(sysctl(XEN_SYSCTL_get_cpu_policy), -XEN_EFAULT, "leaves to nowhere");
}

static void test_patches(void)
{
    static char name[] = "patch";
    struct xen_sysctl_livepatch_op *l = &sys.u.livepatch;

    memset(&sys, 0, sizeof sys);
    l->pad = 1;
    answers(sysctl(XEN_SYSCTL_livepatch_op), -XEN_EINVAL, "live patches with padding");
    answers(sysctl_zero(XEN_SYSCTL_livepatch_op), -XEN_EINVAL, "upload one without a name");
    l->cmd = XEN_SYSCTL_LIVEPATCH_LIST;
    answers(sysctl(XEN_SYSCTL_livepatch_op), 0, "list them");
    ok(l->u.list.nr == 0 && l->u.list.name_total_size == 0, "there is none");
    l->u.list.nr = 1025;
    answers(sysctl(XEN_SYSCTL_livepatch_op), -XEN_E2BIG, "list 1025");
    l->u.list.nr = 0;
    l->u.list.pad = 1;
    answers(sysctl(XEN_SYSCTL_livepatch_op), -XEN_EINVAL, "list them with padding");
    memset(&sys, 0, sizeof sys);
    l->cmd = XEN_SYSCTL_LIVEPATCH_GET;
    answers(sysctl(XEN_SYSCTL_livepatch_op), -XEN_EINVAL, "one without a name");
    l->u.get.name.size = 200;
    answers(sysctl(XEN_SYSCTL_livepatch_op), -XEN_EINVAL, "one with a long name");
    l->u.get.name.size = sizeof name;
    set_xen_guest_handle(l->u.get.name.name, WILD_POINTER);
    answers(sysctl(XEN_SYSCTL_livepatch_op), -XEN_EFAULT, "a name from nowhere");
    set_xen_guest_handle(l->u.get.name.name, name);
    answers(sysctl(XEN_SYSCTL_livepatch_op), -XEN_ENOENT, "one that is none");
    l->u.get.name.pad[1] = 1;
    answers(sysctl(XEN_SYSCTL_livepatch_op), -XEN_EINVAL, "a name with padding");
    l->u.get.name.pad[1] = 0;
    l->u.get.name.size = 3;
    answers(sysctl(XEN_SYSCTL_livepatch_op), -XEN_EINVAL, "a name without an end");
    memset(&sys, 0, sizeof sys);
    l->cmd = XEN_SYSCTL_LIVEPATCH_ACTION;
    l->u.action.pad = 1;
    answers(sysctl(XEN_SYSCTL_livepatch_op), -XEN_EINVAL, "an action with padding");
    l->u.action.pad = 0;
    l->u.action.name.size = sizeof name;
    set_xen_guest_handle(l->u.action.name.name, name);
    answers(sysctl(XEN_SYSCTL_livepatch_op), -XEN_ENOENT, "an action on one that is none");
    l->cmd = 99;
    answers(sysctl(XEN_SYSCTL_livepatch_op), -XEN_EOPNOTSUPP, "an operation that is none");
}

static void test_others(void)
{
    answers(sysctl_zero(XEN_SYSCTL_perfc_op), -XEN_ENOSYS, "performance counters");
    answers(sysctl_zero(XEN_SYSCTL_lockprof_op), -XEN_ENOSYS, "profiles of locks");
    answers(sysctl_zero(XEN_SYSCTL_coverage_op), -XEN_EOPNOTSUPP, "coverage");
    answers(sysctl_zero(XEN_SYSCTL_psr_cmt_op), -XEN_ENODEV, "cache monitoring");
    for (uint32_t cmd = XEN_SYSCTL_PSR_get_l3_info; cmd <= XEN_SYSCTL_PSR_get_mba_info; cmd++) {
        memset(&sys, 0, sizeof sys);
        sys.u.psr_alloc.cmd = cmd;
        answers(sysctl(XEN_SYSCTL_psr_alloc),
                cmd == XEN_SYSCTL_PSR_get_l3_info || cmd == XEN_SYSCTL_PSR_get_l2_info ||
                        cmd == XEN_SYSCTL_PSR_get_mba_info
                    ? -XEN_ENODEV
                    : -XEN_EOPNOTSUPP,
                "cache allocation %u", cmd);
    }
    sys.u.psr_alloc.cmd = 99;
    answers(sysctl(XEN_SYSCTL_psr_alloc), -XEN_EOPNOTSUPP, "cache allocation 99");
}

int main(void)
{
    domid_t domid;

    memset(shared_info()->evtchn_mask, 0xff, sizeof shared_info()->evtchn_mask);
    domid = new_domain(1);
    ok(domid > 0, "one more domain");
    test_way_in();
    test_machine();
    test_processors();
    test_nodes();
    test_scheduler();
    test_pools(domid);
    test_domains(domid);
    test_log();
    test_trace();
    test_power();
    test_devices();
    test_pages();
    test_policies();
    test_patches();
    test_others();
    domctl_zero(XEN_DOMCTL_destroydomain, domid);
    return tap_done();
}
