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
 *     push %rcx; push %r11; mov $NUMBER,%eax; lea 1f(%rip),%rcx;
 *     movabs $hypercall_page_entry,%r11; jmp *%r11; 1: pop %r11; pop %rcx; ret
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
        memcpy(p, "\x51\x41\x53\xb8", 4);
        p += 4;
        memcpy(p, &i, sizeof(i));
        p += sizeof(i);
        memcpy(p, "\x48\x8d\x0d\x0d\0\0\0\x49\xbb", 9);
        p += 9;
        memcpy(p, &entry, sizeof(entry));
        p += sizeof(entry);
        memcpy(p, "\x41\xff\xe3\x41\x5b\x59\xc3", 7);
    }
}

void hypercall_by_instruction(struct trap_frame *f)
{
    struct vcpu *v = current;

    if (!v->hypercall_sp && !hypercall_page_used(v->domain))
        return; /* LCOV_EXCL_LINE: Linux has no memory */
    if ((uint32_t)f->rax == __HYPERVISOR_iret && !v->user_mode) {
        f->rip = (uintptr_t)hypercall_page_iret;
        return;
    }
    f->rcx = f->rip;
    f->rip = (uintptr_t)hypercall_page_entry;
}

/* ---- stacks ---- */

/* What handlers and the host's functions behind them need, of which Linux gives what is used. */
#define STACK_SIZE (64U << 10)

/* Of vCPUs that are gone, for the next ones: a stack's first pages cost more than all its calls. */
#define STACKS_KEPT 16U

_Static_assert(offsetof(struct vcpu, hypercall_sp) == 0, "hypercall_entry.S knows it");
_Static_assert(offsetof(struct vcpu, has_avx) == VCPU_HAS_AVX, "and this");
_Static_assert(offsetof(struct vcpu, has_avx512) == VCPU_HAS_AVX512, "and this");
_Static_assert(sizeof(struct trap_frame) == 176, "and it makes one");

/* The end of a new one, after which there is a page for xsave; NULL: Linux has no memory. */
static char *map_stack(void)
{
    char *p = mmap(NULL, PAGE_SIZE + STACK_SIZE + PAGE_SIZE, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED)
        return NULL; /* LCOV_EXCL_LINE: Linux has no memory */
    mprotect(p + PAGE_SIZE, STACK_SIZE + PAGE_SIZE, PROT_READ | PROT_WRITE);
    instrument_mapped(p + PAGE_SIZE, STACK_SIZE, true); /* once of a vCPU's that has gone? */
    return p + PAGE_SIZE + STACK_SIZE;
}

static void unmap_stack(char *end)
{
    munmap(end - STACK_SIZE - PAGE_SIZE, PAGE_SIZE + STACK_SIZE + PAGE_SIZE);
}

/* Those that are kept are a list: the last word of each is the end of the next. */
static void **next_stack(void *end) { return (void **)end - 1; }

bool hypercall_stack_make(struct vcpu *v)
{
    struct hypervisor *hv = v->domain->hv;
    char *end = hv->stacks;

    if (v->hypercall_sp)
        return true;
    if (end) {
        hv->stacks = *next_stack(end);
        hv->stacks_kept--;
    } else {
        end = map_stack();
        if (!end)
            return false; /* LCOV_EXCL_LINE: Linux has no memory */
    }
    v->hypercall_sp = end;
    vectors_ask(v);
    if (!v->started) {
        v->stack = end - STACK_SIZE;
        v->stack_size = STACK_SIZE;
    }
    return true;
}

void hypercall_stack_free(struct vcpu *v)
{
    struct hypervisor *hv = v->domain->hv;
    char *end = v->hypercall_sp;

    v->hypercall_sp = NULL;
    if (!end)
        return;
    /* What handlers have left on it that they will not return to. */
    instrument_mapped(end - STACK_SIZE, STACK_SIZE, true);
    if (hv->stacks_kept == STACKS_KEPT) {
        unmap_stack(end);
        return;
    }
    *next_stack(end) = hv->stacks;
    hv->stacks = end;
    hv->stacks_kept++;
}

void hypercall_stacks_unmap(struct hypervisor *hv)
{
    while (hv->stacks) {
        char *end = hv->stacks;

        hv->stacks = *next_stack(end);
        unmap_stack(end);
    }
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

struct trap_frame *hypercall_page_frame(const struct vcpu *v)
{
    return (struct trap_frame *)v->hypercall_sp - 1;
}

void hypercall_show_result(struct vcpu *v, long result)
{
    if (v->hypercall_sp)
        hypercall_page_frame(v)->rax = (uint64_t)result;
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
    return hypercall_page_frame(v);
}
