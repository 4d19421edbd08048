/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Which addresses Linux gives to this process by itself. Guests have those below
 * HYPERVISOR_GUEST_END, and Linux begins at the other end, unless the stack may grow without end
 * (ulimit -s unlimited), or it is asked for its layout of old (setarch -L): then libraries are in
 * the midst of what is the guests'.
 */
#define _GNU_SOURCE
#include "sim.h"

#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <unistd.h>
#include <valgrind/valgrind.h>

#define STACK_USUAL (8UL << 20)

bool addresses_apart(void)
{
    const size_t size = 4096;
    void *p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        return false; /* LCOV_EXCL_LINE: Linux has no memory */
    munmap(p, size);
    return (uintptr_t)p >= HYPERVISOR_GUEST_END &&
           (uintptr_t)&addresses_apart >= HYPERVISOR_GUEST_END;
}

void addresses_start(char **argv)
{
    int layout = personality(0xffffffff);
    bool changed = false;
    struct rlimit stack;

    if (addresses_apart() || RUNNING_ON_VALGRIND)
        return;
    if (layout & ADDR_COMPAT_LAYOUT &&
        personality((unsigned int)(layout & ~ADDR_COMPAT_LAYOUT)) >= 0)
        changed = true;
    if (!getrlimit(RLIMIT_STACK, &stack) && stack.rlim_cur > STACK_USUAL) {
        stack.rlim_cur = STACK_USUAL;
        changed |= !setrlimit(RLIMIT_STACK, &stack);
    }
    if (changed)
        execv("/proc/self/exe", argv); /* if not, all goes on as it is */
}
