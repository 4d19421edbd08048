/* SPDX-License-Identifier: BSD-3-Clause */
#define _GNU_SOURCE
#include "signal_frame.h"

#include <string.h>
#include <sys/auxv.h>
#include <ucontext.h>

/* The general registers: where ucontext.h has them, and where struct trap_frame does. */
static const struct {
    int from;
    size_t to;
} places[] = {
    {REG_R15, offsetof(struct trap_frame, r15)}, {REG_R14, offsetof(struct trap_frame, r14)},
    {REG_R13, offsetof(struct trap_frame, r13)}, {REG_R12, offsetof(struct trap_frame, r12)},
    {REG_R11, offsetof(struct trap_frame, r11)}, {REG_R10, offsetof(struct trap_frame, r10)},
    {REG_R9, offsetof(struct trap_frame, r9)},   {REG_R8, offsetof(struct trap_frame, r8)},
    {REG_RDI, offsetof(struct trap_frame, rdi)}, {REG_RSI, offsetof(struct trap_frame, rsi)},
    {REG_RBP, offsetof(struct trap_frame, rbp)}, {REG_RBX, offsetof(struct trap_frame, rbx)},
    {REG_RDX, offsetof(struct trap_frame, rdx)}, {REG_RCX, offsetof(struct trap_frame, rcx)},
    {REG_RAX, offsetof(struct trap_frame, rax)}, {REG_RIP, offsetof(struct trap_frame, rip)},
    {REG_RSP, offsetof(struct trap_frame, rsp)}, {REG_EFL, offsetof(struct trap_frame, rflags)},
};
#define PLACES (sizeof(places) / sizeof(places[0]))

struct trap_frame signal_registers(const void *context)
{
    const ucontext_t *uc = context;
    const greg_t *r = uc->uc_mcontext.gregs;
    struct trap_frame f = {.vector = (unsigned int)r[REG_TRAPNO],
                           .error_code = (uint32_t)r[REG_ERR],
                           .cr2 = (uint64_t)r[REG_CR2]};

    for (size_t i = 0; i < PLACES; i++)
        *(uint64_t *)(void *)((char *)&f + places[i].to) = (uint64_t)r[places[i].from];
    return f;
}

void signal_set_registers(void *context, const struct trap_frame *f)
{
    ucontext_t *uc = context;

    for (size_t i = 0; i < PLACES; i++)
        uc->uc_mcontext.gregs[places[i].from] =
            *(const greg_t *)(const void *)((const char *)f + places[i].to);
}

/* ---- the other registers ---- */

/* What fxsave stores; where in it Linux says what follows it (<asm/sigcontext.h>, _fpx_sw_bytes).
 */
#define LEGACY_SIZE  512U
#define MAGIC        0x46505853U /* FP_XSTATE_MAGIC1 */
#define MAGIC_OFFSET 464U
#define SIZE_OFFSET  480U /* xstate_size */
#define HEADER_SIZE  64U
/* And where it stores the control words and the registers. */
#define FCW_OFFSET    0U
#define FCW_INITIAL   0x37fU
#define MXCSR_OFFSET  24U
#define MXCSR_USUAL   0x1f80U
#define REGISTERS     32U
#define REGISTERS_END 416U

static char *fpu_of(const ucontext_t *uc, size_t *size)
{
    char *fpu = (char *)uc->uc_mcontext.fpregs;
    uint32_t magic, extended;

    memcpy(&magic, fpu + MAGIC_OFFSET, sizeof(magic));
    memcpy(&extended, fpu + SIZE_OFFSET, sizeof(extended));
    *size = magic == MAGIC && extended >= LEGACY_SIZE + HEADER_SIZE ? extended : LEGACY_SIZE;
    return fpu;
}

/* ---- thread-local memory ---- */

#define FSGSBASE 2U /* HWCAP2_FSGSBASE, <asm/hwcap2.h> */

uint64_t signal_fs_base; /* 0: not known */

void signal_keep_fs(void)
{
    if (getauxval(AT_HWCAP2) & FSGSBASE)
        __asm__ volatile("rdfsbase %0" : "=r"(signal_fs_base));
}

/* ---- the other registers, for others ---- */

const void *signal_fpu(const void *context, size_t *size) { return fpu_of(context, size); }

void signal_go_on(void *context, uint64_t rip, uint64_t rsp)
{
    ucontext_t *uc = context;
    greg_t *r = uc->uc_mcontext.gregs;
    size_t size;
    char *fpu = fpu_of(uc, &size);
    const uint32_t mxcsr = MXCSR_USUAL;
    const uint16_t fcw = FCW_INITIAL;

    r[REG_RIP] = (greg_t)rip;
    r[REG_RSP] = (greg_t)rsp;
    r[REG_EFL] = 0x202;
    if (size > LEGACY_SIZE) {
        memset(fpu + LEGACY_SIZE, 0, sizeof(uint64_t)); /* XSTATE_BV: all as after a reset */
        return;
    }
    memset(fpu, 0, MXCSR_OFFSET);
    memset(fpu + REGISTERS, 0, REGISTERS_END - REGISTERS);
    memcpy(fpu + FCW_OFFSET, &fcw, sizeof(fcw));
    memcpy(fpu + MXCSR_OFFSET, &mxcsr, sizeof(mxcsr));
}
