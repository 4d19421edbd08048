/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Puts a machine back as it was. The linker gives us (tests/fuzz/local.mk, FUZZ_WRAP) the shim's
 * calls of malloc and its like, which take from an arena here. The arena's pages, those of the
 * table of frames and the frames themselves are write-protected, so that whoever writes to one, by
 * whatever way, tells of it. That takes microseconds, and comparing a page much less: a page that
 * was written to stays writable, and is compared after each input, until it was not written to for
 * some time. System calls that change mappings are left out: no guest code runs at its own
 * addresses here.
 */
#define _GNU_SOURCE
#include "fuzz.h"

#include <errno.h>
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

/* Pages that are watched: the frames, then those of the arena, then those of the table of frames.
 */
struct watched {
    uint32_t base[PARTS]; /* what it held at the snapshot: numbers of parts */
    uint8_t *now;
    bool all_zero; /* at the snapshot */
    bool writable;
    uint8_t idle;  /* for how many inputs it has been the same when it could be written to */
    uint8_t again; /* how often it was written to while it was writable, up to OFTEN */
};
static struct watched *watched;
static uint32_t watched_count, arena_first, table_first;
static uint32_t *writable; /* which of them are */
static size_t writable_count;

/*
 * For how many inputs a page stays writable that is not written to: a fault and two changes of
 * protection take as long as comparing it so often.
 */
#define OFTEN            2U
#define IDLE_AT_MOST     24U
#define IDLE_AT_MOST_HOT 200U /* if it was written to OFTEN since it became writable */

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

static void protect_pages(uint8_t *at, size_t pages, int prot)
{
    if (__real_mprotect(at, pages << PAGE_SHIFT, prot))
        abort();
}

/* The watched page that AT is in, or NULL. */
static struct watched *find_watched(const uint8_t *at)
{
    uintptr_t address = (uintptr_t)at;
    uint32_t firsts[] = {0, arena_first, table_first, watched_count};

    for (unsigned int i = 0; i < 3; i++) {
        uint64_t page = (address - (uintptr_t)watched[firsts[i]].now) >> PAGE_SHIFT;

        if (page < firsts[i + 1] - firsts[i])
            return &watched[firsts[i] + page];
    }
    return NULL;
}

static struct sigaction other_faults;

/* A first write to a page; anything else is a find, and whose handler was there tells of it. */
static void handle_fault(int signal, siginfo_t *info, void *context)
{
    struct watched *w = find_watched(info->si_addr);

    (void)context;
    if (!w || w->writable) {
        sigaction(signal, &other_faults, NULL);
        return;
    }
    protect_pages(w->now, 1, PROT_READ | PROT_WRITE);
    w->writable = true;
    w->idle = w->again = 0;
    writable[writable_count++] = (uint32_t)(w - watched);
}

static void catch_faults(void)
{
    struct sigaction faults = {.sa_sigaction = handle_fault, .sa_flags = SA_SIGINFO | SA_ONSTACK};

    sigemptyset(&faults.sa_mask);
    if (sigaction(SIGSEGV, &faults, &other_faults))
        abort();
}

/* System calls write to frames by their numbers in the file. */
WRAPPED(int, fallocate, int fd, int flags, off_t offset, off_t len)
{
    uint64_t mfn = (uint64_t)offset >> PAGE_SHIFT;

    if (mode != RUNNING)
        return __real_fallocate(fd, flags, offset, len);
    for (uint64_t end = mfn + ((uint64_t)len >> PAGE_SHIFT); mfn < end; mfn++) {
        if (!watched[mfn].all_zero || watched[mfn].writable)
            memset(frame(mfn), 0, PAGE_SIZE); /* the others are zeroes */
    }
    return 0;
}

/* All frames are pages of the file. */
WRAPPED(off_t, lseek, int fd, off_t offset, int whence)
{
    off_t end = (off_t)(hv->frames << PAGE_SHIFT);

    if (!watched || (whence != SEEK_DATA && whence != SEEK_HOLE))
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

/* memcpy that AddressSanitizer does not look at: over red zones. */
static void copy(void *to, const void *from, size_t len)
{
    len /= 8;
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(len) : : "memory");
}

/* Compares 32 bytes at once where the processor can. */
#if defined(__GNUC__) && !RED_ZONE
#define FAST __attribute__((target_clones("avx2", "default")))
#else
#define FAST __attribute__((no_sanitize("address")))
#endif

typedef uint64_t lane __attribute__((vector_size(32), may_alias));

/* memcmp of a part, that it does not look at either. */
__attribute__((no_sanitize("address"), always_inline)) static inline bool
part_is_same(const uint8_t *a, const uint8_t *b)
{
    const lane *p = (const lane *)(const void *)a, *q = (const lane *)(const void *)b;
    lane differs = (p[0] ^ q[0]) | (p[1] ^ q[1]) | (p[2] ^ q[2]) | (p[3] ^ q[3]) | (p[4] ^ q[4]) |
                   (p[5] ^ q[5]) | (p[6] ^ q[6]) | (p[7] ^ q[7]);

    return !(differs[0] | differs[1] | differs[2] | differs[3]);
}

/* Which parts of a page are not as they were: a bit each. */
FAST static unsigned int page_differs(const struct watched *w)
{
    unsigned int differ = 0;

    for (unsigned int i = 0; i < PARTS; i++)
        differ |= (unsigned int)!part_is_same(w->now + i * PART, parts[w->base[i]]) << i;
    return differ;
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

/* Watches the pages from AT on, and returns the number of the first. */
static uint32_t watch(void *at, size_t len, uint32_t *seen, uint32_t mask)
{
    size_t pages = (len + PAGE_SIZE - 1) >> PAGE_SHIFT;
    uint32_t first = watched_count;

    for (size_t i = 0; i < pages; i++) {
        struct watched *w = &watched[watched_count++];

        w->now = (uint8_t *)at + (i << PAGE_SHIFT);
        w->all_zero = true;
        for (unsigned int k = 0; k < PARTS; k++) {
            w->base[k] = find_part(w->now + k * PART, seen, mask);
            w->all_zero = w->all_zero && !w->base[k];
        }
    }
    protect_pages(at, pages, PROT_READ);
    return first;
}

void undo_snapshot(void)
{
    size_t table = hv->frames * sizeof(*hv->page_table);
    size_t most = hv->frames + ((arena_used + table) >> PAGE_SHIFT) + 3;
    uint32_t mask = 1, *seen;

    mode = OUTSIDE;
    while (mask < most * PARTS * 2)
        mask = mask * 2 + 1;
    watched = own(most * sizeof(*watched));
    writable = own(most * sizeof(*writable));
    parts = own(most * PAGE_SIZE);
    seen = own((mask + 1UL) * sizeof(*seen));
    find_part(parts[most * PARTS - 1], seen, mask); /* zeroes */
    watch(hv->direct_map, hv->frames << PAGE_SHIFT, seen, mask);
    base_used = arena_used;
    arena_first = watch(arena, base_used, seen, mask);
    table_first = watch(hv->page_table, table, seen, mask);
    __real_munmap(seen, (mask + 1UL) * sizeof(*seen));
    catch_faults();
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

/* Puts a page back. False: it was not written to for so long that it shall be protected. */
static bool restore_page(struct watched *w)
{
    unsigned int differ = page_differs(w);

    if (differ) {
        for (unsigned int i = 0; i < PARTS; i++) {
            if (differ & 1U << i)
                copy(w->now + i * PART, parts[w->base[i]], PART);
        }
        w->idle = 0;
        w->again += w->again < OFTEN;
        return true;
    }
    return ++w->idle < (w->again < OFTEN ? IDLE_AT_MOST : IDLE_AT_MOST_HOT);
}

void undo_restore(void)
{
    size_t kept = 0;

    mode = OUTSIDE;
    for (size_t i = 0; i < writable_count; i++) {
        struct watched *w = &watched[writable[i]];

        if (restore_page(w)) {
            writable[kept++] = writable[i];
            continue;
        }
        w->writable = false;
        protect_pages(w->now, 1, PROT_READ);
    }
    writable_count = kept;
    restore_poison();
    arena_used = base_used;
}

const char *undo_verify(void)
{
    static char text[80];

    for (uint32_t i = 0; i < watched_count; i++) {
        if (!page_differs(&watched[i]))
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
