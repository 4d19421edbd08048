/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The RTS's public hooks: defaults that suit a domain, and what a fault report says of the RTS.
 */
#include "rts_private.h"

#include "core/memory.h"
#include "core/physmap.h"
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

static struct {
    size_t free, total; /* bytes, at start */
    uint32_t blocks;    /* the limit that was set here last */
} heap;

/*
 * The tools have given the domain another size. What the heap has already is no error, and a limit
 * by the program or its command line stays.
 */
static void limit_heap(void)
{
    size_t total = memory_total(), had = mblocks_allocated * BLOCKS_PER_MBLOCK, blocks = 0;

    if (RtsFlags.GcFlags.maxHeapSize != heap.blocks)
        return;
    if (heap.free + total > heap.total)
        blocks = HEAP_SHARE(heap.free + total - heap.total) / BLOCK_SIZE;
    heap.blocks = (uint32_t)(blocks > had ? blocks : had);
    RtsFlags.GcFlags.maxHeapSize = heap.blocks;
}

/* Called before the options of the program and of the command line are read, which may differ. */
void FlagDefaultsHook(void)
{
    heap.free = memory_free();
    heap.total = memory_total();
    heap.blocks = (uint32_t)(HEAP_SHARE(heap.free) / BLOCK_SIZE);
    RtsFlags.GcFlags.maxHeapSize = heap.blocks;
    physmap_on_change(limit_heap);
    trap_set_runtime_state(describe_state);
}
