/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Free frames are kept as runs, lowest first: programs take and give whole megabytes, so there
 * are few runs, and consecutive frames make cheap mappings (one for a megabyte, under the shim).
 */
#include <string.h>

#include "core/domain.h"
#include "core/frame.h"
#include "core/memory.h"

struct run {
    pfn_t first;
    size_t count;
};

#define FIRST_RUNS 64

/* Sorted, never touching each other. The table moves to a larger one when it is full. */
static struct run first_table[FIRST_RUNS];
static struct run *runs = first_table;
static size_t run_count, run_capacity = FIRST_RUNS;
static size_t free_count;

/* Index of the first run that begins after PFN. */
static size_t run_after(pfn_t pfn)
{
    size_t low = 0, high = run_count;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (runs[mid].first > pfn)
            high = mid;
        else
            low = mid + 1;
    }
    return low;
}

static void remove_run(size_t i)
{
    run_count--;
    memmove(&runs[i], &runs[i + 1], (run_count - i) * sizeof *runs);
}

size_t frame_take(size_t count, pfn_t *first)
{
    size_t best = run_count;

    if (run_count == 0)
        return 0;
    /* A run that holds all is better than the first one. */
    for (size_t i = 0; i < run_count; i++) {
        if (runs[i].count >= count) {
            best = i;
            break;
        }
    }
    if (best == run_count)
        best = 0;
    if (count > runs[best].count)
        count = runs[best].count;
    *first = runs[best].first;
    runs[best].first += count;
    runs[best].count -= count;
    free_count -= count;
    if (runs[best].count == 0)
        remove_run(best);
    return count;
}

/*
 * Keeps room for the runs of the calls to come. Getting a larger table takes frames and so
 * changes the runs, but never adds one; done while there is still room.
 */
static void grow_table(void)
{
    size_t size = run_capacity * sizeof *runs * 2;
    struct run *table = memory_pages(size, MEMORY_WRITE);

    if (!table)
        return; /* tried again at the next call; run_capacity still holds */
    memcpy(table, runs, run_count * sizeof *runs);
    runs = table;
    run_capacity *= 2;
}

void frame_give(pfn_t first, size_t count)
{
    size_t i = run_after(first);
    bool joins_previous = i > 0 && runs[i - 1].first + runs[i - 1].count == first;
    bool joins_next = i < run_count && first + count == runs[i].first;

    free_count += count;
    if (joins_previous && joins_next) {
        runs[i - 1].count += count + runs[i].count;
        remove_run(i);
    } else if (joins_previous) {
        runs[i - 1].count += count;
    } else if (joins_next) {
        runs[i].first = first;
        runs[i].count += count;
    } else {
        if (run_count == run_capacity)
            domain_panic("too many runs of free frames (%lu)", run_count);
        memmove(&runs[i + 1], &runs[i], (run_count - i) * sizeof *runs);
        runs[i] = (struct run){first, count};
        run_count++;
    }
    if (run_count + 8 > run_capacity)
        grow_table();
}

size_t frame_free_count(void) { return free_count; }
