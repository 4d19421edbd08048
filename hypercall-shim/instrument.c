/* SPDX-License-Identifier: BSD-3-Clause */
#include "internal.h"
#include "instrument.h"

#include <valgrind/memcheck.h>
#include <valgrind/valgrind.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

/*
 * A guest leaves its one-page boot stack for a larger one, in its .bss or its window. memcheck
 * takes a short jump of the stack pointer for a growing stack, and marks all in between as
 * uninitialised, unless it knows that these are different stacks.
 */
void instrument_stack(struct vcpu *v)
{
    const struct domain *d = v->domain;
    const char *image = (const char *)(uintptr_t)d->virt_base;
    const char *window = (const char *)(uintptr_t)d->window;
    const char *stack = v->stack;

    v->stack_id[0] = VALGRIND_STACK_REGISTER(image, (const char *)(uintptr_t)d->image_end - 1);
    v->stack_id[1] = VALGRIND_STACK_REGISTER(window, window + d->window_size - 1);
    v->stack_id[2] = VALGRIND_STACK_REGISTER(stack, stack + v->stack_size - 1);
#ifdef __SANITIZE_THREAD__
    v->fiber = __tsan_create_fiber(0);
    v->domain->hv->host_fiber = __tsan_get_current_fiber();
#endif
}

void instrument_stack_gone(struct vcpu *v)
{
    for (int i = 0; i < 3; i++)
        VALGRIND_STACK_DEREGISTER(v->stack_id[i]);
#ifdef __SANITIZE_THREAD__
    __tsan_destroy_fiber(v->fiber);
#endif
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
void instrument_before_enter(struct vcpu *v)
{
#ifdef __SANITIZE_ADDRESS__
    /* No fake stacks are kept: detect_stack_use_after_return is not for guests. */
    __sanitizer_start_switch_fiber(NULL, v->stack, v->stack_size);
#endif
#ifdef __SANITIZE_THREAD__
    __tsan_switch_to_fiber(v->fiber, 0);
#endif
    (void)v;
}

#ifdef __SANITIZE_ADDRESS__
void instrument_hypercall(struct vcpu *v)
{
    if (!v->arrived)
        instrument_arrived_in_vcpu(v);
}
#endif

void instrument_arrived_in_vcpu(struct vcpu *v)
{
#ifdef __SANITIZE_ADDRESS__
    struct hypervisor *hv = v->domain->hv;

    v->arrived = true;
    __sanitizer_finish_switch_fiber(NULL, &hv->host_stack, &hv->host_stack_size);
#endif
    (void)v;
}

void instrument_before_leave(struct vcpu *v)
{
#ifdef __SANITIZE_ADDRESS__
    struct hypervisor *hv = v->domain->hv;

    instrument_hypercall(v); /* a crash before the first hypercall */
    __sanitizer_start_switch_fiber(NULL, hv->host_stack, hv->host_stack_size);
#endif
#ifdef __SANITIZE_THREAD__
    __tsan_switch_to_fiber(v->domain->hv->host_fiber, 0);
#endif
    (void)v;
}

void instrument_arrived_in_host(struct vcpu *v)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(NULL, NULL, NULL);
#endif
    (void)v;
}
#endif

void instrument_mapped(void *va, size_t len, bool there)
{
    if (there)
        VALGRIND_MAKE_MEM_DEFINED(va, len);
    else
        VALGRIND_MAKE_MEM_NOACCESS(va, len);
#ifdef __SANITIZE_ADDRESS__
    /* Host code may have poisoned what was here before (a stack, a heap block). */
    if (there)
        __asan_unpoison_memory_region(va, len);
#endif
}

void instrument_wrote(uint64_t va, size_t len)
{
    VALGRIND_MAKE_MEM_DEFINED((void *)(uintptr_t)va, len);
}

bool instrument_dislikes_faults(void)
{
    return RUNNING_ON_VALGRIND != 0; /* memcheck would report the access */
}
