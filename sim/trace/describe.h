/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the arguments of hypercalls are: which registers count, which of them point to structs of
 * Xen's headers in guest memory, and what fields those have. The recorder knows from it what to
 * copy, the reader what the copy means; so a trace can only be read with the table that it was
 * made with (trace_layout).
 */
#ifndef SIM_TRACE_DESCRIBE_H
#define SIM_TRACE_DESCRIBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How a value is written. */
enum trace_format {
    TRACE_DEC,
    TRACE_INT,    /* signed */
    TRACE_HEX,    /* addresses, frames, flags */
    TRACE_DOMID,  /* "self" and the like by name */
    TRACE_STATUS, /* GNTST_* */
    TRACE_REASON, /* SHUTDOWN_* */
    TRACE_VIRQ,
    TRACE_MMUEXT, /* MMUEXT_* */
    TRACE_TIME,   /* nanoseconds */
    TRACE_STRING, /* up to the first zero byte */
    TRACE_UUID,
};

/* What a call reads and what it writes. */
#define TRACE_IN    1U
#define TRACE_OUT   2U
#define TRACE_INOUT (TRACE_IN | TRACE_OUT)

struct trace_field {
    const char *name;
    uint16_t offset, size;
    uint8_t format, way;
};

/* A field that points to COUNT values of SIZE bytes. */
struct trace_list {
    const char *name;
    uint16_t pointer; /* offset of the guest address */
    uint16_t count;   /* offset of their number, */
    uint8_t count_size;
    uint8_t size, format, way;
};

struct trace_struct {
    uint16_t size;
    uint8_t way; /* of all fields and lists together */
    uint8_t field_count, list_count;
    const struct trace_field *fields;
    const struct trace_list *lists;
};

enum trace_argument_kind {
    TRACE_REGISTER, /* the value itself */
    TRACE_STRUCT,   /* points to one */
    TRACE_ARRAY,    /* points to several, as many as register COUNT says */
    TRACE_TEXT,     /* points to bytes, as many as register COUNT says */
    TRACE_TRAPS,    /* points to structs, of which the last has an address of 0 */
};

struct trace_argument {
    const char *name;
    uint8_t kind, reg, count, format;
    const struct trace_struct *type;
};

struct trace_call {
    bool known;
    uint8_t count;
    const struct trace_argument *arguments;
};

/* Where the number of a suboperation is. */
enum trace_number {
    TRACE_NUMBER_NONE,
    TRACE_NUMBER_REGISTER, /* as the hypervisor says at the call */
    TRACE_NUMBER_FIRST,    /* register 0 (grant_table_op) */
    TRACE_NUMBER_MEMORY,   /* the 32 bits at the address in register 0 (domctl ...) */
};

struct trace_operation {
    enum trace_number number;
    uint16_t count;
    const struct trace_call *calls; /* by suboperation; those that are not KNOWN are as OTHER */
    struct trace_call other;        /* and what has none */
};

/* In place of a suboperation's number, in traces: none, or none that Xen has. */
#define TRACE_NO_NUMBER 0xffffU

/* Of an array, a list or a set of traps so many elements are kept, of a text so many bytes. */
#define TRACE_ELEMENTS   8U
#define TRACE_TEXT_BYTES 128U

/* __HYPERVISOR_* are below. */
#define TRACE_OPS 64U

/* NULL: no hypercall has that number. */
extern const struct trace_operation *const trace_operations[TRACE_OPS];

/* What a call is like whose hypercall or number is unknown: five registers. */
extern const struct trace_call trace_unknown_call;

static inline const struct trace_call *trace_describe(unsigned int op, uint32_t number)
{
    const struct trace_operation *o = op < TRACE_OPS ? trace_operations[op] : NULL;

    if (!o)
        return &trace_unknown_call;
    return number < o->count && o->calls[number].known ? &o->calls[number] : &o->other;
}

/* "EINVAL" for -EINVAL; NULL if RESULT is not one of Xen's errors. */
const char *trace_error_name(long result);

/* A number that changes whenever any of this does. */
uint32_t trace_layout(void);

/* ---- for the tables ---- */

#define TRACE_FIELD(type, text, member, how, direction)                                            \
    {                                                                                              \
        .name = text, .offset = offsetof(type, member), .size = sizeof(((type *)NULL)->member),    \
        .format = TRACE_##how, .way = TRACE_##direction                                            \
    }
#define TRACE_POINTED(type, text, member, number, bytes, how, direction)                           \
    {                                                                                              \
        .name = text, .pointer = offsetof(type, member), .count = offsetof(type, number),          \
        .count_size = sizeof(((type *)NULL)->number), .size = bytes, .format = TRACE_##how,        \
        .way = TRACE_##direction                                                                   \
    }
#define TRACE_COUNT(array) (sizeof(array) / sizeof((array)[0]))
/* FIELDS and LISTS are arrays. */
#define TRACE_TYPE(type, direction, fields_)                                                       \
    {                                                                                              \
        .size = sizeof(type), .way = TRACE_##direction, .field_count = TRACE_COUNT(fields_),       \
        .fields = fields_                                                                          \
    }
#define TRACE_TYPE_LISTS(type, direction, fields_, lists_)                                         \
    {                                                                                              \
        .size = sizeof(type), .way = TRACE_##direction, .field_count = TRACE_COUNT(fields_),       \
        .fields = fields_, .list_count = TRACE_COUNT(lists_), .lists = lists_                      \
    }
#define TRACE_REG(n, text, how)                                                                    \
    {                                                                                              \
        .name = text, .kind = TRACE_REGISTER, .reg = n, .format = TRACE_##how                      \
    }
#define TRACE_PTR(n, struct_)                                                                      \
    {                                                                                              \
        .kind = TRACE_STRUCT, .reg = n, .type = &(struct_)                                         \
    }
#define TRACE_ARR(n, number, struct_)                                                              \
    {                                                                                              \
        .kind = TRACE_ARRAY, .reg = n, .count = number, .type = &(struct_)                         \
    }
#define TRACE_TXT(n, number)                                                                       \
    {                                                                                              \
        .name = "text", .kind = TRACE_TEXT, .reg = n, .count = number                              \
    }
#define TRACE_CALL(...)                                                                            \
    {                                                                                              \
        .known = true,                                                                             \
        .count = sizeof((struct trace_argument[]){__VA_ARGS__}) / sizeof(struct trace_argument),   \
        .arguments = (const struct trace_argument[])                                               \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define TRACE_CALL_EMPTY                                                                           \
    {                                                                                              \
        .known = true                                                                              \
    }

extern const struct trace_operation trace_op_event_channel, trace_op_sched, trace_op_sched_compat,
    trace_op_vcpu, trace_op_version, trace_op_console, trace_op_callback, trace_op_nmi,
    trace_op_physdev, trace_op_hvm;
extern const struct trace_operation trace_op_grant_table, trace_op_memory, trace_op_mmu_update,
    trace_op_mmuext, trace_op_update_va_mapping, trace_op_update_va_mapping_otherdomain,
    trace_op_update_descriptor, trace_op_set_gdt;
extern const struct trace_operation trace_op_domctl, trace_op_sysctl, trace_op_platform;

#endif
