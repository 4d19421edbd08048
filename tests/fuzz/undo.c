/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Puts a machine back as it was. The linker gives us (tests/fuzz/local.mk, FUZZ_WRAP) the shim's
 * calls of malloc and its like, which take from an arena here. After an input the arena and the
 * table of frames are compared with what they were, and so are the frames that may have been
 * written to: the linker also gives us the calls by which the shim gets at a frame. System calls
 * that change mappings are left out: no guest code runs at its own addresses here. undo_verify
 * tells whether something was missed.
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_ADDRESS)
#include <sanitizer/asan_interface.h>
#define RED_ZONE 64U
#else
#define RED_ZONE                             0U
#define ASAN_POISON_MEMORY_REGION(at, len)   ((void)(at), (void)(len))
#define ASAN_UNPOISON_MEMORY_REGION(at, len) ((void)(at), (void)(len))
#endif

#define ARENA_SIZE (16UL << 20)

static uint8_t arena[ARENA_SIZE] __attribute__((aligned(PAGE_SIZE)));
static size_t arena_used, base_used;

enum { OUTSIDE, SETUP, RUNNING } mode;

/*
 * Parts of pages as they were at the snapshot, each content once: much of it is the same, and what
 * is compared after each input has to stay in the processor's cache.
 */
#define PART  256U
#define PARTS (PAGE_SIZE / PART)
static uint8_t (*parts)[PART]; /* the first of them: zeroes */
static uint32_t part_count;

/* Pages that can be put back: the frames, then those of the arena and of the table of frames. */
struct saved {
    uint32_t base[PARTS]; /* what it held at the snapshot: numbers of parts */
    uint8_t *now;
};
static struct saved *saved;
static uint8_t *states; /* of each page: */
#define ALL_ZERO 1U     /* at the snapshot */
#define MARKED   2U     /* in the list of those to look at */
static uint32_t saved_count, arena_first, table_first;

/* Those to look at after the input: first the ones that are always there. */
static uint32_t *marked;
static size_t marked_count, always_count;

/* ---- the arena ---- */

struct block {
    size_t size;
    bool freed;
    uint8_t padding[64 - sizeof(size_t) - sizeof(bool)];
};

static struct block *block_of(const void *p) { return (struct block *)(uintptr_t)p - 1; }

static bool in_arena(const void *p)
{
    return (const uint8_t *)p >= arena && (const uint8_t *)p < arena + ARENA_SIZE;
}

static void *arena_allocate(size_t size)
{
    size_t space = (sizeof(struct block) + size + RED_ZONE + 63) & ~63UL;
    struct block *b = (struct block *)(void *)(arena + arena_used);

    if (size > ARENA_SIZE || space > ARENA_SIZE - arena_used)
        return NULL;
    arena_used += space;
    ASAN_UNPOISON_MEMORY_REGION(b, space);
    b->size = size;
    b->freed = false;
    ASAN_POISON_MEMORY_REGION((uint8_t *)(b + 1) + size, space - sizeof(*b) - size);
    ASAN_POISON_MEMORY_REGION(b, sizeof(*b));
    return b + 1;
}

static size_t block_size(const void *p)
{
    const struct block *b = block_of(p);
    size_t size;

    ASAN_UNPOISON_MEMORY_REGION(b, sizeof(*b));
    size = b->size;
    ASAN_POISON_MEMORY_REGION(b, sizeof(*b));
    return size;
}

static void arena_free(void *p)
{
    struct block *b = block_of(p);
    bool twice;
    size_t size;

    ASAN_UNPOISON_MEMORY_REGION(b, sizeof(*b));
    twice = b->freed;
    size = b->size;
    b->freed = true;
    ASAN_POISON_MEMORY_REGION(b, sizeof(*b));
    if (twice) {
        fprintf(stderr, "fuzz: %p, %zu bytes, freed twice\n", p, size);
        abort();
    }
    ASAN_POISON_MEMORY_REGION(p, size);
    if (!RED_ZONE)
        memset(p, 0xdd, size < 64 ? size : 64); /* so that its next use goes wrong */
}

/* What the linker makes of the shim's calls, and what it calls the originals. */
#define WRAPPED(result, name, ...)                                                                 \
    result __real_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__)

WRAPPED(void *, malloc, size_t size)
{
    return mode == OUTSIDE ? __real_malloc(size) : arena_allocate(size);
}

WRAPPED(void *, calloc, size_t n, size_t size)
{
    void *p;

    if (mode == OUTSIDE)
        return __real_calloc(n, size);
    p = arena_allocate(n * size);
    return p ? memset(p, 0, n * size) : NULL;
}

WRAPPED(void, free, void *p)
{
    if (in_arena(p))
        arena_free(p);
    else
        __real_free(p);
}

WRAPPED(void *, realloc, void *old, size_t size)
{
    size_t had;
    void *p;

    if (mode == OUTSIDE && !in_arena(old))
        return __real_realloc(old, size);
    p = arena_allocate(size);
    if (!p || !old)
        return p;
    had = block_size(old);
    memcpy(p, old, had < size ? had : size);
    arena_free(old);
    return p;
}

/* ---- frames ---- */

static uint8_t *frame(uint64_t mfn) { return hv->direct_map + (mfn << PAGE_SHIFT); }

static void mark(uint64_t page)
{
    if (saved && !(states[page] & MARKED)) {
        states[page] |= MARKED;
        marked[marked_count++] = (uint32_t)page;
    }
}

/* Whoever writes to a frame has its address from here. */
WRAPPED(void *, page_map, struct hypervisor *h, uint64_t mfn)
{
    mark(mfn);
    return __real_page_map(h, mfn);
}

/* These keep an address as long as they are. */
WRAPPED(uint32_t, page_allocate_special, struct domain *d)
{
    uint32_t mfn = __real_page_allocate_special(d);

    mark(mfn);
    return mfn;
}

/* The frame of the machine-to-physical table that has the entry of MFN. */
static uint64_t m2p_frame(uint64_t mfn)
{
    return hv->m2p_lazy.start + mfn * sizeof(uint64_t) / PAGE_SIZE;
}

WRAPPED(void, m2p_set, struct hypervisor *h, uint64_t mfn, uint64_t pfn)
{
    mark(m2p_frame(mfn));
    __real_m2p_set(h, mfn, pfn);
}

WRAPPED(void, m2p_reset, struct hypervisor *h, const struct extent *e)
{
    for (uint64_t i = m2p_frame(e->start); saved && i <= m2p_frame(e->start + e->count - 1); i++)
        mark(i);
    __real_m2p_reset(h, e);
}

/* System calls write to frames by their numbers in the file. */
WRAPPED(int, fallocate, int fd, int flags, off_t offset, off_t len)
{
    uint64_t mfn = (uint64_t)offset >> PAGE_SHIFT;

    if (mode != RUNNING)
        return __real_fallocate(fd, flags, offset, len);
    for (uint64_t end = mfn + ((uint64_t)len >> PAGE_SHIFT); mfn < end; mfn++) {
        if (states[mfn] == ALL_ZERO)
            continue; /* and still is */
        mark(mfn);
        memset(frame(mfn), 0, PAGE_SIZE);
    }
    return 0;
}

/* All frames are pages of the file. */
WRAPPED(off_t, lseek, int fd, off_t offset, int whence)
{
    off_t end = (off_t)(hv->frames << PAGE_SHIFT);

    if (!saved || (whence != SEEK_DATA && whence != SEEK_HOLE))
        return __real_lseek(fd, offset, whence);
    if (offset < end)
        return whence == SEEK_DATA ? offset : end;
    errno = ENXIO;
    return -1;
}

WRAPPED(ssize_t, pwrite, int fd, const void *bytes, size_t len, off_t offset)
{
    if (mode != RUNNING)
        return __real_pwrite(fd, bytes, len, offset);
    for (uint64_t at = (uint64_t)offset; at < (uint64_t)offset + len; at += PAGE_SIZE)
        mark(at >> PAGE_SHIFT);
    memcpy(hv->direct_map + offset, bytes, len);
    return (ssize_t)len;
}

/* ---- what a guest would see at its own addresses ---- */

/* The largest memory of the shim's own that it maps: stacks. A domain's addresses are more. */
#define MAP_MOST (256UL << 10)

WRAPPED(void *, mmap, void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
    uint8_t *p;

    if (mode != RUNNING)
        return __real_mmap(at, len, prot, flags, fd, offset);
    if (at || !(flags & MAP_ANONYMOUS) || len > MAP_MOST)
        return MAP_FAILED;
    p = arena_allocate(len + PAGE_SIZE);
    if (!p)
        return MAP_FAILED;
    p += -(uintptr_t)p & (PAGE_SIZE - 1);
    return memset(p, 0, len);
}

WRAPPED(int, munmap, void *at, size_t len) { return mode == RUNNING ? 0 : __real_munmap(at, len); }

WRAPPED(int, mprotect, void *at, size_t len, int prot)
{
    return mode == RUNNING ? 0 : __real_mprotect(at, len, prot);
}

WRAPPED(int, madvise, void *at, size_t len, int advice)
{
    return mode == RUNNING ? 0 : __real_madvise(at, len, advice);
}

void undo_leave(void)
{
    mode = OUTSIDE;
    saved = NULL;
}

WRAPPED(void, mirror_entry_changed, struct domain *d, unsigned int level, uint64_t table,
        unsigned int slot, uint64_t old_entry, uint64_t entry)
{
    if (fuzz_shown)
        __real_mirror_entry_changed(d, level, table, slot, old_entry, entry);
}

WRAPPED(void, mirror_switch, struct domain *d, uint64_t cr3)
{
    if (fuzz_shown)
        __real_mirror_switch(d, cr3);
}

/* ---- the state to come back to ---- */

void undo_begin_setup(void)
{
    ASAN_POISON_MEMORY_REGION(arena, ARENA_SIZE);
    mode = SETUP;
}

void undo_run(bool running) { mode = running ? RUNNING : OUTSIDE; }

/* Memory that the harness has for itself. */
static void *own(size_t len)
{
    void *p = __real_mmap(NULL, len, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED)
        abort();
    return p;
}

/* memcpy that AddressSanitizer does not look at: over red zones. */
static void copy(void *to, const void *from, size_t len)
{
    len /= 8;
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(len) : : "memory");
}

/* 32 bytes, which some processors compare and move at once. */
typedef uint64_t lane __attribute__((vector_size(32), may_alias));
#define LANES (PART / sizeof(lane))

/*
 * Goes over a page: puts the parts back that are not as they were, if RESTORE; tells whether there
 * is one, if not. AddressSanitizer must not look: red zones are gone over too.
 */
__attribute__((no_sanitize("address"), always_inline)) static inline bool
go_over(const struct saved *w, bool restore)
{
    for (unsigned int i = 0; i < PARTS; i++) {
        const lane *base = (const lane *)(const void *)parts[w->base[i]];
        lane *now = (lane *)(void *)(w->now + i * PART);
        lane differs = now[0] ^ base[0];

        for (unsigned int k = 1; k < LANES; k++)
            differs |= now[k] ^ base[k];
        if (!(differs[0] | differs[1] | differs[2] | differs[3]))
            continue;
        if (!restore)
            return true;
        for (unsigned int k = 0; k < LANES; k++)
            now[k] = base[k];
    }
    return false;
}

__attribute__((no_sanitize("address"))) static bool page_differs(const struct saved *w)
{
    return go_over(w, false);
}

__attribute__((no_sanitize("address"))) static void restore_plainly(const struct saved *w)
{
    go_over(w, true);
}

__attribute__((no_sanitize("address"), target("avx2"))) static void
restore_fast(const struct saved *w)
{
    go_over(w, true);
}

/* The number of a part that holds the same as AT. SEEN: a hash table of those that there are. */
static uint32_t find_part(const uint8_t *at, uint32_t *seen, uint32_t mask)
{
    uint8_t part[PART] __attribute__((aligned(32)));
    uint64_t hash = 0, word;

    copy(part, at, PART);
    for (size_t i = 0; i < PART; i += sizeof(word)) {
        memcpy(&word, part + i, sizeof(word));
        hash = (hash ^ word) * 0x9e3779b97f4a7c15UL;
        hash ^= hash >> 32;
    }
    for (uint32_t slot = (uint32_t)hash & mask;; slot = (slot + 1) & mask) {
        if (!seen[slot]) {
            memcpy(parts[part_count], part, PART);
            seen[slot] = ++part_count;
        }
        if (!memcmp(parts[seen[slot] - 1], part, PART))
            return seen[slot] - 1;
    }
}

/* Remembers the pages from AT on, and returns the number of the first. */
static uint32_t save(void *at, size_t len, uint32_t *seen, uint32_t mask)
{
    size_t pages = (len + PAGE_SIZE - 1) >> PAGE_SHIFT;
    uint32_t first = saved_count;

    for (size_t i = 0; i < pages; i++) {
        struct saved *w = &saved[saved_count++];

        w->now = (uint8_t *)at + (i << PAGE_SHIFT);
        states[first + i] = ALL_ZERO;
        for (unsigned int k = 0; k < PARTS; k++) {
            w->base[k] = find_part(w->now + k * PART, seen, mask);
            if (w->base[k])
                states[first + i] = 0;
        }
    }
    return first;
}

/* What may be written to in ways that are not seen here: by addresses that were kept before. */
static void mark_always(void)
{
    for (uint32_t i = arena_first; i < saved_count; i++)
        mark(i);
    for (uint64_t mfn = 0; mfn < hv->frames; mfn++) {
        if (hv->page_table[mfn].flags & PAGE_SPECIAL)
            mark(mfn);
    }
    always_count = marked_count;
}

void undo_snapshot(void)
{
    size_t table = hv->frames * sizeof(*hv->page_table);
    size_t most = hv->frames + ((arena_used + table) >> PAGE_SHIFT) + 3;
    uint32_t mask = 1, *seen;
    struct saved *pages = own(most * sizeof(*saved));

    mode = OUTSIDE;
    hv->translation_generation++; /* vCPUs ask for addresses again, so that we hear of it */
    while (mask < most * PARTS * 2)
        mask = mask * 2 + 1;
    marked = own(most * sizeof(*marked));
    states = own(most);
    parts = own(most * PAGE_SIZE);
    seen = own((mask + 1UL) * sizeof(*seen));
    find_part(parts[most * PARTS - 1], seen, mask); /* zeroes */
    saved = pages;
    save(hv->direct_map, hv->frames << PAGE_SHIFT, seen, mask);
    base_used = arena_used;
    arena_first = save(arena, base_used, seen, mask);
    table_first = save(hv->page_table, table, seen, mask);
    __real_munmap(seen, (mask + 1UL) * sizeof(*seen));
    mark_always();
}

/* Blocks are readable again, or not, as at the snapshot: to be called when their heads are. */
static void restore_poison(void)
{
#if RED_ZONE
    ASAN_POISON_MEMORY_REGION(arena, arena_used);
    for (size_t at = 0; at < base_used;) {
        struct block *b = (struct block *)(void *)(arena + at);

        ASAN_UNPOISON_MEMORY_REGION(b, sizeof(*b));
        if (!b->freed)
            ASAN_UNPOISON_MEMORY_REGION(b + 1, b->size);
        at += (sizeof(*b) + b->size + RED_ZONE + 63) & ~63UL;
        ASAN_POISON_MEMORY_REGION(b, sizeof(*b));
    }
#endif
}

void undo_restore(void)
{
    bool fast = __builtin_cpu_supports("avx2");

    mode = OUTSIDE;
    for (size_t i = 0; i < marked_count; i++) {
        if (fast)
            restore_fast(&saved[marked[i]]);
        else
            restore_plainly(&saved[marked[i]]);
    }
    for (size_t i = always_count; i < marked_count; i++)
        states[marked[i]] &= ALL_ZERO;
    marked_count = always_count;
    restore_poison();
    arena_used = base_used;
}

const char *undo_verify(void)
{
    static char text[80];

    for (uint32_t i = 0; i < saved_count; i++) {
        if (!page_differs(&saved[i]))
            continue;
        snprintf(text, sizeof(text), "%s %#x was not put back",
                 i < arena_first   ? "frame"
                 : i < table_first ? "page of the arena"
                                   : "page of the table of frames",
                 i - (i < arena_first   ? 0
                      : i < table_first ? arena_first
                                        : table_first));
        return text;
    }
    return NULL;
}
