/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The processor as a guest's kernel finds it: instructions that Xen executes for it, control and
 * debug registers, cpuid with Xen's prefix, ports, segments and their descriptors. It would catch
 * an emulation that takes another length of an instruction or damages a register, and a descriptor
 * that is let through.
 *
 * Not asked for, since a process cannot: #NM after fpu_taskswitch, selectors and %fs.
 */
#include "tap.h"
#include "exception.h"

#include <xen/arch-x86/cpuid.h>
#include <xen/event_channel.h>
#include <xen/physdev.h>

#include "core/domain.h"
#include "core/memory.h"

#define CR0_TS 8UL
#define CR4_DE 8UL

/* Stores what CODE leaves, where attempt()'s handler would have stored it. */
#define STORE                                                                                      \
    "\n\tmovq %%rax, seen\n\tmovq %%rbx, seen + 8\n\tmovq %%rcx, seen + 16\n\t"                    \
    "movq %%rdx, seen + 24\n\tmovq %%rsi, seen + 32\n\tmovq %%rdi, seen + 40"
/* Loads rax, rcx, rdx from there. */
#define LOAD "movq seen, %%rax\n\tmovq seen + 16, %%rcx\n\tmovq seen + 24, %%rdx\n\t"

static void load(uint64_t rax, uint64_t rcx, uint64_t rdx)
{
    seen.rax = rax;
    seen.rcx = rcx;
    seen.rdx = rdx;
}

static long set_debugreg(int reg, uint64_t value)
{
    return hypercall(__HYPERVISOR_set_debugreg, (unsigned long)reg, value, 0, 0, 0);
}

static long get_debugreg(int reg)
{
    return hypercall(__HYPERVISOR_get_debugreg, (unsigned long)reg, 0, 0, 0, 0);
}

static long vm_assist(unsigned int command, unsigned int type)
{
    return hypercall(__HYPERVISOR_vm_assist, command, type, 0, 0, 0);
}

static long physdev(unsigned int op, void *arg) { return hypercall_physdev_op(op, arg); }

static void set_iopl(uint32_t iopl)
{
    struct physdev_set_iopl op = {.iopl = iopl};

    physdev(PHYSDEVOP_set_iopl, &op);
}

/* ---- control registers ---- */

static uint64_t cr4(void)
{
    attempt("movq %%cr4, %%rax" STORE);
    return seen.rax;
}

static void test_control_registers(void)
{
    uint64_t cr0, cr3, before;

    attempt("movq %%cr0, %%rax" STORE);
    cr0 = seen.rax;
    ok(seen.vector == NO_VECTOR, "mov from cr0");
    ok((cr0 & 0x80000001) == 0x80000001, "paging and protection are on");
    ok(!(cr0 & CR0_TS), "TS is clear");
    attempt("movq $0x5555, %%rbx\n\tmovq %%cr0, %%rbx" STORE);
    ok(seen.rbx == cr0, "into rbx");
    attempt("movq %%cr0, %%r9\n\tmovq %%r9, %%rax" STORE);
    ok(seen.rax == cr0, "into r9");
    attempt("orq $8, %%rax\n\tmovq %%cr0, %%rax\n\torq $8, %%rax\n\tmovq %%rax, %%cr0\n\t"
            "movq %%cr0, %%rbx\n\tclts\n\tmovq %%cr0, %%rcx" STORE);
    ok(seen.vector == NO_VECTOR, "mov to cr0 with TS");
    ok(seen.rbx == (cr0 | CR0_TS), "sets TS");
    ok(seen.rcx == cr0, "and clts clears it");
    attempt("movq %%cr0, %%rax\n\txorl $0x10000, %%eax\n\tmovq %%rax, %%cr0");
    ok(seen.vector == 13 && bounced().error == 0, "mov to cr0 without WP: #GP(0)");
    ok(bounced().rip == seen.resume_rip - 3, "at the instruction");
    answers(hypercall(__HYPERVISOR_fpu_taskswitch, 0, 0, 0, 0, 0), 0, "fpu_taskswitch 0");

    attempt("movq $0x1234, %%rax\n\tmovq %%rax, %%cr2\n\tmovq %%cr2, %%rbx" STORE);
    ok(seen.vector == NO_VECTOR && seen.rbx == 0x1234, "cr2 is kept");
    ok(shared_vcpu_info()->arch.cr2 == 0x1234, "and shown in vcpu_info");
    attempt("movq $0x123456789000, %%rax\n\tmovq (%%rax), %%rax");
    attempt("movq %%cr2, %%rax" STORE);
    ok(seen.rax == 0x123456789000, "a page fault changes it");

    attempt("movq %%cr3, %%rax" STORE);
    cr3 = seen.rax;
    ok(seen.vector == NO_VECTOR && cr3 && !(cr3 & 4095), "mov from cr3: a frame");
    load(cr3, 0, 0);
    attempt(LOAD "movq %%rax, %%cr3");
    ok(seen.vector == NO_VECTOR, "mov to cr3 of the same");
    attempt("movq $0x1000, %%rax\n\tmovq %%rax, %%cr3");
    ok(seen.vector == 13 && bounced().error == 0, "of a frame that is no table: #GP(0)");
    attempt("movq $0x7ffffffff000, %%rax\n\tmovq %%rax, %%cr3");
    ok(seen.vector == 13, "of a frame that is none");

    before = cr4();
    ok((before & 0x620) == 0x620, "cr4 shows PAE and SSE");
    attempt("movq $-1, %%rax\n\tmovq %%rax, %%cr4" STORE);
    ok(seen.vector == NO_VECTOR, "mov to cr4 of all ones");
    ok((cr4() & 0xc) == 0xc, "sets TSD and DE");
    ok((cr4() & ~0x5066cUL) == 0, "and nothing that is not the guest's");
    attempt("xorl %%ecx, %%ecx\n\txgetbv\n\txsetbv");
    ok(seen.vector == NO_VECTOR, "xsetbv of what is");
    attempt("xorl %%ecx, %%ecx\n\tmovl $4, %%eax\n\txorl %%edx, %%edx\n\txsetbv");
    ok(seen.vector == 13 && bounced().error == 0, "xsetbv without x87: #GP(0)");
    attempt("movl $1, %%ecx\n\tmovl $7, %%eax\n\txorl %%edx, %%edx\n\txsetbv");
    ok(seen.vector == 13, "xsetbv of another register: #GP");
    attempt("xorl %%eax, %%eax\n\tmovq %%rax, %%cr4");
    ok(cr4() == (before & ~0x5000cUL), "mov to cr4 of zero");
    attempt("xorl %%ecx, %%ecx\n\txgetbv\n\txsetbv");
    ok(seen.vector == 6, "xsetbv without OSXSAVE: #UD");
    attempt("wbinvd");
    ok(seen.vector == NO_VECTOR, "wbinvd");
    attempt("movq $0x100, %%rax\n\tmovq %%rax, %%rdx\n\tpushfq\n\torq %%rax, (%%rsp)\n\tpopfq\n\t"
            "wbinvd\n\tnop");
    ok(seen.vector == 1, "a single step over what is emulated");
    ok(bounced().rip == seen.resume_rip - 1, "stops behind it");
    set_debugreg(6, 0);
}

/* ---- debug registers ---- */

static void test_debug_registers(void)
{
    for (int reg = 0; reg <= 3; reg++) {
        answers(set_debugreg(reg, 0x1230 + (uint64_t)reg), 0, "set_debugreg %d", reg);
        answers(get_debugreg(reg), 0x1230 + reg, "get_debugreg %d", reg);
        answers(set_debugreg(reg, 0xffff820000000000), -XEN_EPERM, "to Xen's range");
        answers(set_debugreg(reg, 1UL << 50), -XEN_EPERM, "to what is not canonical");
    }
    answers(set_debugreg(0, 0xfffffffffffff000), 0, "to the end of memory");
    answers(set_debugreg(0, 0), 0, "to nothing");
    answers(set_debugreg(6, 1UL << 32), -XEN_EINVAL, "dr6 with upper bits");
    answers(set_debugreg(6, 0), 0, "dr6");
    answers(get_debugreg(6), 0xffff0ff0, "keeps its ones");
    answers(set_debugreg(6, 0xffffffff), 0, "dr6 of all ones");
    answers(get_debugreg(6), 0xffffefff, "keeps its zero");
    answers(set_debugreg(6, 0xffff0ff0), 0, "dr6 as it was");
    answers(set_debugreg(7, 1UL << 32), -XEN_EINVAL, "dr7 with upper bits");
    answers(set_debugreg(7, 0x2000), -XEN_EPERM, "dr7 with general detection");
    answers(get_debugreg(7), 0x400, "dr7 after a reset");
    answers(set_debugreg(7, 0xd800), 0, "dr7 with bits that are always zero");
    answers(get_debugreg(7), 0x400, "has them as zero");
    answers(set_debugreg(7, 0x20000), 0, "dr7 for a port, not enabled");
    answers(set_debugreg(7, 0x20001), -XEN_EPERM, "enabled: not without CR4.DE");
    answers(set_debugreg(4, 0), 0, "dr4 is dr6");
    answers(get_debugreg(4), 0xffff0ff0, "also when read");
    answers(set_debugreg(5, 0x300), 0, "dr5 is dr7");
    answers(get_debugreg(5), 0x700, "also when read");
    attempt("movq %%cr4, %%rax\n\torq $8, %%rax\n\tmovq %%rax, %%cr4");
    answers(set_debugreg(4, 0), -XEN_ENODEV, "set dr4 with CR4.DE");
    answers(get_debugreg(4), -XEN_ENODEV, "get dr4 with CR4.DE");
    answers(set_debugreg(5, 0), -XEN_ENODEV, "set dr5 with CR4.DE");
    answers(get_debugreg(5), -XEN_ENODEV, "get dr5 with CR4.DE");
    answers(set_debugreg(7, 0x20001), 0, "dr7 for a port with CR4.DE");
    answers(get_debugreg(7), 0x20401, "is what was set");
    answers(set_debugreg(7, 0), 0, "dr7 off");
    answers(get_debugreg(7), 0x400, "is off");
    attempt("movq %%cr4, %%rax\n\tandq $~8, %%rax\n\tmovq %%rax, %%cr4");
    answers(set_debugreg(8, 0), -XEN_ENODEV, "set dr8");
    answers(get_debugreg(8), -XEN_ENODEV, "get dr8");
    answers(set_debugreg(-1, 0), -XEN_ENODEV, "set dr-1");
    answers(get_debugreg(-1), -XEN_ENODEV, "get dr-1");

    attempt("movq $0x5678, %%rbx\n\tmovq %%rbx, %%db2\n\txorl %%ebx, %%ebx\n\t"
            "movq %%db2, %%rcx" STORE);
    ok(seen.vector == NO_VECTOR && seen.rcx == 0x5678, "mov to and from dr2");
    answers(get_debugreg(2), 0x5678, "is get_debugreg 2");
    attempt("movq $0xffff820000000000, %%rax\n\tmovq %%rax, %%db2");
    ok(seen.vector == 13 && bounced().error == 0, "mov to dr2 of Xen's range: #GP(0)");
    attempt("movl $0x2000, %%eax\n\tmovq %%rax, %%db7");
    ok(seen.vector == 13, "mov to dr7 with general detection: #GP");
    attempt("movq %%db6, %%rax" STORE);
    ok(seen.rax == 0xffff0ff0, "mov from dr6");
    attempt("movq %%db4, %%rax" STORE);
    ok(seen.vector == NO_VECTOR && seen.rax == 0xffff0ff0, "mov from dr4");
    set_debugreg(2, 0);
}

/* ---- model-specific registers ---- */

/* The machine address of P, by the guest's own tables; Xen maps the list of frames. */
static uint64_t machine_address(const void *p)
{
    const start_info_t *s = domain_start_info();
    const uint64_t *p2m = (const uint64_t *)s->mfn_list;
    uint64_t offset = (uintptr_t)p - memory_virt_base();

    return p2m[offset >> 12] << 12 | (offset & 4095);
}

/* Returns the vector, or NO_VECTOR and the value. */
static long rdmsr(uint32_t msr, uint64_t *value)
{
    load(0xffffffff00000000, msr | 0x5500000000, 0xffffffff00000000);
    attempt(LOAD "rdmsr" STORE);
    *value = seen.rdx << 32 | seen.rax;
    return seen.vector;
}

static long wrmsr(uint32_t msr, uint64_t value)
{
    load(value & 0xffffffff, msr, value >> 32);
    return attempt(LOAD "wrmsr");
}

static uint8_t hypercalls[4096] __attribute__((aligned(4096)));

static void test_msrs(void)
{
    uint64_t value, again;
    static uint64_t word = 0x1122334455667788;

    ok(rdmsr(0xc0000080, &value) == NO_VECTOR && (value & 0xd00) == 0xd00, "EFER: long mode, NX");
    ok(seen.rax >> 32 == 0 && seen.rdx >> 32 == 0, "rdmsr clears the upper halves");
    ok(wrmsr(0xc0000080, value) == NO_VECTOR, "EFER as it is");
    ok(wrmsr(0xc0000080, value ^ 1) == 13, "EFER without SYSCALL: #GP");
    ok(bounced().error == 0 && bounced().rip == seen.resume_rip - 2, "with code 0, there");
    ok(rdmsr(0x10, &value) == NO_VECTOR, "the time stamp counter");
    rdmsr(0x10, &again);
    ok(again > value, "counts");
    ok(rdmsr(0x1b, &value) == NO_VECTOR && value == 0xfee00900, "APIC_BASE");
    ok(wrmsr(0x1b, value) == 13, "is not written");
    ok(rdmsr(0x277, &value) == NO_VECTOR && value == 0x050100070406, "PAT is Xen's");
    ok(wrmsr(0x277, value) == 13, "is not written");
    ok(rdmsr(0xce, &value) == NO_VECTOR, "PLATFORM_INFO");
    ok(wrmsr(0xce, value) == 13, "is not written");
    ok(rdmsr(0x140, &value) == NO_VECTOR && value == 0, "MISC_FEATURES_ENABLES");
    ok(wrmsr(0x140, 0) == NO_VECTOR, "of zero");
    ok(wrmsr(0x140, 2) == 13, "of a bit that is none: #GP");
    ok(rdmsr(0x179, &value) == NO_VECTOR && (value & 0xff) == 2, "MCG_CAP: two banks");
    ok(wrmsr(0x179, 0) == NO_VECTOR, "is ignored when written");
    ok(rdmsr(0x17a, &value) == NO_VECTOR && value == 0, "MCG_STATUS");
    ok(wrmsr(0x17a, 4) == NO_VECTOR && rdmsr(0x17a, &value) == NO_VECTOR && value == 4, "is kept");
    wrmsr(0x17a, 0);
    ok(rdmsr(0x17b, &value) == NO_VECTOR && value == 0, "MCG_CTL");
    ok(rdmsr(0x400, &value) == NO_VECTOR && value == UINT64_MAX, "a bank's control: all on");
    ok(rdmsr(0x401, &value) == NO_VECTOR && value == 0, "its status: nothing");
    ok(wrmsr(0x401, 0) == NO_VECTOR, "is written with zero");
    ok(wrmsr(0x401, 1) == 13, "with more: #GP");
    ok(rdmsr(0x40c, &value) == NO_VECTOR && value == 0, "a bank that is none reads as zero");
    ok(rdmsr(0x345, &value) == NO_VECTOR && value == 0, "PERF_CAPABILITIES: none");
    ok(rdmsr(0x40000000, &value) == NO_VECTOR && value == 0, "Xen's own reads as zero");
    ok(wrmsr(0x40000000, 1) == 13, "of a page other than the first: #GP");
    ok(wrmsr(0x40000000, 0x7ffffffff000) == 13, "of a frame that is none: #GP");
    ok(wrmsr(0x40000000, machine_address((void *)domain_start_info()->pt_base)) == 13,
       "of a page table: #GP");
    ok(wrmsr(0x40000000, machine_address(hypercalls)) == NO_VECTOR, "it makes a hypercall page");
    load((uintptr_t)hypercalls + 32 * __HYPERVISOR_xen_version, 0x1111, 0);
    attempt(LOAD "movl $7, %%edi\n\txorl %%esi, %%esi\n\tmovl $0x2222, %%ebx\n\t"
                 "movq $0x3333, %%r11\n\tcall *%%rax" STORE);
    ok(seen.vector == NO_VECTOR && seen.rax == 4096, "through which a hypercall goes");
    ok(seen.rdi == 7 && seen.rdx == 0 && seen.rbx == 0x2222, "without a change of registers");
    ok(rdmsr(0x40000001, &value) == 13, "there is no second");
    ok(rdmsr(0x400002ff, &value) == 13, "nor a last");
    ok(rdmsr(0x174, &value) == 13, "SYSENTER_CS: #GP");
    ok(rdmsr(0xc0000081, &value) == 13, "STAR: #GP");
    ok(wrmsr(0xc0000082, 0) == 13, "LSTAR: #GP");
    ok(rdmsr(0x802, &value) == 13, "x2APIC: #GP");
    ok(rdmsr(0x12345, &value) == 13, "one that is none: #GP");

    ok(wrmsr(0xc0000101, (uintptr_t)&word) == NO_VECTOR, "GS_BASE");
    ok(rdmsr(0xc0000101, &value) == NO_VECTOR && value == (uintptr_t)&word, "reads back");
    attempt("movq %%gs:0, %%rax" STORE);
    ok(seen.rax == word, "%%gs is there");
    ok(wrmsr(0xc0000101, 1UL << 50) == 13, "not canonical: #GP");
    ok(wrmsr(0xc0000102, 0x1234) == NO_VECTOR, "KERNEL_GS_BASE");
    ok(rdmsr(0xc0000102, &value) == NO_VECTOR && value == 0x1234, "reads back");
    ok(wrmsr(0xc0000102, 1UL << 50) == 13, "not canonical: #GP");
    ok(rdmsr(0xc0000100, &value) == NO_VECTOR, "FS_BASE");
    ok(wrmsr(0xc0000100, value) == NO_VECTOR, "as it is");
    ok(wrmsr(0xc0000100, 1UL << 50) == 13, "not canonical: #GP");
    ok(wrmsr(0xc0000103, 0x1234) == NO_VECTOR, "TSC_AUX");
    ok(rdmsr(0xc0000103, &value) == NO_VECTOR && value == 0x1234, "reads back");
    ok(wrmsr(0xc0000103, 1UL << 32) == 13, "with an upper half: #GP");
}

/* ---- segments ---- */

static long set_base(unsigned int which, uint64_t base)
{
    return hypercall(__HYPERVISOR_set_segment_base, which, base, 0, 0, 0);
}

static void test_segment_bases(void)
{
    static uint64_t words[2] = {0x1111222233334444, 0x5555666677778888};
    uint64_t value;

    answers(set_base(SEGBASE_GS_KERNEL, (uintptr_t)words), 0, "set_segment_base GS_KERNEL");
    attempt("movq %%gs:8, %%rax" STORE);
    ok(seen.rax == words[1], "%%gs is there");
    rdmsr(0xc0000101, &value);
    ok(value == (uintptr_t)words, "and in its register");
    answers(set_base(SEGBASE_GS_KERNEL, 1UL << 50), -XEN_EINVAL, "not canonical");
    answers(set_base(SEGBASE_GS_USER, 0x4000), 0, "GS_USER");
    rdmsr(0xc0000102, &value);
    ok(value == 0x4000, "is in its register");
    attempt("movq %%gs:0, %%rax" STORE);
    ok(seen.rax == words[0], "%%gs is the kernel's still");
    answers(set_base(SEGBASE_GS_USER, 1UL << 50), -XEN_EINVAL, "not canonical");
    rdmsr(0xc0000100, &value);
    answers(set_base(SEGBASE_FS, value), 0, "FS as it is");
    answers(set_base(SEGBASE_FS, 1UL << 50), -XEN_EINVAL, "not canonical");
    answers(set_base(SEGBASE_GS_USER_SEL, 0), 0, "GS_USER_SEL 0");
    rdmsr(0xc0000102, &value);
    ok(value == 0, "makes its base 0");
    answers(set_base(SEGBASE_GS_USER_SEL, 0x1230), 0, "a selector that is bad is no error");
    answers(set_base(4, 0), -XEN_EINVAL, "set_segment_base 4");
    answers(set_base(SEGBASE_GS_KERNEL, 0), 0, "back to nothing");
}

static uint64_t page[512] __attribute__((aligned(4096)));
static uint64_t gdt[512] __attribute__((aligned(4096)));

static long update_descriptor(const void *where, uint64_t value)
{
    return hypercall(__HYPERVISOR_update_descriptor, machine_address(where), value, 0, 0, 0);
}

#define DATA_3 0x00cff3000000ffffUL
#define CODE_0 0x00af9b000000ffffUL
#define GATE_0 0x00008c0000100000UL

static void check_descriptor(uint64_t in, uint64_t out, const char *what)
{
    page[1] = 0;
    answers(update_descriptor(&page[1], in), 0, "%s", what);
    ok(page[1] == out, "%s: is written", what);
    if (page[1] != out)
        printf("# %lx\n", page[1]);
}

static void refuse_descriptor(uint64_t in, const char *what)
{
    page[1] = 0x77;
    answers(update_descriptor(&page[1], in), -XEN_EINVAL, "%s", what);
    ok(page[1] == 0x77, "%s: nothing is written", what);
}

static void test_descriptors(void)
{
    uint64_t at = machine_address(&page[1]);

    check_descriptor(DATA_3, DATA_3, "data of ring 3");
    check_descriptor(CODE_0, CODE_0 | 3UL << 45, "code of ring 0, which becomes ring 3");
    check_descriptor(0x1234567887654321UL & ~(1UL << 47), 0x1234567887654321UL & ~(1UL << 47),
                     "anything that is not present");
    check_descriptor(1UL << 47, 1UL << 47, "the second half of a gate");
    check_descriptor(GATE_0, (GATE_0 & ~0xffff0000UL) | 0x130000,
                     "a gate to the guest's own segment, which becomes ring 0");
    check_descriptor(GATE_0 | 3UL << 45, (GATE_0 & ~0xffff0000UL) | 0x130000, "a gate of ring 3");
    check_descriptor((GATE_0 & ~0xffff0000UL) | 0xe0330000UL,
                     (GATE_0 & ~0xffff0000UL) | 0xe0330000UL, "a gate to Xen's code segment");
    refuse_descriptor((GATE_0 & ~0xffff0000UL) | 0xe0080000UL, "a gate to Xen's own segment");
    refuse_descriptor(GATE_0 | 1UL << 32, "a gate with a count");
    refuse_descriptor(0x0000890000000000, "a task state segment");
    refuse_descriptor(0x0000820000000000, "a local table");
    refuse_descriptor(0x00008e0000000000, "an interrupt gate");
    refuse_descriptor(0x0000850000000000, "a task gate");
    answers(hypercall(__HYPERVISOR_update_descriptor, at + 4, DATA_3, 0, 0, 0), -XEN_EINVAL,
            "an address that is not aligned");
    answers(hypercall(__HYPERVISOR_update_descriptor, ~7UL, DATA_3, 0, 0, 0), -XEN_EINVAL,
            "an address beyond memory");
    answers(update_descriptor((const void *)domain_start_info()->pt_base, 0), -XEN_EINVAL,
            "in a page table");
}

static long set_gdt(const void *frames, unsigned int entries)
{
    return hypercall(__HYPERVISOR_set_gdt, HYPERCALL_ARG(frames), entries, 0, 0, 0);
}

static void test_gdt(void)
{
    static uint64_t frames[15];
    uint64_t flags = 0x63, value;

    frames[0] = machine_address(gdt) >> 12;
    answers(set_gdt(frames, 512), -XEN_EINVAL, "set_gdt of a page that the guest may write");
    gdt[2] = CODE_0;
    gdt[3] = 0x0012f3345678ffffUL;
    answers(hypercall_update_va_mapping(gdt, frames[0] << 12 | (flags & ~2UL), UVMF_INVLPG), 0,
            "the page becomes read-only");
    answers(set_gdt(frames, 512), 0, "set_gdt");
    ok(gdt[2] == (CODE_0 | 3UL << 45), "its segments become ring 3");
    answers(hypercall_update_va_mapping(gdt, frames[0] << 12 | flags, UVMF_INVLPG), -XEN_EBUSY,
            "it cannot be written while in use");
    answers(update_descriptor(&gdt[4], DATA_3), 0, "update_descriptor in it");
    ok(gdt[4] == DATA_3, "is seen");
    answers(update_descriptor(&gdt[5], 0x0000890000000000), -XEN_EINVAL, "a bad one");
    answers(set_base(SEGBASE_GS_USER_SEL, 3 << 3 | 3), 0, "load its segment into user %%gs");
    rdmsr(0xc0000102, &value);
    ok(value == 0x00345678UL, "the base is the segment's");
    set_base(SEGBASE_GS_USER_SEL, 0);
    answers(set_gdt(frames, 0), 0, "no GDT");
    answers(hypercall_update_va_mapping(gdt, frames[0] << 12 | flags, UVMF_INVLPG), 0,
            "the page can be written again");
    gdt[7] = 0x0000890000000000;
    hypercall_update_va_mapping(gdt, frames[0] << 12 | (flags & ~2UL), UVMF_INVLPG);
    answers(set_gdt(frames, 512), -XEN_EINVAL, "with a task state segment in it");
    hypercall_update_va_mapping(gdt, frames[0] << 12 | flags, UVMF_INVLPG);
    frames[1] = 0x7fffffff;
    answers(set_gdt(frames, 513), -XEN_EINVAL, "a frame that is none");
    answers(set_gdt(WILD_POINTER, 512), -XEN_EFAULT, "a wild list");
    answers(set_gdt(WILD_POINTER, 0), 0, "which is not looked at for no entries");
    answers(set_gdt(frames, 14 * 512 + 1), -XEN_EINVAL, "more than there can be");
    answers(set_gdt(WILD_POINTER, 0xffffffff), -XEN_EINVAL, "many more, checked first");
    answers(hypercall(__HYPERVISOR_stack_switch, 0xe02b, 0x1000, 0, 0, 0), 0, "stack_switch");
    answers(hypercall(__HYPERVISOR_stack_switch, 0, 1UL << 50, 0, 0, 0), 0,
            "to what cannot be is no error");
}

/* ---- ports ---- */

static void test_ports(void)
{
    static uint8_t bitmap[8192] __attribute__((aligned(4096)));
    static uint8_t bytes[16];
    struct physdev_set_iobitmap op = {.nr_ports = 0x600};
    struct physdev_set_iopl bad = {.iopl = 4};

    set_iopl(0);
    attempt("inb $0x81, %%al");
    ok(seen.vector == 13 && bounced().error == 0, "iopl 0: in is #GP(0)");
    ok(bounced().rip == seen.resume_rip - 2, "at the instruction");
    attempt("outb %%al, $0x81");
    ok(seen.vector == 13, "out is #GP");
    attempt("movl $0x500, %%edx\n\tmovl $1, %%ecx\n\trep insb");
    ok(seen.vector == 13, "ins is #GP");
    attempt("cli");
    ok(seen.vector == 13, "cli is #GP");
    attempt("sti");
    ok(seen.vector == 13, "sti is #GP");
    set_iopl(1);
    attempt("movl $0x500, %%edx\n\tmovq $0x1122334455667788, %%rax\n\tinb %%dx, %%al" STORE);
    ok(seen.vector == NO_VECTOR && seen.rax == 0x11223344556677ff, "iopl 1: a byte of nothing");
    attempt("movl $0x500, %%edx\n\tmovq $0x1122334455667788, %%rax\n\tinw %%dx, %%ax" STORE);
    ok(seen.vector == NO_VECTOR && seen.rax == 0x112233445566ffff, "a word of nothing");
    attempt("movl $0x500, %%edx\n\tmovq $0x1122334455667788, %%rax\n\tinl %%dx, %%eax" STORE);
    ok(seen.vector == NO_VECTOR && seen.rax == 0xffffffff, "four bytes of nothing");
    attempt("movl $0x500, %%edx\n\tmovq $0x1122334455667788, %%rax\n\toutl %%eax, %%dx" STORE);
    ok(seen.vector == NO_VECTOR && seen.rax == 0x1122334455667788, "out changes no register");
    attempt("cli\n\tsti");
    ok(seen.vector == NO_VECTOR, "cli and sti do nothing");
    memset(bytes, 0x55, sizeof bytes);
    load((uintptr_t)bytes, 3, 0x500);
    attempt(LOAD "movq %%rax, %%rdi\n\trep insw" STORE);
    ok(seen.vector == NO_VECTOR && seen.rdi == (uintptr_t)bytes + 6 && seen.rcx == 0,
       "rep insw of three");
    ok(bytes[5] == 0xff && bytes[6] == 0x55, "stores them");
    load((uintptr_t)bytes + 8, 0, 0x500);
    attempt(LOAD "movq %%rax, %%rdi\n\tmovl $2, %%ecx\n\tstd\n\trep insb\n\tcld" STORE);
    ok(seen.rdi == (uintptr_t)bytes + 6 && bytes[7] == 0xff && bytes[8] == 0xff, "downwards");
    load((uintptr_t)bytes, 9, 0x500);
    attempt(LOAD "movq %%rax, %%rsi\n\toutsl" STORE);
    ok(seen.vector == NO_VECTOR && seen.rsi == (uintptr_t)bytes + 4 && seen.rcx == 9,
       "outsl of one");
    load(0x123456789000, 3, 0x500);
    attempt(LOAD "movq %%rax, %%rdi\n\trep insb");
    ok(seen.vector == 14 && bounced().error == 2, "insb to where nothing is: #PF");
    ok(shared_vcpu_info()->arch.cr2 == 0x123456789000, "there");
    attempt(LOAD "movq %%rax, %%rsi\n\toutsb");
    ok(seen.vector == 14 && bounced().error == 0, "outsb from where nothing is: #PF");
    attempt("movl $0xcf8, %%edx\n\tmovl $0x80000008, %%eax\n\toutl %%eax, %%dx\n\t"
            "xorl %%eax, %%eax\n\tinl %%dx, %%eax" STORE);
    ok(seen.rax == 0x80000008, "the PCI address is kept");
    attempt("movl $0xcf8, %%edx\n\txorl %%eax, %%eax\n\toutl %%eax, %%dx" STORE);

    answers(physdev(PHYSDEVOP_set_iopl, &bad), -XEN_EINVAL, "iopl 4");
    answers(physdev(PHYSDEVOP_set_iopl, WILD_POINTER), -XEN_EFAULT, "a wild iopl");
    set_iopl(0);
    memset(bitmap, 0xff, sizeof bitmap);
    bitmap[0x500 / 8] = 0xfe; /* port 0x500 only */
    set_xen_guest_handle(op.bitmap, bitmap);
    answers(physdev(PHYSDEVOP_set_iobitmap, &op), 0, "set_iobitmap");
    attempt("movl $0x500, %%edx\n\tinb %%dx, %%al");
    ok(seen.vector == NO_VECTOR, "a port that it allows");
    attempt("movl $0x501, %%edx\n\tinb %%dx, %%al");
    ok(seen.vector == 13, "one that it does not");
    attempt("movl $0x500, %%edx\n\tinw %%dx, %%ax");
    ok(seen.vector == 13, "both together");
    bitmap[0x600 / 8] = 0;
    attempt("movl $0x600, %%edx\n\tinb %%dx, %%al");
    ok(seen.vector == 13, "one beyond its end");
    op.nr_ports = 65537;
    answers(physdev(PHYSDEVOP_set_iobitmap, &op), -XEN_EINVAL, "more ports than there are");
    op.nr_ports = 65536;
    set_xen_guest_handle(op.bitmap, (void *)0xffff820000000000);
    answers(physdev(PHYSDEVOP_set_iobitmap, &op), -XEN_EINVAL, "in Xen's range");
    set_xen_guest_handle(op.bitmap, WILD_POINTER);
    answers(physdev(PHYSDEVOP_set_iobitmap, &op), 0, "nowhere is no error");
    attempt("movl $0x500, %%edx\n\tinb %%dx, %%al");
    ok(seen.vector == 13, "and allows nothing");
    answers(physdev(PHYSDEVOP_set_iobitmap, WILD_POINTER), -XEN_EFAULT, "a wild bitmap");
    op.nr_ports = 0;
    physdev(PHYSDEVOP_set_iobitmap, &op);
}

static void test_vm_assist(void)
{
    static const unsigned int types[] = {
        VMASST_TYPE_4gb_segments,     VMASST_TYPE_4gb_segments_notify,
        VMASST_TYPE_pae_extended_cr3, VMASST_TYPE_runstate_update_flag,
        VMASST_TYPE_m2p_strict,       VMASST_TYPE_writable_pagetables,
    };

    for (unsigned int i = 0; i < sizeof types / sizeof types[0]; i++) {
        answers(vm_assist(VMASST_CMD_enable, types[i]), 0, "enable assist %u", types[i]);
        answers(vm_assist(VMASST_CMD_disable, types[i]), 0, "disable it");
        answers(vm_assist(2, types[i]), -XEN_ENOSYS, "command 2");
    }
    vm_assist(VMASST_CMD_enable, VMASST_TYPE_pae_extended_cr3);
    answers(vm_assist(VMASST_CMD_enable, 6), -XEN_EINVAL, "assist 6");
    answers(vm_assist(VMASST_CMD_enable, 31), -XEN_EINVAL, "assist 31");
    answers(vm_assist(VMASST_CMD_enable, 33), -XEN_EINVAL, "assist 33");
    answers(vm_assist(VMASST_CMD_enable, 64), -XEN_EINVAL, "assist 64");
    answers(vm_assist(7, 64), -XEN_EINVAL, "the type is looked at first");

    answers(vm_assist(VMASST_CMD_enable, VMASST_TYPE_architectural_iopl), 0, "architectural_iopl");
    set_iopl(0);
    attempt("inb $0x81, %%al");
    ok(seen.vector == NO_VECTOR, "iopl 0 is the kernel's");
    set_iopl(2);
    attempt("ud2");
    ok((bounced().rflags & 0x3000) == 0x2000, "the iopl is in the frame's flags");
    answers(vm_assist(VMASST_CMD_disable, VMASST_TYPE_architectural_iopl), 0, "disable it");
    attempt("ud2");
    ok((bounced().rflags & 0x3000) == 0, "it is not");
}

/* ---- cpuid ---- */

static void cpuid(uint32_t leaf, uint32_t subleaf)
{
    load(leaf | 0x7700000000, subleaf | 0x7700000000, 0);
    attempt(LOAD XEN_EMULATE_PREFIX "cpuid" STORE);
}

static void test_cpuid(void)
{
    uint32_t eax, ebx, ecx, edx;
    long version = hypercall(__HYPERVISOR_xen_version, 0, 0, 0, 0, 0);

    cpuid(0x40000000, 0);
    ok(seen.vector == NO_VECTOR, "cpuid with Xen's prefix");
    ok(seen.rax == 0x40000005, "the last of Xen's leaves is 5");
    ok(seen.rbx == XEN_CPUID_SIGNATURE_EBX && seen.rcx == XEN_CPUID_SIGNATURE_ECX &&
           seen.rdx == XEN_CPUID_SIGNATURE_EDX,
       "XenVMMXenVMM");
    cpuid(0x40000001, 0);
    ok((long)seen.rax == version, "leaf 1: the version");
    ok(!seen.rbx && !seen.rcx && !seen.rdx, "and no more");
    cpuid(0x40000002, 0);
    ok(seen.rax == 1 && seen.rbx == 0x40000000, "leaf 2: a hypercall page by that register");
    ok(seen.rcx == XEN_CPUID_FEAT1_MMU_PT_UPDATE_PRESERVE_AD && !seen.rdx, "the features");
    cpuid(0x40000003, 0);
    ok((seen.rax & ~6UL) == 0 && !seen.rbx && !seen.rdx, "leaf 3: time is not emulated");
    cpuid(0x40000003, 1);
    ok(!seen.rax && !seen.rbx, "its offset is 0");
    cpuid(0x40000003, 2);
    ok(seen.rax > 1000 && !seen.rbx && !seen.rcx && !seen.rdx, "its counter's rate");
    cpuid(0x40000003, 3);
    ok(!seen.rax && !seen.rbx && !seen.rcx && !seen.rdx, "and no more");
    cpuid(0x40000004, 0);
    ok(!seen.rax && !seen.rbx && !seen.rcx && !seen.rdx, "leaf 4 is HVM's");
    cpuid(0x40000005, 0);
    ok(!seen.rax && seen.rbx >= 12 && seen.rbx < 64 && !seen.rcx, "leaf 5: width of an address");
    cpuid(0x40000005, 1);
    ok(!seen.rbx, "once");
    cpuid(0x40000006, 0);
    ok(!seen.rax && !seen.rbx && !seen.rcx && !seen.rdx, "leaf 6 is none");
    cpuid(0x40000100, 0);
    ok(!seen.rax && !seen.rbx && !seen.rcx && !seen.rdx, "nor those of a second hypervisor");
    cpuid(0x50000000, 0);
    ok(!seen.rax && !seen.rbx && !seen.rcx && !seen.rdx, "nor others");

    __asm__("cpuid" : "=a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx) : "a"(0), "c"(0));
    cpuid(0, 0);
    ok(seen.rbx == ebx && seen.rcx == ecx && seen.rdx == edx, "the vendor is the processor's");
    ok(seen.rax <= 0xd, "the last leaf is 0xd at most");
    __asm__("cpuid" : "=a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx) : "a"(1), "c"(0));
    cpuid(1, 0);
    ok(seen.rax == eax, "so is the model");
    ok(seen.rbx >> 24 == 0, "its APIC's number is 0");
    ok(seen.rcx >> 31 & 1, "there is a hypervisor");
    ok(!(seen.rcx & (1UL << 3 | 1UL << 5 | 1UL << 21)), "no MONITOR, no VMX, no x2APIC");
    ok(!(seen.rdx & (1UL << 1 | 1UL << 3 | 1UL << 13)), "no VME, no PSE, no PGE");
    ok((seen.rdx & (1UL << 0 | 1UL << 6 | 1UL << 25)) == (1UL << 0 | 1UL << 6 | 1UL << 25),
       "x87, PAE and SSE are there");
    cpuid(5, 0);
    ok(!seen.rax && !seen.rbx && !seen.rcx && !seen.rdx, "leaf 5: none");
    cpuid(0xa, 0);
    ok(!seen.rax && !seen.rbx && !seen.rcx && !seen.rdx, "leaf 0xa: no counters");
    cpuid(0xe, 0);
    ok(!seen.rax && !seen.rbx && !seen.rcx && !seen.rdx, "leaf 0xe: beyond the last");
    cpuid(0x80000000, 0);
    ok(seen.rax == 0x80000008 || seen.rax == 0x80000021, "the last extended leaf");
    cpuid(0x80000001, 0);
    ok(seen.rdx >> 29 & 1, "long mode");
    ok(!(seen.rcx & 4), "no SVM");
    cpuid(0x80000008, 0);
    ok((seen.rax >> 8 & 0xff) == 48, "linear addresses have 48 bits");
    cpuid(0x80000022, 0);
    ok(!seen.rax && !seen.rbx && !seen.rcx && !seen.rdx, "beyond the last extended leaf");

    attempt(XEN_EMULATE_PREFIX "nop");
    ok(seen.vector == 6, "another instruction with the prefix: #UD");
    ok(bounced().rip == seen.resume_rip - 6, "at the prefix");
    attempt(".byte 0x0f, 0x0b, 'x', 'e', 'm'\n\tcpuid");
    ok(seen.vector == 6, "another prefix: #UD");
    load(0x40000000, 0, 0);
    attempt(LOAD "pushfq\n\torq $0x100, (%%rsp)\n\tpopfq\n\t" XEN_EMULATE_PREFIX "cpuid\n\tnop");
    ok(seen.vector == 1 && bounced().rip == seen.resume_rip - 1, "a single step over it");
    set_debugreg(6, 0);
}

int main(void)
{
    quiet();
    shared_vcpu_info()->evtchn_upcall_mask = 1;
    handle_exceptions(0);
    test_control_registers();
    test_debug_registers();
    test_msrs();
    test_segment_bases();
    test_descriptors();
    test_gdt();
    test_ports();
    test_vm_assist();
    test_cpuid();
    set_iopl(1); /* as it was */
    return tap_done();
}
