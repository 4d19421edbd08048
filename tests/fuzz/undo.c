/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Puts a machine back as it was. The linker gives us (tests/fuzz/local.mk, FUZZ_WRAP) the shim's
 * calls of malloc and its like, which take from an arena here that is copied back as a whole. The
 * machine's frames are write-protected, so that whoever writes to one, by whatever way, tells of
 * it; those that most inputs write to stay writable and are copied back always. System calls that
 * change mappings are left out: no guest code runs at its own addresses here.
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <fcntl.h>
#include <signal.h>
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

static uint8_t arena[ARENA_SIZE] __attribute__((aligned(64)));
static size_t arena_used, base_used;
static uint8_t *base_arena;
static struct page_info *base_page_table;

enum { OUTSIDE, SETUP, RUNNING } mode;

/* What a frame held at the snapshot: NULL: zeroes. */
static uint8_t **base_frames;

/* The frames that were written to since; those before ALWAYS_DIRTY may be, all the time. */
static uint8_t *is_dirty;
static uint32_t *dirty;
static size_t dirty_count, always_dirty;
static uint32_t *times_dirty; /* in how many inputs */

/* A frame that so many inputs have written to is copied back always: a fault takes longer. */
#define OFTEN          32U
#define ALWAYS_AT_MOST 128U

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

int __real_mprotect(void *at, size_t len, int prot);

static void protect(uint64_t mfn, uint64_t count, int prot)
{
    if (__real_mprotect(frame(mfn), count << PAGE_SHIFT, prot))
        abort();
}

static void touch(uint64_t mfn)
{
    if (is_dirty[mfn])
        return;
    protect(mfn, 1, PROT_READ | PROT_WRITE);
    is_dirty[mfn] = 1;
    dirty[dirty_count++] = (uint32_t)mfn;
}

static struct sigaction other_faults;

/* A first write to a frame; anything else is a find, and whose handler was there tells of it. */
static void handle_fault(int signal, siginfo_t *info, void *context)
{
    uint64_t mfn = (uint64_t)((uint8_t *)info->si_addr - hv->direct_map) >> PAGE_SHIFT;

    (void)context;
    if (mfn < hv->frames && !is_dirty[mfn])
        touch(mfn);
    else
        sigaction(signal, &other_faults, NULL);
}

static void watch_frames(void)
{
    struct sigaction faults = {.sa_sigaction = handle_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    sigemptyset(&faults.sa_mask);
    if (sigaction(SIGSEGV, &faults, &other_faults))
        abort();
    protect(0, hv->frames, PROT_READ);
}

/* System calls write to frames by their numbers in the file. */
WRAPPED(int, fallocate, int fd, int flags, off_t offset, off_t len)
{
    uint64_t mfn = (uint64_t)offset >> PAGE_SHIFT;

    if (mode != RUNNING)
        return __real_fallocate(fd, flags, offset, len);
    for (uint64_t end = mfn + ((uint64_t)len >> PAGE_SHIFT); mfn < end; mfn++) {
        if (base_frames[mfn] || is_dirty[mfn])
            memset(frame(mfn), 0, PAGE_SIZE); /* the others are zeroes */
    }
    return 0;
}

WRAPPED(ssize_t, pwrite, int fd, const void *bytes, size_t len, off_t offset)
{
    if (mode != RUNNING)
        return __real_pwrite(fd, bytes, len, offset);
    memcpy(hv->direct_map + offset, bytes, len);
    return (ssize_t)len;
}

/* ---- what a guest would see at its own addresses ---- */

WRAPPED(void *, mmap, void *at, size_t len, int prot, int flags, int fd, off_t offset)
{
    return mode == RUNNING ? MAP_FAILED : __real_mmap(at, len, prot, flags, fd, offset);
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

WRAPPED(void, mirror_entry_changed, struct domain *d, unsigned int level, uint64_t table,
        unsigned int slot, uint64_t old_entry, uint64_t entry)
{
    (void)d;
    (void)level;
    (void)table;
    (void)slot;
    (void)old_entry;
    (void)entry;
}

WRAPPED(void, mirror_switch, struct domain *d, uint64_t cr3)
{
    (void)d;
    (void)cr3;
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

static bool all_zero(const uint8_t *p) { return !p[0] && !memcmp(p, p + 1, PAGE_SIZE - 1); }

/* memcpy that AddressSanitizer does not look at: over red zones. */
static void copy(void *to, const void *from, size_t len)
{
    len /= 8;
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(len) : : "memory");
}

void undo_snapshot(void)
{
    size_t table = hv->frames * sizeof(*hv->page_table);

    mode = OUTSIDE;
    base_used = arena_used;
    base_arena = own(base_used);
    copy(base_arena, arena, base_used);
    base_page_table = own(table);
    memcpy(base_page_table, hv->page_table, table);
    base_frames = own(hv->frames * sizeof(*base_frames));
    is_dirty = own(hv->frames);
    dirty = own(hv->frames * sizeof(*dirty));
    times_dirty = own(hv->frames * sizeof(*times_dirty));
    for (uint64_t mfn = 0; mfn < hv->frames; mfn++) {
        if (all_zero(frame(mfn)))
            continue;
        base_frames[mfn] = own(PAGE_SIZE);
        memcpy(base_frames[mfn], frame(mfn), PAGE_SIZE);
    }
    watch_frames();
}

/* Blocks are readable again, or not, as at the snapshot. */
static void restore_poison(void)
{
#if RED_ZONE
    ASAN_POISON_MEMORY_REGION(arena, arena_used);
    for (size_t at = 0; at < base_used;) {
        struct block *b = (struct block *)(void *)(base_arena + at);

        if (!b->freed)
            ASAN_UNPOISON_MEMORY_REGION(arena + at + sizeof(*b), b->size);
        at += (sizeof(*b) + b->size + RED_ZONE + 63) & ~63UL;
    }
#endif
}

static void restore_frame(uint32_t mfn)
{
    if (base_frames[mfn])
        memcpy(frame(mfn), base_frames[mfn], PAGE_SIZE);
    else
        memset(frame(mfn), 0, PAGE_SIZE);
}

/* Whether a frame that is not yet among those shall be written to without a fault from now on. */
static bool becomes_always(uint32_t mfn)
{
    return ++times_dirty[mfn] >= OFTEN && always_dirty < ALWAYS_AT_MOST;
}

static void restore_frames(void)
{
    size_t end = dirty_count;

    dirty_count = always_dirty;
    for (size_t i = 0; i < end; i++) {
        restore_frame(dirty[i]);
        if (i < dirty_count)
            continue;
        if (becomes_always(dirty[i])) {
            dirty[always_dirty++] = dirty[i];
            dirty_count = always_dirty;
            continue;
        }
        is_dirty[dirty[i]] = 0;
        protect(dirty[i], 1, PROT_READ);
    }
}

void undo_restore(void)
{
    mode = OUTSIDE;
    restore_poison();
    copy(arena, base_arena, base_used);
    arena_used = base_used;
    memcpy(hv->page_table, base_page_table, hv->frames * sizeof(*hv->page_table));
    restore_frames();
}

const char *undo_verify(void)
{
    static char text[80];

    for (uint64_t mfn = 0; mfn < hv->frames; mfn++) {
        if (base_frames[mfn] ? memcmp(base_frames[mfn], frame(mfn), PAGE_SIZE) != 0
                             : !all_zero(frame(mfn))) {
            snprintf(text, sizeof(text), "frame %#lx was not put back", (unsigned long)mfn);
            return text;
        }
    }
    return NULL;
}
