/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The registers for computing of guests whose hypercalls come by page: what the processor has of
 * them, and those that only another guest can change. Nothing in the hypervisor uses the x87, so
 * its registers stay where they are, and go to memory when the processor goes to somebody else who
 * may use them: another guest, or the host's own code. Whoever gets the processor finds none in
 * use.
 */
#include "internal.h"

#include <cpuid.h>

/* Components of XSAVE (processor manual, XCR0). */
#define XSTATE_X87     0x01U
#define XSTATE_AVX     0x04U
#define XSTATE_AVX512  0xe0U /* mask registers, upper halves of 16, the 16 others */
#define XSTATE_AVX_ALL (XSTATE_AVX | XSTATE_AVX512)

_Static_assert(XSTATE_AVX512 == VECTORS_XSTATE, "vectors.h");
_Static_assert(VCPU_MXCSR == MXCSR_INITIAL, "and this");

/* What fxsave stores, its beginning. */
struct fxsave {
    uint16_t fcw, fsw;
    uint8_t tags; /* a bit for each register in use */
    uint8_t unused[27];
    uint64_t registers[16];
};

/* Bit of CPUID 0xd.1: xgetbv tells which components are in use. */
#define TELLS_USE 0x4U

static uint32_t xgetbv(uint32_t which)
{
    uint32_t low, high;

    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(which));
    return low;
}

static void xsave(void *area, uint32_t which)
{
    __asm__ volatile("xsave64 (%0)" ::"r"(area), "a"(which), "d"(0) : "memory");
}

static void xrstor(const void *area, uint32_t which)
{
    __asm__ volatile("xrstor64 (%0)" ::"r"(area), "a"(which), "d"(0) : "memory");
}

/* LCOV_EXCL_START: a processor with AVX-512 */
/* Those of AVX-512 are where xsave puts them within the page that there is for that. */
static bool avx512_fits(void)
{
    for (uint32_t component = 5; component <= 7; component++) {
        uint32_t size, offset, c, d;

        __cpuid_count(0xd, component, size, offset, c, d);
        if (size + offset > PAGE_SIZE)
            return false;
    }
    return true;
}
/* LCOV_EXCL_STOP */

static struct processor_vectors ask(void)
{
    struct processor_vectors p = {.known = true};
    uint32_t a, b, c, d, enabled;

    __cpuid(1, a, b, c, d);
    if (!(c & bit_OSXSAVE) || __get_cpuid_max(0, NULL) < 0xd)
        return p; /* LCOV_EXCL_LINE: an old processor */
    enabled = xgetbv(0);
    p.avx = c & bit_AVX && (enabled & 6) == 6;
    __cpuid_count(0xd, 1, a, b, c, d);
    p.tells_use = a & TELLS_USE;
    /* Knights Landing has them, and does not tell whether they are in use: not there. */
    p.avx512 = p.tells_use && (enabled & XSTATE_AVX512) == XSTATE_AVX512 && avx512_fits();
    return p;
}

void vectors_ask(struct vcpu *v)
{
    struct processor_vectors *p = &v->domain->hv->vectors;

    /* Asking costs an exit where Linux is a virtual machine. */
    if (!p->known)
        *p = ask();
    v->has_avx = p->avx;
    v->has_avx512 = p->avx512;
}

void vectors_begin(const struct vcpu *v)
{
    if (v->has_avx)
        xrstor(vectors_unused, v->has_avx512 ? XSTATE_AVX_ALL : XSTATE_AVX);
}

/* MXCSR is the hypervisor's own at all times (vectors.h). */
static void fxrstor(const void *area)
{
    __asm__ volatile("fxrstor64 (%0)" ::"r"(area)
                     : "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7",
                       "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
}

/* There is something in registers, if only behind the top of the stack. */
static bool has_contents(const struct fxsave *area)
{
    uint64_t all = 0;

    for (unsigned int i = 0; i < 16; i++)
        all |= area->registers[i];
    return all;
}

/* What is in registers that are not in use is nobody's, but not the next one's to see either. */
bool x87_keep(struct vcpu *v)
{
    struct fxsave *area = v->hypercall_sp;
    bool used, tells_use = v->domain->hv->vectors.tells_use;

    if (tells_use) {
        if (!(xgetbv(1) & XSTATE_X87))
            return false;
        xsave(area, XSTATE_X87);
    } else {
        __asm__ volatile("fxsave64 (%0)" ::"r"(area) : "memory");
    }
    used = area->tags || area->fsw || area->fcw != VCPU_FCW;
    if (tells_use)
        xrstor(vectors_unused, XSTATE_X87);
    else if (used || has_contents(area))
        fxrstor(vectors_unused);
    return used;
}

void x87_give_back(struct vcpu *v)
{
    if (v->domain->hv->vectors.tells_use)
        xrstor(v->hypercall_sp, XSTATE_X87);
    else
        fxrstor(v->hypercall_sp);
}
