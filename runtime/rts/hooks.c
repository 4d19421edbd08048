/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The RTS's public hooks: defaults that suit a domain, and what a fault report says of the RTS.
 */
#include "rts_private.h"

#include "core/memory.h"
#include "core/trap.h"

/* Kept for what is not the heap: malloc, page tables, the RTS's own tables. */
#define HEAP_SHARE(bytes) ((bytes) / 16 * 15)

static const char *describe_state(void)
{
    switch (sched_state) {
    case SCHEDULER_RUNNING:
        return "the RTS was running";
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
