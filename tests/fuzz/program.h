/* SPDX-License-Identifier: BSD-3-Clause
 *
 * How records of a program become hypercalls: values (value.c), the shapes of arguments
 * (shapes.c), and what does it (program.c).
 */
#ifndef TESTS_FUZZ_PROGRAM_H
#define TESTS_FUZZ_PROGRAM_H

#include "fuzz.h"

enum value_kind {
    V_CONSTANT, /* the parameter */
    V_BELOW,    /* below the parameter, seldom any 32 bits */
    V_BITS,     /* so many bytes of the input */
    V_PORT,
    V_DOMID,
    V_FRAME,
    V_ENTRY,      /* of a page table */
    V_PLACE,      /* machine address of an entry, and the kind of mmu_update */
    V_BARE_PLACE, /* without the kind */
    V_ADDRESS,
    V_VCPU,
    V_VIRQ,
    V_TIME,
    V_ORDER,
    V_REF,    /* grant reference */
    V_HANDLE, /* grant handle */
    V_SELF,   /* DOMID_SELF */
    V_ROOT,   /* a frame, as cr3 has it */
    V_LENGTH, /* up to the parameter: more takes long and is nothing new */
    V_FEW,    /* below the parameter, seldom up to 255 */
};

uint64_t take(struct input *in, unsigned int bytes);
uint64_t value_make(const struct vcpu *v, struct input *in, enum value_kind kind,
                    unsigned int parameter);
void value_reset(void);
/* Frame numbers that the guest has got: V_FRAME will use them. */
void value_remember(const struct vcpu *v, uint64_t mfn);

/* A field of a struct in guest memory. */
struct field {
    uint16_t offset;
    uint8_t size, kind;
    uint8_t list; /* not 0: a guest address of four values of KIND, of LIST bytes each */
    unsigned int parameter;
};

#define FIELDS_MAX 10
struct shape {
    const char *name;
    unsigned int size;
    struct field fields[FIELDS_MAX];
};

enum argument_kind {
    A_VALUE,  /* of value_kind */
    A_STRUCT, /* the address of one SHAPE */
    A_ARRAY,  /* the address of one to four of them */
    A_COUNT,  /* how many they are */
    A_PDONE,  /* 0 or the address of a word */
};

struct argument {
    uint8_t kind, value;
    unsigned int parameter;
};

struct call_template {
    const char *name;
    unsigned int op;
    struct argument a[5];
    const struct shape *shape;
    /* After it the guest knows frames: from the struct's list, or its field at GIVES - 1. */
    bool gives_list;
    unsigned int gives;
};

extern const struct call_template call_templates[];
extern const unsigned int call_template_count;

#endif
