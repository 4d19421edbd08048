/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The table of all hypercalls' arguments, and the small ones in it.
 */
#include "describe.h"

#include <xen/xen.h>

#include <string.h>

/* One row a line. */
/* clang-format off */

#define DIRECT(...) (&(const struct trace_operation){ .other = TRACE_CALL(__VA_ARGS__) })

static const struct trace_field trap_fields[] = {
    TRACE_FIELD(struct trap_info, "vector", vector, DEC, IN),
    TRACE_FIELD(struct trap_info, "flags", flags, HEX, IN),
    TRACE_FIELD(struct trap_info, "cs", cs, HEX, IN),
    TRACE_FIELD(struct trap_info, "address", address, HEX, IN),
};
static const struct trace_struct trap = TRACE_TYPE(struct trap_info, IN, trap_fields);

#define REGISTERS                                                                              \
    TRACE_REG(0, "a1", HEX), TRACE_REG(1, "a2", HEX), TRACE_REG(2, "a3", HEX),                 \
        TRACE_REG(3, "a4", HEX), TRACE_REG(4, "a5", HEX)

const struct trace_call trace_unknown_call = TRACE_CALL(REGISTERS);

const struct trace_operation *const trace_operations[TRACE_OPS] = {
    [__HYPERVISOR_set_trap_table] =
        DIRECT({.name = "traps", .kind = TRACE_TRAPS, .reg = 0, .type = &trap}),
    [__HYPERVISOR_mmu_update] = &trace_op_mmu_update,
    [__HYPERVISOR_set_gdt] = &trace_op_set_gdt,
    [__HYPERVISOR_stack_switch] = DIRECT(TRACE_REG(0, "ss", HEX), TRACE_REG(1, "sp", HEX)),
    [__HYPERVISOR_set_callbacks] =
        DIRECT(TRACE_REG(0, "event", HEX), TRACE_REG(1, "failsafe", HEX), TRACE_REG(2, "syscall", HEX)),
    [__HYPERVISOR_fpu_taskswitch] = DIRECT(TRACE_REG(0, "set", DEC)),
    [__HYPERVISOR_sched_op_compat] = &trace_op_sched_compat,
    [__HYPERVISOR_platform_op] = &trace_op_platform,
    [__HYPERVISOR_set_debugreg] = DIRECT(TRACE_REG(0, "reg", DEC), TRACE_REG(1, "value", HEX)),
    [__HYPERVISOR_get_debugreg] = DIRECT(TRACE_REG(0, "reg", DEC)),
    [__HYPERVISOR_update_descriptor] = &trace_op_update_descriptor,
    [__HYPERVISOR_memory_op] = &trace_op_memory,
    [__HYPERVISOR_multicall] = DIRECT(TRACE_REG(1, "count", DEC)), /* its entries are calls */
    [__HYPERVISOR_update_va_mapping] = &trace_op_update_va_mapping,
    [__HYPERVISOR_set_timer_op] = DIRECT(TRACE_REG(0, "timeout", TIME)),
    [__HYPERVISOR_event_channel_op_compat] = DIRECT(TRACE_REG(0, "op", HEX)),
    [__HYPERVISOR_xen_version] = &trace_op_version,
    [__HYPERVISOR_console_io] = &trace_op_console,
    [__HYPERVISOR_physdev_op_compat] = DIRECT(TRACE_REG(0, "op", HEX)),
    [__HYPERVISOR_grant_table_op] = &trace_op_grant_table,
    [__HYPERVISOR_vm_assist] = DIRECT(TRACE_REG(0, "cmd", DEC), TRACE_REG(1, "type", DEC)),
    [__HYPERVISOR_update_va_mapping_otherdomain] = &trace_op_update_va_mapping_otherdomain,
    [__HYPERVISOR_iret] = DIRECT(TRACE_REG(0, "frame", HEX)),
    [__HYPERVISOR_vcpu_op] = &trace_op_vcpu,
    [__HYPERVISOR_set_segment_base] = DIRECT(TRACE_REG(0, "which", DEC), TRACE_REG(1, "base", HEX)),
    [__HYPERVISOR_mmuext_op] = &trace_op_mmuext,
    [__HYPERVISOR_nmi_op] = &trace_op_nmi,
    [__HYPERVISOR_sched_op] = &trace_op_sched,
    [__HYPERVISOR_callback_op] = &trace_op_callback,
    [__HYPERVISOR_xenoprof_op] = DIRECT(TRACE_REG(0, "op", DEC), TRACE_REG(1, "arg", HEX)),
    [__HYPERVISOR_event_channel_op] = &trace_op_event_channel,
    [__HYPERVISOR_physdev_op] = &trace_op_physdev,
    [__HYPERVISOR_hvm_op] = &trace_op_hvm,
    [__HYPERVISOR_sysctl] = &trace_op_sysctl,
    [__HYPERVISOR_domctl] = &trace_op_domctl,
    [__HYPERVISOR_kexec_op] = DIRECT(TRACE_REG(0, "op", DEC), TRACE_REG(1, "arg", HEX)),
    [__HYPERVISOR_dm_op] =
        DIRECT(TRACE_REG(0, "domain", DOMID), TRACE_REG(1, "count", DEC), TRACE_REG(2, "buffers", HEX)),
    [__HYPERVISOR_hypfs_op] = DIRECT(REGISTERS),
};
/* clang-format on */

const char *trace_error_name(long result)
{
    static const struct {
        long number;
        const char *name;
    } errors[] = {
#define XEN_ERRNO(name, value) {value, #name},
#include <xen/errno.h>
    };

    for (size_t i = 0; i < TRACE_COUNT(errors); i++) {
        if (errors[i].number == -result)
            return errors[i].name;
    }
    return NULL;
}

/* FNV-1a */
static uint32_t add(uint32_t sum, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;

    for (size_t i = 0; i < len; i++)
        sum = (sum ^ p[i]) * 16777619U;
    return sum;
}

static uint32_t add_name(uint32_t sum, const char *name)
{
    return add(sum, name ? name : "", name ? strlen(name) + 1 : 1);
}

static uint32_t add_struct(uint32_t sum, const struct trace_struct *s)
{
    sum = add(sum, &s->size, sizeof(s->size));
    for (unsigned int i = 0; i < s->field_count; i++) {
        const struct trace_field *f = &s->fields[i];
        const uint16_t numbers[] = {f->offset, f->size, f->format, f->way};

        sum = add(add_name(sum, f->name), numbers, sizeof(numbers));
    }
    for (unsigned int i = 0; i < s->list_count; i++) {
        const struct trace_list *l = &s->lists[i];
        const uint16_t numbers[] = {l->pointer, l->count,  l->count_size,
                                    l->size,    l->format, l->way};

        sum = add(add_name(sum, l->name), numbers, sizeof(numbers));
    }
    return sum;
}

static uint32_t add_call(uint32_t sum, const struct trace_call *c)
{
    sum = add(sum, &c->count, sizeof(c->count));
    for (unsigned int i = 0; i < c->count; i++) {
        const struct trace_argument *a = &c->arguments[i];
        const uint8_t numbers[] = {a->kind, a->reg, a->count, a->format};

        sum = add(add_name(sum, a->name), numbers, sizeof(numbers));
        if (a->type)
            sum = add_struct(sum, a->type);
    }
    return sum;
}

uint32_t trace_layout(void)
{
    uint32_t sum = add_call(2166136261U, &trace_unknown_call);

    for (unsigned int op = 0; op < TRACE_OPS; op++) {
        const struct trace_operation *o = trace_operations[op];

        sum = add(sum, &op, sizeof(op));
        if (!o)
            continue;
        for (unsigned int i = 0; i < o->count; i++)
            sum = add_call(sum, &o->calls[i]);
        sum = add_call(sum, &o->other);
    }
    return sum;
}
