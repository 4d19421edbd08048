/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Hypercall pages (<xen/elfnote.h>, XEN_ELFNOTE_HYPERCALL_PAGE), and the stacks on which the
 * hypercalls that come by them run.
 */
#define _GNU_SOURCE
#include "internal.h"
#include "instrument.h"

#include <sys/mman.h>

/* hypercall_entry.S */
extern const char hypercall_page_entry[];
extern const char hypercall_page_iret[];

#define SLOT_SIZE 32U

/* As Xen's: push %rcx; push %r11; push %rax; and the jump, which leaves all registers alone. */
static void fill_iret(uint8_t *p)
{
    const uint64_t entry = (uintptr_t)hypercall_page_iret;

    memcpy(p, "\x51\x41\x53\x50\xff\x25\0\0\0\0", 10); /* jmp *0(%rip): what follows */
    memcpy(p + 10, &entry, sizeof(entry));
}

/*
 * As Xen's, with a jump into the library in place of a SYSCALL instruction:
 *     mov $NUMBER,%eax; lea 1f(%rip),%rcx; movabs $hypercall_page_entry,%r11; jmp *%r11; 1: ret
 * What touches the guest's stack is here, so that a fault there is seen to be the guest's.
 */
void hypercall_page_fill(uint8_t *page)
{
    const uint64_t entry = (uintptr_t)hypercall_page_entry;

    memset(page, 0xcc, PAGE_SIZE);
    for (uint32_t i = 0; i < PAGE_SIZE / SLOT_SIZE; i++) {
        uint8_t *p = page + (size_t)i * SLOT_SIZE;

        if (i == __HYPERVISOR_iret) {
            fill_iret(p);
            continue;
        }
        *p++ = 0xb8;
        memcpy(p, &i, sizeof(i));
        p += sizeof(i);
        memcpy(p, "\x48\x8d\x0d\x0d\0\0\0\x49\xbb", 9);
        p += 9;
        memcpy(p, &entry, sizeof(entry));
        p += sizeof(entry);
        memcpy(p, "\x41\xff\xe3\xc3", 4);
    }
}

/* ---- stacks ---- */

/* What handlers and the host's functions behind them need, of which Linux gives what is used. */
#define STACK_SIZE (64U << 10)

_Static_assert(offsetof(struct vcpu, hypercall_sp) == 0, "hypercall_entry.S knows it");
_Static_assert(sizeof(struct trap_frame) == 176, "and it makes one");

bool hypercall_stack_make(struct vcpu *v)
{
    char *p;

    if (v->hypercall_sp)
        return true;
    p = mmap(NULL, PAGE_SIZE + STACK_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
             -1, 0);
    if (p == MAP_FAILED)
        return false; /* LCOV_EXCL_LINE: Linux has no memory */
    mprotect(p + PAGE_SIZE, STACK_SIZE, PROT_READ | PROT_WRITE);
    instrument_mapped(p + PAGE_SIZE, STACK_SIZE, true); /* of a vCPU's that has gone? */
    v->hypercall_sp = p + PAGE_SIZE + STACK_SIZE;
    if (!v->started) {
        v->stack = p + PAGE_SIZE;
        v->stack_size = STACK_SIZE;
    }
    return true;
}

void hypercall_stack_free(struct vcpu *v)
{
    if (v->hypercall_sp)
        munmap((char *)v->hypercall_sp - STACK_SIZE - PAGE_SIZE, PAGE_SIZE + STACK_SIZE);
    v->hypercall_sp = NULL;
}

bool hypercall_page_used(struct domain *d)
{
    d->calls_by_page = true;
    for (unsigned int i = 0; i < MAX_VCPUS; i++) {
        if (d->vcpus[i] && !hypercall_stack_make(d->vcpus[i]))
            return false; /* LCOV_EXCL_LINE: Linux has no memory */
    }
    return true;
}

static struct trap_frame *frame(const struct vcpu *v)
{
    return (struct trap_frame *)v->hypercall_sp - 1;
}

void hypercall_show_result(struct vcpu *v, long result)
{
    if (v->hypercall_sp)
        frame(v)->rax = (uint64_t)result;
}

bool hypercall_stack_has(const struct vcpu *v, uint64_t va)
{
    uint64_t top = (uintptr_t)v->hypercall_sp;

    return top && va >= top - STACK_SIZE - PAGE_SIZE && va < top;
}

const struct trap_frame *hypercall_frame(const struct vcpu *v)
{
    if (!hypercall_stack_has(v, (uintptr_t)v->sp))
        return NULL;
    return frame(v);
}
