/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What CPUID says. In a run that shall be repeatable, on other machines too, it is what a processor
 * would say that has what each with 64 bits has had since 2006, and no more: no XSAVE, so that it
 * has no state whose size differs; no random numbers; no FSGSBASE, which a kernel may not allow.
 */
#include "trap.h"

#include <cpuid.h>

#define VENDOR "GenuineIntel"
#define BRAND  "A processor for a run that can be repeated"

/* The Nth four bytes of TEXT, with zeroes behind its end. */
#define WORD(text, n)                                                                              \
    ((uint32_t)(uint8_t)CHARACTER(text, 4 * (n)) |                                                 \
     (uint32_t)(uint8_t)CHARACTER(text, 4 * (n) + 1) << 8 |                                        \
     (uint32_t)(uint8_t)CHARACTER(text, 4 * (n) + 2) << 16 |                                       \
     (uint32_t)(uint8_t)CHARACTER(text, 4 * (n) + 3) << 24)
#define CHARACTER(text, n) ((n) < sizeof(text) ? (text)[(n) < sizeof(text) ? (n) : 0] : 0)

static const struct {
    uint32_t leaf;
    struct cpuid_leaf says;
} repeatable[] = {
    {0, {1, WORD(VENDOR, 0), WORD(VENDOR, 2), WORD(VENDOR, 1)}},
    /* Family 15, model 6; lines of 64 bytes for clflush. */
    {1,
     {0xf60, 0x800, bit_SSE3 | bit_CMPXCHG16B,
      1U << 0 | 1U << 2 | 1U << 3 | 1U << 4 | 1U << 5 | 1U << 6 |   /* FPU DE PSE TSC MSR PAE */
          1U << 7 | bit_CMPXCHG8B | 1U << 9 | 1U << 11 | 1U << 12 | /* MCE CX8 APIC SEP MTRR */
          1U << 13 | 1U << 14 | bit_CMOV | 1U << 16 | 1U << 17 |    /* PGE MCA CMOV PAT PSE36 */
          1U << 19 | bit_MMX | bit_FXSAVE | bit_SSE | bit_SSE2}},   /* CLFLUSH */
    {0x80000000, {0x80000008, 0, 0, 0}},
    {0x80000001, {0, 0, bit_LAHF_LM, 1U << 11 | 1U << 20 | bit_LM}}, /* SYSCALL NX */
    {0x80000002, {WORD(BRAND, 0), WORD(BRAND, 1), WORD(BRAND, 2), WORD(BRAND, 3)}},
    {0x80000003, {WORD(BRAND, 4), WORD(BRAND, 5), WORD(BRAND, 6), WORD(BRAND, 7)}},
    {0x80000004, {WORD(BRAND, 8), WORD(BRAND, 9), WORD(BRAND, 10), WORD(BRAND, 11)}},
    {0x80000008, {48U << 8 | 40U, 0, 0, 0}}, /* bits of addresses */
};

struct cpuid_leaf processor_says(const struct hypervisor *hv, uint32_t leaf, uint32_t subleaf)
{
    struct cpuid_leaf l = {0};

    if (!hv->repeatable) {
        __cpuid_count(leaf, subleaf, l.a, l.b, l.c, l.d);
        return l;
    }
    for (size_t i = 0; i < sizeof(repeatable) / sizeof(repeatable[0]); i++) {
        if (repeatable[i].leaf == leaf)
            l = repeatable[i].says;
    }
    return l;
}
