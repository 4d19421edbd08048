/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The processor of a guest: instructions that are executed for it, from bytes in its memory, and
 * the hypercalls about processor state; what differs between the initial domain and others,
 * between kernel and user mode, and between vendors. The rest is in tests/conformance/processor.c.
 */
#include "guest.h"
#include "trap.h"

#include <cpuid.h>
#include <stdlib.h>

#include <xen/arch-x86/cpuid.h>
#include <xen/physdev.h>

#define HANDLER 0x7654321000UL
#define CODE    ((uint8_t *)guest_page(5))

static struct trap_frame registers;

static void handle(uint8_t vector)
{
    trap_info_t t[] = {{.vector = vector, .address = HANDLER}, {0}};

    ck_assert_int_eq(call(__HYPERVISOR_set_trap_table, (uintptr_t)t, 0), 0);
}

/* Executes CODE of LENGTH bytes, which raises VECTOR; all registers are those of `registers`. */
static bool raise(unsigned int vector, const char *code, size_t length)
{
    memcpy(CODE, code, length);
    registers.rip = (uintptr_t)CODE;
    registers.rsp = (uintptr_t)guest_page(11);
    registers.rflags = (registers.rflags & 0xd00) | 0x202;
    registers.vector = vector;
    registers.error_code = 0;
    return trap_bounce(&registers);
}

#define run(code)    raise(13, code, sizeof(code) - 1)
#define done(code)   (run(code) && registers.rip == (uintptr_t)CODE + sizeof(code) - 1)
#define trapped      (registers.rip == HANDLER)
#define faults(code) (run(code) && trapped)
/* The word at N of the frame that was pushed. */
#define frame(n) (((const uint64_t *)(uintptr_t)registers.rsp)[n])

static void start(void)
{
    memset(&registers, 0, sizeof(registers));
    handle(13);
    handle(6);
    handle(1);
    handle(14);
    current->info->evtchn_upcall_mask = 1;
}

static void moves(void *arg)
{
    uint32_t low, high;

    (void)arg;
    start();
    /* To and from every register: REX.B and the low bits choose it. */
    for (unsigned int n = 0; n < 16; n++) {
        char read[] = "\x40\x0f\x20\xd0", write[] = "\x40\x0f\x22\xd0";

        read[0] = write[0] = (char)(0x40 | n >> 3);
        read[3] = write[3] = (char)(0xd0 | (n & 7));
        current->cr2 = 0x1000 + n;
        ck_assert(raise(13, read, 4));
        if (n != 4)
            ck_assert_uint_eq(registers.rip, (uintptr_t)CODE + 4);
        ck_assert(raise(13, write, 4));
        if (n != 4) /* rsp, which raise() sets */
            ck_assert_uint_eq(current->cr2, 0x1000 + n);
    }
    ck_assert(done("\x0f\x20\xd8")); /* mov cr3, rax */
    ck_assert_uint_eq(registers.rax, current->cr3 << 12);
    ck_assert(done("\x0f\x22\xd8"));
    registers.rax = 0x1000;
    ck_assert(faults("\x0f\x22\xd8"));
    ck_assert(faults("\x0f\x20\xc8")); /* cr1 */
    ck_assert(faults("\x0f\x22\xc8"));
    ck_assert(faults("\x44\x0f\x20\xc0")); /* cr8 */
    ck_assert(faults("\x44\x0f\x22\xc0"));
    ck_assert(done("\x0f\x20\xc0"));
    registers.rax |= 8;
    ck_assert(done("\x0f\x22\xc0"));
    ck_assert(current->fpu_task_switched);
    ck_assert(done("\x0f\x06")); /* clts */
    ck_assert(!current->fpu_task_switched);
    registers.rax = 0;
    ck_assert(faults("\x0f\x22\xc0"));
    ck_assert(done("\x0f\x09"));
    ck_assert(done("\xf3\x0f\x09")); /* wbnoinvd */
    /* With every prefix that changes nothing. */
    ck_assert(done("\x66\x67\x26\x2e\x36\x3e\x64\x65\x0f\x06"));
    ck_assert(done("\x48\x0f\x06"));
    /* Longer than an instruction can be. */
    ck_assert(faults("\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x66\x0f\x06"));
    ck_assert(faults("\xf4"));         /* hlt */
    ck_assert(faults("\x0f\x01\x38")); /* invlpg */
    ck_assert(faults("\x0f\x08"));     /* invd */
    ck_assert(faults("\x0f\x07"));     /* sysret */
    /* xsetbv, rdtscp, rdtsc */
    current->cr4 = processor_cr4(hv, 0);
    ck_assert(run("\x0f\x01\xd1") && trapped); /* #UD */
    current->cr4 = processor_cr4(hv, ~0UL);
    ck_assert_uint_eq(current->cr4 & ~0x5066cUL, 0);
    registers.rcx = 0;
    registers.rax = registers.rdx = 0;
    ck_assert(faults("\x0f\x01\xd1"));
    registers.rcx = 1;
    ck_assert(faults("\x0f\x01\xd1"));
    registers.rcx = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    registers.rax = low;
    registers.rdx = high;
    ck_assert(done("\x0f\x01\xd1"));
    registers.rax = 0;
    ck_assert(done("\x0f\x22\xe0")); /* mov rax, cr4 */
    registers.rax = 1;
    ck_assert(done("\x0f\x20\xe0"));
    ck_assert_uint_eq(registers.rax, 0x660);
    current->tsc_aux = 77;
    ck_assert(done("\x0f\x01\xf9"));
    ck_assert_uint_eq(registers.rcx, 77);
    ck_assert(done("\x0f\x31"));
    /* A single step stops behind it; without a handler it is the domain's end. */
    registers.rflags = 0x100;
    ck_assert(run("\x0f\x06") && trapped);
    ck_assert_uint_eq(frame(2), (uintptr_t)CODE + 2);
    ck_assert_uint_eq(current->debugreg[6] & 0x4000, 0x4000);
    ck_assert_int_eq(call(__HYPERVISOR_set_trap_table, 0, 0), 0);
    registers.rflags = 0x100;
    ck_assert(!run("\x0f\x06"));
    registers.rflags = 0;
    ck_assert(!run("\xf4"));
    ck_assert(!run("\x0f\x30")); /* wrmsr of nothing */
    ck_assert(!raise(1, "\x90", 1));
    handle(1);
    registers.rflags = 0x100;
    current->debugreg[6] = 0xffff0ff0;
    ck_assert(raise(1, "\x90", 1) && trapped);
    ck_assert_uint_eq(current->debugreg[6], 0xffff4ff0);
}

static void debug_registers(void *arg)
{
    (void)arg;
    start();
    registers.rax = 0x4444;
    ck_assert(done("\x0f\x23\xd8")); /* mov rax, dr3 */
    ck_assert_uint_eq(current->debugreg[3], 0x4444);
    ck_assert(done("\x0f\x21\xd9")); /* mov dr3, rcx */
    ck_assert_uint_eq(registers.rcx, 0x4444);
    registers.rax = 1UL << 50;
    ck_assert(faults("\x0f\x23\xd8"));
    ck_assert(run("\x44\x0f\x21\xc0") && trapped); /* dr8: #UD */
    for (unsigned long r = 0; r < 4; r++) {
        ck_assert_int_eq(call(__HYPERVISOR_set_debugreg, r, 0x1234), 0);
        ck_assert_int_eq(call(__HYPERVISOR_get_debugreg, r, 0), 0x1234);
    }
    /* Breakpoints on ports: those that are on, of each of the four. */
    current->cr4 |= CR4_DE;
    for (unsigned int i = 0; i < 4; i++) {
        unsigned long value = 2UL << (16 + 4 * i) | 3UL << (2 * i) | 0x400;

        ck_assert_int_eq(call(__HYPERVISOR_set_debugreg, 7, value), 0);
        ck_assert_uint_eq(current->debugreg7_io, 3UL << (2 * i));
        ck_assert_int_eq(call(__HYPERVISOR_get_debugreg, 7, 0), (long)value);
    }
    ck_assert_int_eq(call(__HYPERVISOR_set_debugreg, 7, 0), 0);
    ck_assert_uint_eq(current->debugreg7_io, 0);
}

/* ---- ports ---- */

static void set_iopl(unsigned int iopl)
{
    struct physdev_set_iopl op = {iopl};

    ck_assert_int_eq(call(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iopl, (uintptr_t)&op), 0);
}

static void ports(void *arg)
{
    struct physdev_set_iobitmap op = {.nr_ports = 65536};
    uint8_t *bits = guest_page(20);
    char *bytes = guest_page(22);

    (void)arg;
    start();
    ck_assert(faults("\xe4\x80"));
    ck_assert(faults("\xfa"));
    ck_assert(faults("\xfb"));
    set_iopl(1);
    registers.rax = 0x1111111111111111;
    ck_assert(done("\xe4\x80"));
    ck_assert_uint_eq(registers.rax, 0x11111111111111ff);
    ck_assert(done("\x66\xe5\x80"));
    ck_assert_uint_eq(registers.rax, 0x111111111111ffff);
    ck_assert(done("\xe5\x80"));
    ck_assert_uint_eq(registers.rax, 0xffffffff);
    ck_assert(done("\xe6\x80"));
    ck_assert(done("\xe7\x80"));
    ck_assert(done("\xec"));
    ck_assert(done("\xed"));
    ck_assert(done("\xee"));
    ck_assert(done("\xfa"));
    ck_assert(done("\xfb"));
    registers.rdx = 0xcf8;
    registers.rax = 0x80001234;
    ck_assert(done("\xef"));
    ck_assert(done("\xee")); /* a byte is not the address */
    registers.rax = 0;
    ck_assert(done("\xed"));
    ck_assert_uint_eq(registers.rax, 0x80001234);
    ck_assert(done("\xec"));
    ck_assert_uint_eq(registers.rax, 0x800012ff);
    /* Strings: three bytes up, two words down, one double word; and off the end of memory. */
    registers.rdx = 0x500;
    registers.rdi = (uintptr_t)bytes;
    registers.rcx = 3;
    ck_assert(done("\xf3\x6c"));
    ck_assert_int_eq(memcmp(bytes, "\xff\xff\xff\0", 4), 0);
    ck_assert_uint_eq(registers.rcx, 0);
    registers.rdi = (uintptr_t)bytes + 8;
    registers.rcx = 2;
    registers.rflags = 0x400;
    ck_assert(done("\xf3\x66\x6d"));
    ck_assert_uint_eq(registers.rdi, (uintptr_t)bytes + 4);
    registers.rflags = 0;
    registers.rsi = (uintptr_t)bytes;
    ck_assert(done("\x6f"));
    ck_assert_uint_eq(registers.rsi, (uintptr_t)bytes + 4);
    ck_assert(done("\x6e"));
    registers.rdi = current->domain->virt_end - 2;
    registers.rcx = 5;
    ck_assert(faults("\xf3\x6c"));
    ck_assert_uint_eq(frame(2), 2); /* a write */
    ck_assert_uint_eq(current->cr2, current->domain->virt_end);
    registers.rsi = 0x10;
    ck_assert(faults("\x6e"));
    ck_assert_uint_eq(frame(2), 0);
    /* The bitmap, which is memory of the guest. */
    set_iopl(0);
    ck_assert(faults("\x6e"));
    memset(bits, 0, 8192);
    set_xen_guest_handle(op.bitmap, bits);
    ck_assert_int_eq(call(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iobitmap, (uintptr_t)&op), 0);
    registers.rdx = 0xffff;
    ck_assert(done("\xec"));
    ck_assert(faults("\xed")); /* beyond the last port */
    bits[0x500 / 8] = 0x80;
    registers.rdx = 0x507;
    ck_assert(faults("\xec"));
    registers.rdx = 0x506;
    ck_assert(faults("\x66\xed"));
    registers.rdx = 0x508;
    ck_assert(done("\x66\xed"));
    ck_assert(faults("\xfa"));
    set_xen_guest_handle(op.bitmap, (uint8_t *)(uintptr_t)current->domain->virt_end - 16);
    ck_assert_int_eq(call(__HYPERVISOR_physdev_op, PHYSDEVOP_set_iobitmap, (uintptr_t)&op), 0);
    memset((uint8_t *)(uintptr_t)current->domain->virt_end - 16, 0, 16);
    registers.rdx = 15 * 8;
    ck_assert(faults("\xed") == false || !trapped); /* its second byte is the end: all ones */
    registers.rdx = 15 * 8 + 7;
    ck_assert(faults("\x66\xed"));
    registers.rdx = 16 * 8;
    ck_assert(faults("\xec"));
    /* With architectural_iopl ring 0 is the kernel's, and its iopl is in frames and iret. */
    ck_assert_int_eq(call(__HYPERVISOR_vm_assist, 0, VMASST_TYPE_architectural_iopl), 0);
    ck_assert(done("\xec"));
    set_iopl(3);
    ck_assert(raise(6, "\x90", 1) && trapped);
    ck_assert_uint_eq(frame(4) & 0x3000, 0x3000);
    /* In user mode only iopl 3 helps; the rest is no one's there. */
    current->kernel_sp = (uintptr_t)guest_page(30);
    current->user_mode = true;
    ck_assert(done("\xec"));
    ck_assert(done("\x0f\x31"));
    current->cr4 |= CR4_TSD;
    ck_assert(faults("\x0f\x31"));
    static const char *const kernels[] = {"\x0f\x06", "\x0f\x09",        "\x0f\x20", "\x0f\x22",
                                          "\x0f\x21", "\x0f\x23",        "\x0f\x30", "\x0f\x32",
                                          "\x0f\x01", "\x0f\x01\xd1\x90"};
    for (size_t i = 0; i < sizeof(kernels) / sizeof(kernels[0]); i++) {
        current->user_mode = true;
        ck_assert(raise(13, kernels[i], strlen(kernels[i])) && trapped);
        ck_assert_uint_eq(frame(4) & 3, 3);
    }
}

/* ---- model-specific registers ---- */

static bool rdmsr(uint32_t msr, uint64_t *value)
{
    registers.rcx = msr;
    if (!done("\x0f\x32"))
        return false;
    *value = registers.rdx << 32 | registers.rax;
    return true;
}

static bool wrmsr(uint32_t msr, uint64_t value)
{
    registers.rcx = msr;
    registers.rax = value & UINT32_MAX;
    registers.rdx = value >> 32;
    return done("\x0f\x30");
}

static bool vendor_is(unsigned int ebx)
{
    unsigned int a, b, c, d;

    __cpuid(0, a, b, c, d);
    return b == ebx;
}

static void msrs(void *arg)
{
    bool intel = vendor_is(signature_INTEL_ebx), amd = vendor_is(signature_AMD_ebx);
    bool dom0 = current->domain->hardware_domain;
    static const uint32_t of_intel[] = {0x17, 0x3a, 0x198, 0x199, 0x19c};
    static const uint32_t of_amd[] = {0xc0010015, 0xc001001f, 0xc0010041, 0xc0010063, 0xc0011029};
    static const uint32_t of_dom0[] = {0xc0010010, 0xc0010016, 0xc001001a,
                                       0xc001001d, 0xc0010112, 0xc0010113};
    static const uint32_t ignored[] = {0,     1,     0x179, 0x17b, 0x1a0,
                                       0x280, 0x29f, 0x400, 0x404, 0x47f};
    static const uint32_t refused[] = {0x2,   0x10,  0x1b,       0xce,       0x277,     0x345,
                                       0x4d0, 0x480, 0xc0000081, 0x40000001, 0x40000300};
    uint64_t value;

    (void)arg;
    start();
    for (size_t i = 0; i < sizeof(of_intel) / sizeof(of_intel[0]); i++)
        ck_assert_int_eq(rdmsr(of_intel[i], &value), intel);
    for (size_t i = 0; i < sizeof(of_amd) / sizeof(of_amd[0]); i++) {
        ck_assert_int_eq(rdmsr(of_amd[i], &value), amd);
        ck_assert_int_eq(wrmsr(of_amd[i], 0), amd);
    }
    for (size_t i = 0; i < sizeof(of_dom0) / sizeof(of_dom0[0]); i++) {
        ck_assert_int_eq(rdmsr(of_dom0[i], &value), amd && dom0);
        ck_assert(!wrmsr(of_dom0[i], 0));
    }
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
        ck_assert(rdmsr(ignored[i], &value));
        ck_assert(wrmsr(ignored[i], 0));
    }
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        ck_assert(!wrmsr(refused[i], 0));
    ck_assert_int_eq(rdmsr(0x8b, &value), intel || amd);
    ck_assert_int_eq(wrmsr(0x8b, 0), intel);
    ck_assert(!wrmsr(0x8b, 1));
    ck_assert_int_eq(wrmsr(0x199, 7), intel);
    ck_assert_int_eq(wrmsr(0xe7, 7), intel || amd);
    ck_assert_int_eq(wrmsr(0xe8, 7), intel || amd);
    ck_assert(!rdmsr(0xc0010012, &value));
    ck_assert(wrmsr(0x17a, 5));
    ck_assert(rdmsr(0x17a, &value) && value == 5);
    ck_assert(rdmsr(0x10, &value) && value);
    ck_assert(rdmsr(0xce, &value) && value == 0);
    ck_assert(rdmsr(0x140, &value) && value == 0);
    ck_assert(wrmsr(0x140, 0) && !wrmsr(0x140, 1));
    ck_assert(rdmsr(0x1a0, &value) && value == 0x801801);
    ck_assert(rdmsr(0x277, &value) && value == 0x050100070406);
    ck_assert(rdmsr(0xc0000080, &value) && value == 0xd01);
    ck_assert(wrmsr(0xc0000080, value) && !wrmsr(0xc0000080, 0));
    ck_assert(wrmsr(0xc0000101, 0x5000));
    for (uint32_t i = 0xc0000100; i < 0xc0000103; i++)
        ck_assert(rdmsr(i, &value));
    ck_assert(wrmsr(0xc0000103, 7) && !wrmsr(0xc0000103, 1UL << 32));
    ck_assert(rdmsr(0xc0000103, &value));
    ck_assert(rdmsr(0x345, &value) && value == 0);
    ck_assert(rdmsr(0x40000000, &value) && value == 0);
    ck_assert(rdmsr(0x405, &value) && value == 0);
    ck_assert(!wrmsr(0x405, 1));
    ck_assert(wrmsr(0x40d, 1)); /* a bank that is none */
    ck_assert(rdmsr(0x1b, &value) && value == 0xfee00900);
    current->id = 1;
    ck_assert(rdmsr(0x1b, &value) && value == 0xfee00800);
    current->id = 0;
    ck_assert(wrmsr(0xc0000102, 0x5000) && current->gs_base_user == 0x5000);
    ck_assert(wrmsr(0xc0000100, 0x5000) && current->fs_base == 0x5000);
    ck_assert(!wrmsr(0xc0000102, 1UL << 60));
    ck_assert(!wrmsr(0x40000000, 0xffffff000));
    ck_assert(!wrmsr(0x40000000, current->cr3 << 12));
    ck_assert(!wrmsr(0x40000000, guest_mfn(guest_page(9)) << 12 | 1));
    ck_assert(wrmsr(0x40000000, guest_mfn(guest_page(9)) << 12));
    ck_assert_int_eq(*(uint8_t *)guest_page(9), 0x51);
}

/* ---- cpuid ---- */

static struct cpuid_leaf cpuid(uint32_t leaf, uint32_t subleaf)
{
    registers.rax = leaf;
    registers.rcx = subleaf;
    ck_assert(raise(6, "\x0f\x0bxen\x0f\xa2", 7));
    ck_assert_uint_eq(registers.rip, (uintptr_t)CODE + 7);
    return (struct cpuid_leaf){(uint32_t)registers.rax, (uint32_t)registers.rbx,
                               (uint32_t)registers.rcx, (uint32_t)registers.rdx};
}

static bool empty(struct cpuid_leaf l) { return !l.a && !l.b && !l.c && !l.d; }

static void rated_clock(void *context, struct hypervisor_clock *now)
{
    (void)context;
    /* 2 GHz: half a nanosecond a tick, said in three ways. */
    now->system_time = host.time;
    now->tsc_shift = (int8_t)(now->tsc_timestamp = 0, (int8_t)host.reason);
    now->tsc_to_system_mul = host.reason == 0            ? 0x80000000U
                             : (int8_t)host.reason == -1 ? 0xffffffffU
                                                         : 0x40000000U;
}

static void identities(void *arg)
{
    bool dom0 = current->domain->hardware_domain;
    struct cpuid_leaf l;
    unsigned int a, b, c, d;

    (void)arg;
    start();
    ck_assert_uint_eq(cpuid(0x40000000, 0).b, XEN_CPUID_SIGNATURE_EBX);
    ck_assert_uint_eq(cpuid(0x40000001, 0).a, 4 << 16 | 17);
    ck_assert_uint_eq(cpuid(0x40000002, 0).b, 0x40000000);
    ck_assert(empty(cpuid(0x40000004, 0)));
    ck_assert(empty(cpuid(0x40000006, 0)));
    ck_assert_uint_le(cpuid(0, 0).a, 0xd);
    ck_assert_uint_ge(cpuid(0x80000000, 0).a, 0x80000008);
    ck_assert_uint_eq(cpuid(0x80000001, 0).d >> 29 & 1, 1);
    ck_assert_uint_eq(cpuid(0x80000008, 0).a >> 8 & 0xff, 48);
    ck_assert_uint_eq(cpuid(0x40000005, 0).b, 12 + 13); /* 24 MiB and some */
    ck_assert(empty(cpuid(0x40000005, 1)));
    ck_assert_uint_eq(cpuid(0x40000003, 0).c, 0); /* a clock that does not tell */
    hv->host.clock = rated_clock;
    for (int shift = -1; shift <= 1; shift++) {
        host.reason = (unsigned int)shift;
        ck_assert_int_le(abs((int)cpuid(0x40000003, 2).a - 2000000), 1);
        l = cpuid(0x40000003, 0);
        ck_assert_int_le(abs((int)l.c - (dom0 ? 0 : 2000000)), 1);
        l = cpuid(0x40000003, 1);
        ck_assert_int_eq((int)l.d, dom0 ? 0 : shift);
    }
    ck_assert(empty(cpuid(0x40000003, 3)));
    __cpuid(1, a, b, c, d);
    ck_assert_int_eq(cpuid(1, 0).d >> 12 & 1, dom0 && d >> 12 & 1);
    ck_assert_uint_eq(cpuid(1, 0).c >> 31, 1);
    ck_assert(empty(cpuid(7, 2)));
    ck_assert_uint_eq(cpuid(7, 1).b, 0);
    ck_assert_uint_le(cpuid(7, 0).a, 2);
    ck_assert(empty(cpuid(6, 0)));
    ck_assert(empty(cpuid(0xb, 1)));
    ck_assert(empty(cpuid(0xe, 0)));
    ck_assert_uint_eq(cpuid(0xd, 1).a & ~7U, 0);
    (void)cpuid(0xd, 0);
    (void)cpuid(2, 0);
    ck_assert(empty(cpuid(0x8000000a, 0)));
    ck_assert_uint_eq(cpuid(0x80000007, 0).d & ~0x100U, 0);
    ck_assert(empty(cpuid(0x80000022, 0)));
    ck_assert(!empty(cpuid(0x80000002, 0)) || empty(cpuid(0x80000003, 0)));
    ck_assert(empty(cpuid(0x70000000, 0)));
    /* Plain, where it faults. */
    registers.rax = 0x40000000;
    ck_assert(done("\x0f\xa2"));
    ck_assert_uint_eq(registers.rbx, XEN_CPUID_SIGNATURE_EBX);
    ck_assert(raise(6, "\x0f\x0bxen\x0f\xa3", 7) && trapped);
    ck_assert(raise(6, "\x0f\x0byen\x0f\xa2", 7) && trapped);
}

/* ---- hypercalls ---- */

static void state(void *arg)
{
    (void)arg;
    for (unsigned long which = 0; which < 3; which++) {
        ck_assert_int_eq(call(__HYPERVISOR_set_segment_base, which, 0x1000), 0);
        ck_assert_int_eq(call(__HYPERVISOR_set_segment_base, which, 1UL << 50), -EINVAL);
    }
    ck_assert_uint_eq(current->fs_base, 0x1000);
    ck_assert_uint_eq(hv->gs_base, 0x1000);
    ck_assert_int_eq(call(__HYPERVISOR_set_segment_base, SEGBASE_GS_USER_SEL, 3), 0);
    ck_assert_uint_eq(current->gs_base_user, 0);
    ck_assert_int_eq(call(__HYPERVISOR_set_segment_base, 4, 3), -EINVAL);
    ck_assert_int_eq(call(__HYPERVISOR_stack_switch, 0xe028, 0x1000), 0);
    ck_assert_uint_eq(current->kernel_ss, 0xe02b);
    ck_assert_int_eq(call(__HYPERVISOR_fpu_taskswitch, 1, 0), 0);
    ck_assert_uint_eq(processor_cr0(current) & 8, 8);
    /* A local table is read where the guest has it. */
    uint64_t *table = guest_page(2);
    table[1] = 0x1200f3345678ffffUL;
    current->ldt_base = (uintptr_t)table;
    current->ldt_entries = 2;
    ck_assert_int_eq(call(__HYPERVISOR_set_segment_base, SEGBASE_GS_USER_SEL, 1 << 3 | 7), 0);
    ck_assert_uint_eq(current->gs_base_user, 0x12345678);
    ck_assert_int_eq(call(__HYPERVISOR_set_segment_base, SEGBASE_GS_USER_SEL, 2 << 3 | 7), 0);
    ck_assert_uint_eq(current->gs_base_user, 0);
    current->ldt_entries = 0;
}

static void descriptors(void *arg)
{
    uint64_t *frames = guest_page(1);
    uint64_t *table = guest_page(3);
    uint64_t page = guest_mfn(guest_page(2)) << 12, mfn = guest_mfn(table);

    (void)arg;
    frames[0] = mfn;
    ck_assert_int_eq(call(__HYPERVISOR_set_gdt, (uintptr_t)frames, 512), -EINVAL); /* writable */
    table[1] = 0x00af9b000000ffffUL;
    ck_assert_int_eq(call3(__HYPERVISOR_update_va_mapping, (uintptr_t)table, PTE_MAKE(mfn, 5), 0),
                     0);
    ck_assert_int_eq(call(__HYPERVISOR_set_gdt, (uintptr_t)frames, 512), 0);
    ck_assert_uint_eq(table[1], 0x00affb000000ffffUL);
    ck_assert_int_eq(call(__HYPERVISOR_update_descriptor, mfn << 12 | 24, 0x1200f3345678ffffUL), 0);
    ck_assert_int_eq(call(__HYPERVISOR_set_segment_base, SEGBASE_GS_USER_SEL, 3 << 3 | 3), 0);
    ck_assert_uint_eq(current->gs_base_user, 0x12345678);
    frames[1] = 0x7fffffff;
    ck_assert_int_eq(call(__HYPERVISOR_set_gdt, (uintptr_t)frames, 513), -EINVAL);
    frames[1] = current->cr3;
    ck_assert_int_eq(call(__HYPERVISOR_set_gdt, (uintptr_t)frames, 513), -EINVAL);
    ck_assert_int_eq(call(__HYPERVISOR_set_gdt, (uintptr_t)WILD, 512), -EFAULT);
    ck_assert_int_eq(call(__HYPERVISOR_set_gdt, (uintptr_t)frames, 7169), -EINVAL);
    ck_assert_uint_eq(current->gdt_entries, 512); /* the old one has stayed */
    check_model();
    ck_assert_int_eq(call(__HYPERVISOR_update_descriptor, mfn << 12 | 16, 0x00af9b000000ffffUL), 0);
    ck_assert_uint_eq(table[2], 0x00affb000000ffffUL);
    ck_assert_int_eq(call(__HYPERVISOR_update_descriptor, page + 8, 0x00affb000000ffffUL), 0);
    ck_assert_uint_eq(((uint64_t *)guest_page(2))[1], 0x00affb000000ffffUL);
    static const struct {
        uint64_t in, out;
    } gates[] = {
        {0x00008c0000100000, 0x00008c0000130000},
        {0x0000ec00e0330000, 0x00008c00e0330000},
        {0x00008c0000070000, 0x00008c0000070000},
        {0x00008c01e0330000, 0},
        {0x00008c00e0080000, 0},
        {1UL << 47, 1UL << 47},
        {0x1234567812345678, 0x1234567812345678},
    };
    for (size_t i = 0; i < sizeof(gates) / sizeof(gates[0]); i++) {
        ck_assert_int_eq(call(__HYPERVISOR_update_descriptor, page + 32, gates[i].in),
                         gates[i].out ? 0 : -EINVAL);
        if (gates[i].out)
            ck_assert_uint_eq(((uint64_t *)guest_page(2))[4], gates[i].out);
    }
    ck_assert_int_eq(call(__HYPERVISOR_update_descriptor, page + 4, 0), -EINVAL);
    ck_assert_int_eq(call(__HYPERVISOR_update_descriptor, 2 << 12, 0), -EINVAL);
    ck_assert_int_eq(call(__HYPERVISOR_update_descriptor, page, 0x0000890000000000), -EINVAL);
    ck_assert_int_eq(call(__HYPERVISOR_update_descriptor, current->cr3 << 12, 0), -EINVAL);
    /* With a GDT in use at the end of the domain: machine_stop checks that it has been given back.
     */
}

START_TEST(test_moves) { guest_test(moves); }
END_TEST
START_TEST(test_debug_registers) { guest_test(debug_registers); }
END_TEST
START_TEST(test_ports) { guest_test(ports); }
END_TEST
START_TEST(test_msrs)
{
    guest_test(msrs);
    guest_test_hardware(msrs);
}
END_TEST
START_TEST(test_identities)
{
    guest_test(identities);
    guest_test_hardware(identities);
}
END_TEST
START_TEST(test_state) { guest_test(state); }
END_TEST
START_TEST(test_descriptors) { guest_test(descriptors); }
END_TEST

int main(void)
{
    Suite *s = suite_create("processor");
    TCase *t = tcase_create("all");
    SRunner *r = srunner_create(s);
    int failed;

    tcase_add_test(t, test_moves);
    tcase_add_test(t, test_debug_registers);
    tcase_add_test(t, test_ports);
    tcase_add_test(t, test_msrs);
    tcase_add_test(t, test_identities);
    tcase_add_test(t, test_state);
    tcase_add_test(t, test_descriptors);
    suite_add_tcase(s, t);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed != 0;
}
