/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Exceptions: set_trap_table, and the frame that a guest's handler finds. It would catch a frame
 * of another layout, an error code as the processor has it where a guest's kernel must see another,
 * a wrong interrupt flag, and a software interrupt that is let through.
 *
 * What depends on the processor is not asked for: RF in the pushed flags and the instruction that
 * a jump to a non-canonical address is charged to. QEMU's emulation gives twice the number of the
 * vector in the error code of INT n, so handlers are there for both.
 */
#include "tap.h"
#include "exception.h"

#include "core/domain.h"

#define RFLAGS_RF 0x10000UL
#define RFLAGS_IF 0x200UL
#define RFLAGS_DF 0x400UL
#define RFLAGS_TF 0x100UL
#define RFLAGS_AC 0x40000UL
#define RFLAGS_NT 0x4000UL

#define NOT_MAPPED 0x123456789000UL

static uint8_t upcall_mask(void) { return shared_vcpu_info()->evtchn_upcall_mask; }
static void set_upcall_mask(uint8_t mask) { shared_vcpu_info()->evtchn_upcall_mask = mask; }

/* What every frame must be; BACK is how far the frame's rip is before the place to resume at. */
static void check_frame(int64_t vector, unsigned long back, const char *what)
{
    struct bounced b = bounced();
    unsigned int words = has_error_code(vector) ? 8 : 7;

    ok(seen.vector == vector, "%s: vector %d", what, (int)vector);
    if (seen.vector != vector)
        printf("# %ld\n", (long)seen.vector);
    ok(b.rip == seen.resume_rip - back, "%s: rip", what);
    if (b.rip != seen.resume_rip - back)
        printf("# %lx, not %lx\n", b.rip, seen.resume_rip - back);
    ok((b.cs & 0xffff) == (FLAT_KERNEL_CS & ~3UL), "%s: cs says kernel mode by its ring 0", what);
    ok(b.ss == FLAT_KERNEL_SS, "%s: ss", what);
    ok(seen.rsp == (b.rsp & ~15UL) - words * 8, "%s: the frame is below the aligned stack", what);
}

static void test_frames(void)
{
    attempt("movq $0x1234, %%rcx\n\tmovq $0x5678, %%r11\n\tud2");
    check_frame(6, 2, "ud2");
    ok(bounced().rcx == 0x1234 && bounced().r11 == 0x5678, "rcx and r11 are in the frame");
    ok(bounced().rsp == seen.resume_rsp, "rsp is in the frame");
    ok(seen.rcx == stub(6), "at the handler rcx is its address");
    ok(seen.r11 == seen.rflags, "and r11 its flags");
    attempt("xorl %%ecx, %%ecx\n\tdivl %%ecx");
    check_frame(0, 2, "division by zero");
    attempt("int3");
    check_frame(3, 0, "int3");
    attempt("int $3");
    check_frame(3, 0, "int $3");
    attempt("int $4");
    check_frame(4, 0, "int $4");
    attempt("hlt");
    check_frame(13, 1, "hlt");
    ok(bounced().error == 0, "with error code 0");
    attempt("fninit\n\tpushq $0x340\n\tfldcw (%%rsp)\n\tpopq %%rax\n\tfldz\n\tfld1\n\tfdivp\n\t"
            "fwait\n\tfninit");
    check_frame(16, 3, "x87 division by zero");
    __asm__ volatile("fninit");
    attempt("movq $0x1234567890000000, %%rax\n\tmovq (%%rax), %%rax");
    check_frame(13, 3, "a non-canonical address");
    ok(bounced().error == 0, "with error code 0");
    attempt("movl $0x1234, %%eax\n\tmovl %%eax, %%ds");
    check_frame(13, 2, "a selector beyond all tables");
    ok(bounced().error == 0x1234, "is its error code");
    attempt("subq $3, %%rsp\n\tud2");
    check_frame(6, 2, "with a stack that is not aligned");
    ok(bounced().rsp == seen.resume_rsp - 3, "which is in the frame as it was");
    attempt("subq $8, %%rsp\n\tud2");
    check_frame(6, 2, "with a stack aligned to 8");
    /* What else a kernel in ring 3 cannot do, and Xen does not do for it. */
    attempt("invlpg (%%rsp)");
    check_frame(13, seen.resume_rip - bounced().rip, "invlpg");
    attempt("lgdt (%%rsp)");
    check_frame(13, seen.resume_rip - bounced().rip, "lgdt");
    attempt("invd");
    check_frame(13, 2, "invd");
    attempt("movq %%cr8, %%rax");
    check_frame(13, seen.resume_rip - bounced().rip, "mov from cr8");
    attempt("lmsw %%ax");
    check_frame(13, 3, "lmsw");
}

static void test_page_faults(void)
{
    const void *table = (const void *)(uintptr_t)domain_start_info()->pt_base;

    attempt("movq $0x123456789000, %%rax\n\tmovq (%%rax), %%rax");
    check_frame(14, 3, "a read where nothing is");
    ok(bounced().error == 0, "error code 0: no user, though in ring 3");
    ok(shared_vcpu_info()->arch.cr2 == NOT_MAPPED, "the address is in vcpu_info");
    attempt("movq $0x123456789008, %%rax\n\tmovq %%rax, (%%rax)");
    check_frame(14, 3, "a write where nothing is");
    ok(bounced().error == 2, "error code 2");
    ok(shared_vcpu_info()->arch.cr2 == NOT_MAPPED + 8, "the address is in vcpu_info");
    attempt("movq $0x123456789000, %%rax\n\tjmp *%%rax");
    check_frame(14, seen.resume_rip - NOT_MAPPED, "a jump where nothing is");
    ok((bounced().error & ~0x10UL) == 0, "error code 0, or 0x10 with NX");
    ok(shared_vcpu_info()->arch.cr2 == NOT_MAPPED, "the address is in vcpu_info");
    /* A table of this domain, which Xen lets it read only. */
    seen.words[8] = (uint64_t)(uintptr_t)table;
    attempt("movq seen + 200, %%rax\n\tmovq (%%rax), %%rcx\n\tmovq %%rcx, (%%rax)");
    check_frame(14, 3, "a write to a page table");
    ok(bounced().error == 3, "error code 3");
    attempt("movq $0xffff830000000000, %%rax\n\tmovq (%%rax), %%rax");
    check_frame(14, 3, "a read of Xen's own");
    ok(bounced().error == 1, "error code 1");
}

static void test_flags(void)
{
    set_upcall_mask(1);
    attempt("ud2");
    ok(bounced().cs >> 32 == 1, "masked: the saved mask is 1");
    ok(!(bounced().rflags & RFLAGS_IF), "and IF in the frame is clear");
    ok(seen.rflags & RFLAGS_IF, "the handler's own is set");
    ok(upcall_mask() == 1, "it stays masked");
    set_upcall_mask(0);
    attempt("ud2");
    ok(bounced().cs >> 32 == 0, "unmasked: the saved mask is 0");
    ok(bounced().rflags & RFLAGS_IF, "and IF in the frame is set");
    ok(upcall_mask() == 0, "it stays unmasked");
    handle_exceptions(4);
    attempt("ud2");
    ok(bounced().cs >> 32 == 0, "with the flag in the table: the saved mask is 0");
    ok(bounced().rflags & RFLAGS_IF, "and IF in the frame is set");
    ok(upcall_mask() == 1, "but the handler is masked");
    attempt("ud2");
    ok(bounced().cs >> 32 == 1, "masked before: the saved mask is 1");
    ok(upcall_mask() == 1, "and stays masked");
    handle_exceptions(0);
    attempt("pushfq\n\torq $0x400, (%%rsp)\n\tpopfq\n\tud2");
    ok(bounced().rflags & RFLAGS_DF, "DF is in the frame");
    ok(seen.rflags & RFLAGS_DF, "and is left as it is for the handler");
    __asm__ volatile("cld");
    attempt("pushfq\n\torq $0x44000, (%%rsp)\n\tpopfq\n\tud2");
    ok((bounced().rflags & (RFLAGS_AC | RFLAGS_NT)) == (RFLAGS_AC | RFLAGS_NT),
       "AC and NT are in the frame");
    ok(!(seen.rflags & (RFLAGS_AC | RFLAGS_NT)), "and clear for the handler");
    attempt("stc\n\tud2");
    ok(bounced().rflags & 1, "CF is in the frame");
    ok((bounced().rflags & 0x3000) == 0, "IOPL is not");
    attempt("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq\n\tnop\n\tnop");
    check_frame(1, 1, "a single step");
    ok(bounced().rflags & RFLAGS_TF, "TF is in the frame");
    ok(!(seen.rflags & RFLAGS_TF), "and clear for the handler");
    ok(hypercall(__HYPERVISOR_get_debugreg, 6, 0, 0, 0, 0) & 0x4000, "dr6 says single step");
    hypercall(__HYPERVISOR_set_debugreg, 6, 0, 0, 0, 0);
}

/* Both the vector and its double: see above. */
static void handle_interrupt(unsigned int vector, uint8_t flags)
{
    handle_vector((uint8_t)vector, flags);
    handle_vector((uint8_t)(2 * vector), flags);
}

static void test_software_interrupts(void)
{
    uint64_t error;

    attempt("int $0x21");
    check_frame(13, 2, "int $0x21 without an entry");
    error = bounced().error;
    ok(error == (0x21 << 3 | 2) || error == (0x42 << 3 | 2), "the error code names the vector");
    handle_interrupt(0x21, 0);
    attempt("int $0x21");
    check_frame(13, 2, "int $0x21 with an entry for ring 0");
    for (uint8_t ring = 1; ring <= 3; ring++) {
        handle_interrupt(0x21, ring);
        attempt("int $0x21");
        ok(seen.vector == 0x21 || seen.vector == 0x42, "an entry for ring %d is allowed", ring);
        ok(bounced().rip == seen.resume_rip, "its rip is behind the instruction");
        ok(seen.rsp == seen.resume_rsp - 7 * 8, "its frame has no error code");
    }
    set_upcall_mask(0);
    handle_interrupt(0x21, 4 | 3);
    attempt("int $0x21");
    ok(seen.vector == 0x21 || seen.vector == 0x42, "with the mask flag it is allowed as well");
    ok(upcall_mask() == 1, "and is masked");
    /* Vectors 13 and 26: an exception's own vector without its error code. */
    handle_interrupt(13, 3);
    attempt("int $13");
    ok(seen.vector == 13 || seen.vector == 26, "int $13 with an entry for ring 3");
    ok(seen.rsp == seen.resume_rsp - 7 * 8, "has no error code either");
    handle_exceptions(0);
}

static void test_table(void)
{
    static uint8_t pages[2 * 4096] __attribute__((aligned(4096)));
    static trap_info_t table[4];
    trap_info_t *edge;

    answers(hypercall_set_trap_table(WILD_POINTER), -XEN_EFAULT, "a wild table");
    table[0] = (trap_info_t){6, 0, FLAT_KERNEL_CS, stub(40)};
    table[1] = (trap_info_t){3, 0, FLAT_KERNEL_CS, 1UL << 50};
    table[2] = (trap_info_t){0, 0, FLAT_KERNEL_CS, stub(41)};
    answers(hypercall_set_trap_table(table), -XEN_EINVAL, "an address that is not canonical");
    attempt("ud2");
    ok(seen.vector == 40, "what was before it counts");
    attempt("int3");
    ok(seen.vector == 3, "it does not");
    attempt("xorl %%ecx, %%ecx\n\tdivl %%ecx");
    ok(seen.vector == 0, "nor what comes after it");
    table[1] = (trap_info_t){0};
    answers(hypercall_set_trap_table(table), 0, "a table that ends early");
    attempt("xorl %%ecx, %%ecx\n\tdivl %%ecx");
    ok(seen.vector == 0, "what is behind its end does not count");
    table[0] = (trap_info_t){6, 3, 0x1230, stub(6)};
    table[1] = (trap_info_t){6, 0, 0, stub(42)};
    table[2] = (trap_info_t){0};
    answers(hypercall_set_trap_table(table), 0, "selectors do not matter");
    attempt("ud2");
    ok(seen.vector == 42, "the last entry of a vector counts");
    check_frame(42, 2, "its frame");
    table[0] = (trap_info_t){6, 0, FLAT_KERNEL_CS, stub(6)};
    table[1] = (trap_info_t){0};
    hypercall_set_trap_table(table);
    /* The list runs off what is mapped: the entries before are taken. */
    edge = (trap_info_t *)(void *)(pages + 4096) - 1;
    *edge = (trap_info_t){6, 0, FLAT_KERNEL_CS, stub(43)};
    hypercall_update_va_mapping(pages + 4096, 0, UVMF_INVLPG);
    answers(hypercall_set_trap_table(edge), -XEN_EFAULT, "a table that runs off its page");
    attempt("ud2");
    ok(seen.vector == 43, "what was before the edge counts");
    handle_exceptions(0);
}

int main(void)
{
    quiet();
    set_upcall_mask(1);
    answers(handle_exceptions(0), 0, "set_trap_table");
    test_frames();
    test_page_faults();
    test_flags();
    test_software_interrupts();
    test_table();
    answers(hypercall_set_trap_table(NULL), 0, "no table: all handlers are gone");
    return tap_done();
}
