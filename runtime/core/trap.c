/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A guest is never interrupted, so an exception is always a fault of the program (or of
 * ours): one report, and the status that a Linux process would have died with.
 */
#include <stdint.h>

#include "core/console.h"
#include "core/domain.h"
#include "core/format.h"
#include "core/hypercall.h"
#include "core/shared_info.h"
#include "core/start.h"
#include "core/trap.h"

/* As trap_entry.S pushes it. */
struct trap_frame {
    uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t vector, error;
    uint64_t rip, cs, rflags, rsp, ss;
};

#define STUB_SIZE 16
extern const char trap_stubs[];

void trap_report(const struct trap_frame *frame) __attribute__((noreturn, used));

enum { VECTOR_PAGE_FAULT = 14, STATUS_SIGNAL = 128 };

/* The signal is the one that Linux sends for the vector, whose number makes the status. */
static const struct {
    uint8_t vector, signal;
    const char *name;
} vectors[] = {
    {0, 8, "divide error"},
    {1, 5, "debug trap"},
    {3, 5, "breakpoint"},
    {4, 11, "overflow"},
    {5, 11, "bound range exceeded"},
    {6, 4, "invalid opcode"},
    {7, 11, "no floating-point unit"},
    {10, 11, "invalid TSS"},
    {11, 7, "segment not present"},
    {12, 7, "stack fault"},
    {13, 11, "general protection fault"},
    {VECTOR_PAGE_FAULT, 11, "page fault"},
    {16, 8, "floating-point error"},
    {17, 7, "alignment check"},
    {19, 8, "SIMD floating-point error"},
};
#define VECTOR_COUNT (sizeof vectors / sizeof *vectors)

static const char *(*runtime_state)(uint64_t r13);

void trap_set_runtime_state(const char *(*state)(uint64_t r13)) { runtime_state = state; }

void trap_start(void)
{
    static struct trap_info table[VECTOR_COUNT + 1];

    for (unsigned int i = 0; i < VECTOR_COUNT; i++) {
        table[i].vector = vectors[i].vector;
        table[i].flags = 0;
        table[i].cs = FLAT_KERNEL_CS;
        table[i].address = (unsigned long)trap_stubs + STUB_SIZE * vectors[i].vector;
    }
    if (hypercall_set_trap_table(table) != 0)
        domain_panic("Xen refuses the trap table");
}

/* What the page fault's error code says (Intel's manual, volume 3, "page-fault exceptions"). */
static void report_page(const struct trap_frame *frame)
{
    uint64_t va = shared_vcpu_info()->arch.cr2;
    const char *action = frame->error & 0x10 ? "executing"
                         : frame->error & 2  ? "writing"
                                             : "reading";

    console_printf("  %s address 0x%lx: %s\n", action, (unsigned long)va,
                   memory_describe(va, frame->error & 1));
}

void trap_report(const struct trap_frame *frame)
{
    static bool reporting;
    unsigned int i;

    for (i = 0; i < VECTOR_COUNT - 1 && vectors[i].vector != frame->vector; i++)
        ;
    if (reporting)
        domain_crash(STATUS_SIGNAL + vectors[i].signal);
    reporting = true;
    console_printf("%s: domain %u: %s\n", guest_program_name, domain_id(), vectors[i].name);
    if (frame->vector == VECTOR_PAGE_FAULT)
        report_page(frame);
    else if (frame->error)
        console_printf("  error code 0x%lx\n", (unsigned long)frame->error);
    console_printf("  at rip 0x%lx, rsp 0x%lx; %s\n", (unsigned long)frame->rip,
                   (unsigned long)frame->rsp,
                   runtime_state ? runtime_state(frame->r13) : "no Haskell runtime");
    qemu_report("@%x\n", (unsigned int)frame->rip); /* all code is in the low 2 GiB */
    domain_crash(STATUS_SIGNAL + vectors[i].signal);
}
