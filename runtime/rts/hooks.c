/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The RTS's public hooks: defaults that suit a domain, and what a fault report says of the RTS.
 */
#include "rts_private.h"

#include "core/memory.h"
#include "core/trap.h"

/* Kept for what is not the heap: malloc, page tables, the RTS's own tables. */
#define HEAP_SHARE(bytes) ((bytes) / 16 * 15)

/* Haskell code, and C that has not used the register, has the capability's registers in %r13. */
static const char *describe_state(uint64_t r13)
{
    bool in_haskell = r13 == (uintptr_t)&MainCapability + sizeof(StgFunTable);

    switch (sched_state) {
    case SCHEDULER_RUNNING:
        return in_haskell ? "the RTS was running Haskell, or C that Haskell called"
                          : "the RTS was running C, its own or the program's";
    case SCHEDULER_INTERRUPTING:
        return "the RTS was stopping";
    default:
        return "the RTS was shutting down";
    }
}

/* Called before the options of the program and of the command line are read, which may differ. */
void FlagDefaultsHook(void)
{
    RtsFlags.GcFlags.maxHeapSize = (uint32_t)(HEAP_SHARE(memory_free()) / BLOCK_SIZE);
    trap_set_runtime_state(describe_state);
}
