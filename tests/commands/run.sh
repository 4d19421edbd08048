#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# halvm run: domains in a process, from xl's configurations and Xen images. What people see of it:
# their programs' output, its own lines, its status.
# shellcheck source=tests/commands/tap.sh
. "$(dirname "$0")/tap.sh"
# shellcheck source=tests/commands/kernel-notes.sh
. "$top/tests/commands/kernel-notes.sh"
: "${GUEST_CC:?}"

run "$bin/halvm" run --help
ok "--help: status 0" status_is 0
ok "which says how it is used" has out '^Usage: halvm run \[OPTION...\] DOMAIN'
run "$bin/halvm" run
ok "nothing to run: status 2" status_is 2
ok "which says so" has err '^halvm run: no domain given'
run "$bin/halvm" run --frobnicate
ok "an unknown option: status 2" status_is 2
ok "which says so" has err '^halvm run: unknown option "--frobnicate"'

# ---- configurations that are wrong ----

wrong() { # DESCRIPTION REGEX, with the configuration on standard input
    cat >wrong.cfg
    run "$bin/halvm" run wrong.cfg
    ok "$1: status 2" status_is 2
    ok "$1: one line" one_line err
    ok "$1: which says so" has err "$2"
}
run "$bin/halvm" run nosuch.cfg
ok "no such file: status 2" status_is 2
ok "one line" one_line err
ok "which says so" has err '^halvm run: nosuch.cfg: No such file or directory$'
run "$bin/halvm" run .
ok "a folder" has err '^halvm run: \.: Is a directory$'
{ echo 'kernel = "x"' && head -c 1100000 /dev/zero | tr '\0' '#'; } >wrong.cfg
run "$bin/halvm" run wrong.cfg
ok "a file that is too large" has err '^halvm run: wrong.cfg: no configuration: it has more than 1048576 bytes'
wrong 'no kernel' '^halvm run: wrong.cfg: there is no kernel' <<<'memory = 32'
wrong 'a grammatical mistake' '^halvm run: wrong.cfg:2: .*near `=' <<<$'kernel = "x"\n= 3'
wrong 'an open string' '^halvm run: wrong.cfg:1: ' <<<'kernel = "x'
wrong 'a word for a number' '^halvm run: wrong.cfg:2: .*memory' <<<$'kernel = "x"\nmemory = "lots"'
wrong 'no memory' '^halvm run: wrong.cfg:2: memory = 0: must be from 1 to 65536$' <<<$'kernel = "x"\nmemory = 0'
wrong 'a list for a string' '^halvm run: wrong.cfg:1: .*kernel' <<<'kernel = ["a", "b"]'
wrong 'too many vcpus' '^halvm run: wrong.cfg:2: vcpus = 33: must be from 1 to 32$' <<<$'kernel = "x"\nvcpus = 33'
wrong 'maxmem below memory' '^halvm run: wrong.cfg:3: maxmem = 16 is less than memory = 32' \
    <<<$'kernel = "x"\nmemory = 32\nmaxmem = 16'
wrong 'an unknown action' 'on_crash = "explode": must be destroy, restart' <<<$'kernel = "x"\non_crash = "explode"'
wrong 'a short UUID' 'uuid = "12-34": not 32 hexadecimal digits' <<<$'kernel = "x"\nuuid = "12-34"'
wrong 'another kind of domain' 'type = "hvm": only "pv"' <<<$'kernel = "x"\ntype = "hvm"'
wrong 'a boot loader' 'bootloader: there are no disks' <<<$'kernel = "x"\nbootloader = "pygrub"'
wrong 'a name that is too long' 'must have from 1 to 63 characters' \
    <<<$'kernel = "x"\nname = "'"$(printf '%080d' 0)"'"'
wrong 'a long command line' 'the command line has 1100 bytes: at most 1023' \
    <<<$'kernel = "x"\nextra = "'"$(printf '%01100d' 0)"'"'

wrong 'a string for disks' '^halvm run: wrong.cfg:2: must be a list' <<<$'kernel = "x"\ndisk = "phy:/dev/x,xvda,w"'
wrong 'a network without numbers' '^halvm run: wrong.cfg:2: vif = "mac=00:16": mac must be six numbers' \
    <<<$'kernel = "x"\nvif = ["bridge=xenbr0", "mac=00:16"]'
wrong 'a misspelt key of a network' 'vif = "brigde=xenbr0": unknown key' <<<$'kernel = "x"\nvif = ["brigde=xenbr0"]'
wrong 'a vif that is no list of keys' 'a word in it is not key=value' <<<$'kernel = "x"\nvif = ["xenbr0"]'
wrong 'a kind of network' 'type must be vif' <<<$'kernel = "x"\nvif = ["type=ioemu"]'
wrong 'a folder without its name' 'p9 = "path=/tmp": tag, path and security_model must be there' \
    <<<$'kernel = "x"\np9 = ["path=/tmp"]'
wrong 'a misspelt key of a folder' 'p9 = "tga=x": unknown key' <<<$'kernel = "x"\np9 = ["tga=x"]'
printf 'kernel = "x"\ndisk = ["phy:/dev/x,xvda,what"]\n' >wrong.cfg
run "$bin/halvm" run wrong.cfg
ok "a disk that is wrong: status 2" status_is 2
ok "which says so, with its line" has err '^halvm run: wrong.cfg:2: disk = "phy:/dev/x,xvda,what": not a disk'
ok "and what libxlutil says of it" has err '^halvm run: wrong.cfg: config parsing error in disk specification'

# ---- images that are wrong ----

wrong_image() { # DESCRIPTION REGEX FILE
    run "$bin/halvm" run "$3"
    ok "$1: status 2" status_is 2
    ok "$1: one line" one_line err
    ok "$1: which says so" has err "^halvm run: $3: $2"
}
wrong 'an image that is not there' '^halvm run: nosuch.xen: No such file or directory$' \
    <<<'kernel = "nosuch.xen"'
wrong 'a folder for an image' '^halvm run: \.: not a regular file$' <<<'kernel = "."'
wrong 'a text for an image' '^halvm run: wrong.cfg: not an ELF file$' <<<'kernel = "wrong.cfg"'
cp /proc/self/exe plain
wrong_image 'a Linux program' 'not an image for Xen: it has no notes' plain

# ---- a kernel that is not ours: no runtime, no relocations ----

# It writes TEXT by console_io and shuts down for REASON. What it tells its builder is on standard
# input.
kernel() { # NAME ADDRESS TEXT REASON
    cat - >"$1.s" <(
        cat <<S
        .text
        .globl kernel_entry, hypercall_page
hypercall_page: .skip 4096
kernel_entry:
        leaq stack_end(%rip), %rsp
        xorl %edi, %edi
        movl \$2f - 1f, %esi
        leaq 1f(%rip), %rdx
        call hypercall_page + 18 * 32
        movl \$2, %edi
        leaq reason(%rip), %rsi
        call hypercall_page + 29 * 32
        ud2
1:      .ascii "$3\n"
2:      .p2align 2
reason: .long $4
        .bss
        .skip 65536
stack_end:
        .section .note.GNU-stack, "", @progbits
S
    )
    as --64 -o "$1.o" "$1.s" && ld -N -static "-Ttext=$2" -e kernel_entry -o "$1" "$1.o"
}
ok "build one" kernel plain.xen 0x20000000 'without a runtime' 0 < <(notes 0x20000000)
run timeout 20 "$bin/halvm" run plain.xen
ok "it runs where it was linked: status 0" status_is 0
ok "what it writes" has err '^without a runtime$'
cp plain.xen plain2.xen
run "$bin/halvm" run plain.xen plain2.xen
ok "two of it cannot: status 2" status_is 2
ok "which says so" has err '^halvm run: plain2.xen: its addresses \(from 0x20000000 on\) are in use, and it has no relocations'
# One that has something in all registers when it makes a hypercall, which changes rax.
{
    notes 0x20000000
    cat <<'S'
        .macro same register, value
        cmpq $\value, %\register
        jne 9f
        .endm
        .text
        .globl kernel_entry, hypercall_page
hypercall_page: .skip 4096
kernel_entry:
        leaq stack_end(%rip), %rsp
        movl $0x2000, %ebx
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movq %rbx, %xmm\n
        addl $1, %ebx
        .endr
        .irp register, rbx, rbp, rcx, rdx, r8, r9, r10, r11, r12, r13, r14, r15
        movq $0x1002, %\register
        .endr
        xorl %edi, %edi
        xorl %esi, %esi
        movq $0x5a5a, -32(%rsp)
        call hypercall_page + 17 * 32
        same rax, 0x40011
        .irp register, rbx, rbp, rcx, rdx, r8, r9, r10, r11, r12, r13, r14, r15
        same \register, 0x1002
        .endr
        same rdi, 0
        same rsi, 0
        cmpq $0x5a5a, -32(%rsp)
        jne 9f
        movl $0x2000, %ebx
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        movq %xmm\n, %rbp
        cmpq %rbx, %rbp
        jne 9f
        addl $1, %ebx
        .endr
        movl $2, %edi
        leaq reason(%rip), %rsi
        call hypercall_page + 29 * 32
9:      ud2
reason: .long 0
        .bss
        .skip 65536
stack_end:
        .section .note.GNU-stack, "", @progbits
S
} >registers.s
ok "build one that looks at its registers" bash -c \
    'as --64 -o registers.o registers.s && ld -N -static -Ttext=0x20000000 -e kernel_entry -o registers.xen registers.o'
run timeout 20 "$bin/halvm" run registers.xen
ok "hypercalls leave them and the stack alone" status_is 0
# The same of the upper halves of vector registers, if there are any: with something in them, and
# without. Output makes the host copy with what the processor has; another guest clears all, meanwhile.
upper() { # EMPTY ADDRESS: whether the upper halves are to be zeroes
    notes "$2"
    cat <<S
        .text
        .globl kernel_entry, hypercall_page
hypercall_page: .skip 4096
kernel_entry:
        leaq stack_end(%rip), %rsp
        movl \$1, %eax
        cpuid
        notl %ecx
        testl \$0x18000000, %ecx
        jnz 8f
        movl \$100, %r12d
1:
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        vpcmpeqd %xmm\\n, %xmm\\n, %xmm\\n
        .if $1
        vmovaps %xmm\\n, %xmm\\n
        .else
        vmovups pattern + 32 * \\n(%rip), %ymm\\n
        .endif
        .endr
        xorl %edi, %edi
        movl \$text_end - text, %esi
        leaq text(%rip), %rdx
        call hypercall_page + 18 * 32
        xorl %edi, %edi
        xorl %esi, %esi
        call hypercall_page + 29 * 32
        .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
        vmovups %ymm\\n, 32 * \\n + found(%rip)
        .endr
        vzeroupper
        leaq found(%rip), %rdi
        .if $1
        leaq cleared(%rip), %rsi
        .else
        leaq pattern(%rip), %rsi
        .endif
        movl \$512, %ecx
        repe cmpsb
        jne 9f
        decl %r12d
        jnz 1b
8:      movl \$2, %edi
        leaq reason(%rip), %rsi
        call hypercall_page + 29 * 32
9:      ud2
reason: .long 0
        .data
text:   .fill 300, 1, 'x'
        .ascii "\n"
text_end:
        .p2align 5
pattern:
        .set i, 0
        .rept 512
        .byte (i * 7 + 1) & 255
        .set i, i + 1
        .endr
cleared:
        .rept 16
        .quad -1, -1, 0, 0
        .endr
        .bss
found:  .skip 512
        .skip 65536
stack_end:
        .section .note.GNU-stack, "", @progbits
S
}
for way in '0 0x20000000' '1 0x30000000'; do
    read -r clears address <<<"$way"
    # shellcheck disable=SC2086
    upper $way >"upper$clears.s"
    ok "build one with vectors" bash -c \
        "as --64 -o upper.o upper$clears.s && ld -N -static -Ttext=$address -e kernel_entry -o upper$clears.xen upper.o"
done
run timeout 20 "$bin/halvm" run upper0.xen upper1.xen
ok "hypercalls leave whole vector registers alone" status_is 0
ok "build another one" kernel crash.xen 0x20000000 'going to crash' 3 < <(notes 0x20000000)
printf 'kernel = "crash.xen"\nmemory = 8\n' >plaincrash.cfg
run timeout 20 "$bin/halvm" run plaincrash.cfg
ok "it crashes: status 134" status_is 134
ok "which says so" has err '^plaincrash: domain 1 crashed$'
ok "build one for address 0" kernel zero.xen 0 'at zero' 0 < <(notes 0)
run timeout 20 "$bin/halvm" run zero.xen
zero_runs() { [ "$status" = 0 ] && has err '^at zero$'; }
zero_refused() {
    [ "$status" = 2 ] &&
        has err '^halvm run: zero.xen: it begins at 0x0, .* \(vm.mmap_min_addr = 0, or CAP_SYS_RAWIO\)'
}
zero() { zero_runs || zero_refused; }
ok "it runs if Linux lets us have address 0; else a line says so" zero
# One that does what other kernels do: its BODY, which jumps to 9 if something is wrong.
body() { # NAME
    {
        notes 0x20000000
        cat <<'S'
        .text
        .globl kernel_entry, hypercall_page
hypercall_page: .skip 4096
kernel_entry:
        leaq stack_end(%rip), %rsp
S
        cat -
        cat <<'S'
        movl $2, %edi
        leaq reason(%rip), %rsi
        call hypercall_page + 29 * 32
9:      ud2
        .p2align 2
reason: .long 0
        .bss
        .p2align 4
        .skip 65536
stack_end:
        .section .note.GNU-stack, "", @progbits
S
    } >"$1.s"
    as --64 -o "$1.o" "$1.s" && ld -N -static -Ttext=0x20000000 -e kernel_entry -o "$1" "$1.o"
}
ok "build one that clears its segments" body null.xen <<'S'
        xorl %eax, %eax
        movl %eax, %ds
        movl %eax, %es
        movl %eax, %fs
        movl %eax, %gs
        xorl %edi, %edi
        call hypercall_page + 17 * 32
        cmpl $0x40011, %eax
        jne 9f
        xorl %eax, %eax
        movl %eax, %fs
        movl $0xc0000101, %ecx  # the base of gs, which Xen sets for it
        movl $0x1234, %eax
        xorl %edx, %edx
        wrmsr
        rdmsr
        cmpl $0x1234, %eax
        jne 9f
S
run timeout 20 "$bin/halvm" run null.xen
ok "it runs: the host does not need them" status_is 0
ok "build one that returns to Xen's segments" body return.xen <<'S'
        movq %rsp, %rbx
        pushq $0xe02b
        pushq %rbx
        pushq $0x247            # CF, ZF, PF
        pushq $0xe033
        leaq 1f(%rip), %rax
        pushq %rax
        iretq
1:      jnc 9f
        jnz 9f
        cmpq %rbx, %rsp
        jne 9f
        pushq $0xe033
        leaq 1f(%rip), %rax
        pushq %rax
        lretq
1:      cmpq %rbx, %rsp
        jne 9f
S
run timeout 20 "$bin/halvm" run return.xen
ok "it gets there, by iretq and lretq" status_is 0
ok "build one that makes hypercalls by itself" body syscall.xen <<'S'
        movl $17, %eax
        xorl %edi, %edi
        syscall
        cmpl $0x40011, %eax
        jne 9f
        movl $2, %edi
        leaq reason(%rip), %rsi
        movl $29, %eax
        syscall
        jmp 9f
S
run timeout 20 "$bin/halvm" run syscall.xen
ok "they are Xen's and not Linux's" status_is 0
ok "build one whose multicall ends with an iret" body multi.xen <<'S'
        movq %rsp, %rbx
        pushq $0xe02b
        pushq %rbx
        pushq $2
        pushq $0xe030
        leaq 1f(%rip), %rax
        pushq %rax
        pushq $0
        pushq $0x33
        pushq $0x44
        pushq $0x55
        leaq list(%rip), %rdi
        movl $2, %esi
        movl $13, %eax
        syscall
        jmp 9f
        .p2align 3
list:   .quad 23, 0, 0, 0, 0, 0, 0, 0   # iret
        .quad 17, 0, 0, 0, 0, 0, 0, 0   # XENVER_version, which is not reached
1:      cmpq %rbx, %rsp
        jne 9f
        cmpl $0x55, %eax
        jne 9f
        cmpl $0x33, %ecx
        jne 9f
        cmpq $0, list + 72(%rip)
        jne 9f
S
run timeout 20 "$bin/halvm" run multi.xen
ok "the frame is where its stack pointer is" status_is 0
ok "build one with a trap gate" body int80.xen <<'S'
        leaq table(%rip), %rdi
        leaq 1f(%rip), %rax
        movq %rax, 8(%rdi)
        call hypercall_page
        movl $20, %eax
        int $0x80
        jmp 9f
        .p2align 3
table:  .byte 0x80, 3
        .word 0xe033
        .long 0
        .quad 0, 0, 0
1:      popq %rcx
        popq %r11
        cmpl $20, %eax
        jne 9f
S
run timeout 20 "$bin/halvm" run int80.xen
ok "its handler gets the interrupt" status_is 0
ok "build one without" body noint80.xen <<'S'
        movl $20, %eax
        int $0x80
S
run timeout 20 "$bin/halvm" run noint80.xen
ok "it crashes" has err '^noint80: domain 1: general protection fault$'
ok "build one that returns to a segment that it does not have" body noreturn.xen <<'S'
        pushq $0xe02b
        pushq %rsp
        pushq $0x202
        pushq $0xe013
        leaq 1f(%rip), %rax
        pushq %rax
        iretq
1:
S
run timeout 20 "$bin/halvm" run noreturn.xen
ok "it crashes by a general protection fault" has err '^noreturn: domain 1: general protection fault$'
ok "build one with the old section" kernel old.xen 0x30000000 'of old' 0 <<'S'
        .section __xen_guest, "", @progbits
        .ascii "GUEST_OS=test,XEN_VER=xen-3.0,VIRT_BASE=0x30000000,HYPERCALL_PAGE=0x0,LOADER=generic"
        .byte 0
S
run timeout 20 "$bin/halvm" run old.xen
ok "it runs: status 0" status_is 0
ok "what it writes" has err '^of old$'

if [ -n "${HOSTED_ONLY:-}" ]; then
    skip "images" "this build's guests have instrumentation that needs a host"
    done_testing
    exit
fi

cat >guest.c <<'C'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
extern long hypercall(unsigned, unsigned long, unsigned long, unsigned long, unsigned long,
                      unsigned long);
static int lives;
int main(int argc, char **argv)
{
    char line[64];
    unsigned reason;
    volatile int zero = 0;
    const char *what = argc > 1 ? argv[1] : "";

    for (int i = 0; i < argc; i++)
        printf("%s%s", i ? " " : "", argv[i]);
    putchar('\n');
    lives++;
    if (!strcmp(what, "exit"))
        return atoi(argv[2]);
    if (!strcmp(what, "echo")) {
        while (fgets(line, sizeof line, stdin))
            printf("got %s", line);
        puts("end of input");
    }
    if (!strcmp(what, "wild"))
        *(volatile int *)0x123456789000 = 1;
    if (!strcmp(what, "divide"))
        return argc / zero;
    if (!strcmp(what, "raw")) { /* without the runtime's handlers */
        hypercall(0, 0, 0, 0, 0, 0);
        *(volatile int *)0x123456789000 = 1;
    }
    if (!strcmp(what, "shutdown")) {
        reason = (unsigned)atoi(argv[2]);
        fflush(stdout);
        hypercall(29, 2, (unsigned long)&reason, 0, 0, 0);
    }
    if (!strcmp(what, "wait")) {
        fflush(stdout);
        for (;;)
            hypercall(29, 1, 0, 0, 0, 0);
    }
    if (!strcmp(what, "lines"))
        for (int i = 0; i < 2000; i++)
            printf("%s line %d\n", argv[2], i);
    if (!strcmp(what, "part"))
        printf("no newline");
    return 0;
}
C
# shellcheck disable=SC2086
ok "compile" $GUEST_CC -c guest.c -o guest.o
ok "link" "$bin/halvm-ld" --halvm-target=both -o guest guest.o

# cfg NAME EXTRA: a configuration of that name
cfg() {
    printf 'name = "%s"\nkernel = "guest.xen"\nmemory = 16\nextra = "%s"\n' "$1" "$2" >"$1.cfg"
}
with() { # NAME LINE...: adds to it
    local name=$1
    shift
    printf '%s\n' "$@" >>"$name.cfg"
}

# ---- one domain ----

cp "$top/examples/Hello/Hello.hs" .
ok "compile Hello for Xen" "$bin/halvm-ghc" -v0 --target=both Hello.hs -o hello
printf 'name = "hello"\nkernel = "hello.xen"\nmemory = 32\n' >hello.cfg
./hello >expected
run "$bin/halvm" run hello.cfg
ok "Hello: status 0" status_is 0
ok "it writes what it writes as a program" cmp expected out
ok "and nothing else" cmp /dev/null err
run "$bin/halvm" run hello.xen
ok "an image alone" cmp expected out

cfg one 'exit 7'
run "$bin/halvm" run one.cfg
ok "one domain: its status is the command's" status_is 7
ok "its arguments" has out '^guest exit 7$'
cfg echo echo
printf 'one\ntwo\n' >typed
"$bin/halvm" run echo.cfg <typed >out 2>err
ok "one domain has standard input" diff -u - out <<'END'
guest echo
got one
got two
end of input
END
cfg part part
run "$bin/halvm" run part.cfg
ok "its output is as it is" cmp <(printf 'guest part\nno newline') out

cfg cmdline unused
with cmdline 'cmdline = "the whole line"' 'root = "/dev/xvda"'
run "$bin/halvm" run cmdline.cfg
ok "cmdline is all" has out '^guest the whole line$'
ok "which makes a note of the rest" has err 'note: root and extra are not used'
printf 'kernel = "guest.xen"\nmemory = 16\nroot = "/dev/xvda ro"\nextra = "quiet"\n' >root.cfg
run "$bin/halvm" run root.cfg
ok "root and extra" has out '^guest root=/dev/xvda ro quiet$'
cfg devices ''
with devices 'vif = [ "bridge=xenbr0" ]' "disk = [ 'phy:/dev/x,xvda,w' ]" 'seclabel = "a"' 'vnc = 1'
run "$bin/halvm" run devices.cfg
ok "what has no meaning here is accepted" status_is 0
ok "with one line" one_line err
ok "which names it" has err '^halvm run: devices.cfg: note: without a meaning here: vif, disk, seclabel, vnc$'
cfg keys ''
with keys '# comment: memroy' 'pci = [ "memroy",' ' "y" ]; memroy = 32' 'frobnicate = 1'
run "$bin/halvm" run keys.cfg
ok "a misspelt key is ignored, as by xl" status_is 0
ok "but for a line that says so" has err '^halvm run: keys.cfg:7: note: unknown key "memroy"; did you mean "memory"\?$'
ok "an unknown key, too" has err '^halvm run: keys.cfg:8: note: unknown key "frobnicate"; xl.cfg\(5\)'
cfg small ''
sed -i 's/memory = 16/memory = 1/' small.cfg
run "$bin/halvm" run small.cfg
ok "too little memory: status 2" status_is 2
ok "one line" one_line err
ok "which says how much" has err '^halvm run: small.cfg: memory = 1: at least [0-9]+ MiB are needed$'
cfg disk ''
with disk 'ramdisk = "nosuch.tar"'
run "$bin/halvm" run disk.cfg
ok "no such RAM disk: status 2" status_is 2
ok "which says so" has err '^halvm run: ramdisk=nosuch.tar: No such file or directory$'

# ---- the ways of ending ----

ends() { # DESCRIPTION EXTRA STATUS REGEX
    cfg ends "$2"
    run timeout 20 "$bin/halvm" run ends.cfg
    ok "$1: status $3" status_is "$3"
    ok "$1: which says so" has err "$4"
}
ends 'a wild pointer' wild 139 'writing address 0x123456789000: not mapped'
ends 'a division by zero' divide 136 'divide error'
ok "and where" has err '^  at main\+0x[0-9a-f]+$'
ends 'a fault without a handler' raw 139 '^ends: domain 1: page fault: write at 0x123456789000: outside'
ok "and where" has err 'rip 0x[0-9a-f]+ \(main\+0x[0-9a-f]+\)'
ends 'a crash' 'shutdown 3' 134 '^ends: domain 1 crashed$'
ends 'its watchdog' 'shutdown 4' 1 '^ends: domain 1 shut down for reason 4$'
ends 'one that waits for ever' wait 1 '^halvm run: ends: waits for what cannot come'

# ---- several ----

cfg a 'lines a'
cfg b 'lines b'
run timeout 20 "$bin/halvm" run a.cfg b.cfg hello.cfg
ok "three domains: status 0" status_is 0
for name in a b; do
    { echo "guest lines $name"; for ((i = 0; i < 2000; i++)); do echo "$name line $i"; done; } >expected.$name
    ok "all lines of $name, in order, with its name" cmp expected.$name <(sed -n "s/^$name: //p" out)
done
ok "and those of Hello" cmp expected <(sed -n 's/^hello: //p' out)
ok "and no others" [ "$(wc -l <out)" = $((2 * 2001 + $(wc -l <expected))) ]
ok "without colours, where there is no terminal" bash -c '! grep -q $'"'\\033'"' out'
TERM=xterm script -qec "'$bin/halvm' run a.cfg part.cfg" /dev/null >terminal </dev/null
ok "in colour on a terminal" has terminal $'^\033\\[3[1-6]ma:\033\\[0m guest lines a'
ok "each in its own" has terminal $'^\033\\[32mpart:\033\\[0m no newline'
NO_COLOR=1 script -qec "'$bin/halvm' run a.cfg part.cfg" /dev/null >terminal </dev/null
ok "unless they are not wanted" has terminal '^part: no newline'

run timeout 20 "$bin/halvm" run a.cfg ends.cfg one.cfg
ok "one that ends badly among others: status 1" status_is 1
ok "it is named" has err '^halvm run: one: ended with status 7$'
ok "the others have ended as ever" cmp expected.a <(sed -n 's/^a: //p' out)
cfg bad raw
run timeout 20 "$bin/halvm" run bad.cfg a.cfg
ok "a fault in one: status 1" status_is 1
ok "its report" has err '^bad: domain 1: page fault: write at 0x123456789000'
ok "the other does not notice" cmp expected.a <(sed -n 's/^a: //p' out)
run timeout 20 "$bin/halvm" run echo.cfg a.cfg
ok "nobody of several has input" has out '^echo: end of input$'
run "$bin/halvm" run a.cfg a.cfg
ok "two of one name: status 2" status_is 2
ok "which says so" has err '^halvm run: a.cfg: there is a domain "a" already, of a.cfg$'

many=()
for ((i = 0; i < 40; i++)); do
    cfg "many$i" "exit 0"
    many+=("many$i.cfg")
done
run timeout 60 "$bin/halvm" run "${many[@]}"
ok "forty domains: status 0" status_is 0
ok "all were there" [ "$(sort -u out | wc -l)" = 40 ]

# ---- a pair of tests/conformance, as on Xen ----

pair_is_well() { # OPTION...: both have ended well, and said so
    run timeout 60 "$bin/halvm" run "$@" pair-a.cfg pair-b.cfg
    status_is 0 && has out '^pair-a: 1\.\.[0-9]+$' && has out '^pair-b: 1\.\.[0-9]+$' &&
        ! grep "not ok" out
}
printf 'kernel = "pair.xen"\nmemory = 16\nextra = "a 1 2"\n' >pair-a.cfg
printf 'kernel = "pair.xen"\nmemory = 16\nextra = "b 2 1"\n' >pair-b.cfg
for pair in event_channel grant_map xenstore; do
    # shellcheck disable=SC2086
    ok "compile the pair $pair" $GUEST_CC -c "$top/tests/conformance/pairs/$pair.c" -o pair.o
    ok "link it" "$bin/halvm-ld" --halvm-target=xen -o pair pair.o
    ok "its checks hold" pair_is_well
    ok "in virtual time" pair_is_well --virtual-time
    for seed in 1 2 3 4 5; do
        ok "with seed $seed" pair_is_well --seed $seed
    done
done

# ---- time ----

cat >Sleep.hs <<'H'
import Control.Concurrent
import Data.Time.Clock.POSIX
main :: IO ()
main = do
    before <- getPOSIXTime
    threadDelay 3600000000
    after <- getPOSIXTime
    print (before, after - before)
    name <- getLine
    rest <- getContents
    print (name, length rest)
H
ok "compile a program that sleeps an hour" "$bin/halvm-ghc" -v0 --target=both Sleep.hs -o sleep
input() {
    echo "first line"
    head -c 100000 /dev/zero | tr '\0' x
}
expected='(1735689600s,3600s)
("first line",100000)'
input | timeout 60 "$bin/halvm" run --virtual-time sleep.xen >out
ok "virtual time: an hour is soon over" cmp <(echo "$expected") out
input | timeout 60 "$bin/halvm" run --seed 0x123456789abcdef sleep.xen >out
ok "with a seed too" cmp <(echo "$expected") out
input | HALVM=time=virtual timeout 60 ./sleep >out
ok "a hosted program has virtual time" cmp <(echo "$expected") out
input | HALVM=seed=77 timeout 60 ./sleep >out
ok "and seeds" cmp <(echo "$expected") out
for seed in 0 -1 1x 99999999999999999999 ''; do
    run "$bin/halvm" run --seed "$seed" a.cfg
    ok "--seed '$seed': status 2" status_is 2
    ok "one line" one_line err
    ok "which says so" has err "^halvm run: --seed $seed: not a number from 1 to"
done
run "$bin/halvm" run --seed
ok "--seed alone" has err '^halvm run: --seed needs a value'

# ---- what becomes of a domain that has ended ----

again() { # NAME COUNT: the first lines of a domain that comes again and again
    timeout 60 "$bin/halvm" run --virtual-time "$1.cfg" 2>err </dev/null | head -n "$2" >out
    [ "$(grep -cx "guest shutdown [13]" out)" = "$2" ] || { tail -n 3 out; cat err; return 1; }
}
cfg again 'shutdown 1'
ok "on_reboot: a new domain each time, after all numbers of domains too" again again 1100
# xl sleeps two seconds before it makes one anew, so that what ends at once does not keep the processor.
for time in real virtual; do
    for reason in 1 3; do
        cfg pause "shutdown $reason"
        with pause 'on_crash = "restart"'
        timeout 60 "$bin/halvm" run ${virtual-} --trace pause.trace pause.cfg </dev/null 2>err | head -n 2 >out
        timeout 60 "$bin/halvm" trace --kind life pause.trace >life
        ok "on_reboot, on_crash: two seconds of $time time are between it and the next one, for reason $reason" awk '
            / (shut down|crashed)/ && !ended { end = $1; ended = 1 }
            / created domain=2$/ { begin = $1 }
            END { exit !(ended && begin - end >= 2) }' life
    done
    virtual=--virtual-time
done
with again 'on_reboot = "destroy"'
run timeout 20 "$bin/halvm" run again.cfg
ok "on_reboot destroy: once" cmp <(echo 'guest shutdown 1') out
ok "status 0" status_is 0
cfg kept 'shutdown 0'
with kept 'on_poweroff = "preserve"'
run timeout 20 "$bin/halvm" run kept.cfg a.cfg
ok "on_poweroff preserve: it ends all the same" status_is 0
for action in restart rename-restart coredump-restart; do
    cfg crash 'shutdown 3'
    with crash "on_crash = \"$action\""
    ok "on_crash $action: again and again" again crash 5
done

# ---- images that are damaged ----

damage() { # OFFSET BYTES
    cp guest.xen damaged.xen
    printf '%b' "$2" | dd of=damaged.xen bs=1 seek="$1" conv=notrunc status=none
}
head -c 3 guest.xen >damaged.xen
wrong 'an image of three bytes' 'damaged.xen: not an ELF file$' <<<'kernel = "damaged.xen"'
head -c 40 guest.xen >damaged.xen
wrong_image 'a part of a header' 'truncated: 40 bytes are no ELF header' damaged.xen
head -c 10000 guest.xen >damaged.xen
wrong_image 'a part of an image' 'truncated: ' damaged.xen
damage 4 '\1'
wrong_image 'a 32-bit image' 'not a 64-bit ELF file' damaged.xen
damage 18 '\267'
wrong_image 'another machine' 'not for x86-64 \(machine 183\)' damaged.xen
objcopy -R '.rela*' guest.xen fixed.xen 2>/dev/null
printf 'kernel = "fixed.xen"\nmemory = 16\n' >fixed.cfg
run "$bin/halvm" run fixed.cfg
ok "an image without relocations runs where it was linked" status_is 0
sed 's/^/name = "other"\n/' fixed.cfg >other.cfg
run "$bin/halvm" run fixed.cfg other.cfg
ok "but not two: status 2" status_is 2
ok "which says so" has err '^halvm run: fixed.xen: its addresses \(from 0x400000 on\) are in use, and it has no relocations'
done_testing
