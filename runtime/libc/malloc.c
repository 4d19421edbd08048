/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The C heap.
 *
 * One reserved range of addresses is cut into chunks that lie end to end; each begins with a
 * header that tells its size and its predecessor's, so neighbours that are free are joined at
 * once. Free chunks hang in lists by size: 16 lists for each power of two, with bitmaps that
 * find the first list that fits, so all calls take the same short time however full the heap is.
 *
 * A free chunk may be hollow: some pages inside it have no memory. The range starts as one
 * hollow chunk, and a large chunk becomes hollow again when it is freed; memory is taken in
 * steps as chunks are cut from it. The whole range has to be reserved at the start, because the
 * RTS takes all addresses that are left.
 *
 * A first, small range is what Xen's domain builder mapped behind the boot stack and nobody needs:
 * most programs' C heaps fit into it, and so cost neither frames nor page tables.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/domain.h"
#include "core/memory.h"
#include "libc/malloc.h"

#define ALIGN       16UL
#define HEADER      sizeof(struct header)
#define MIN_CHUNK   48UL         /* holds a struct free_chunk */
#define EXACT_TRIES 8            /* chunks of about the right size to look at */
#define HOLLOW_MIN  (1UL << 20)  /* smaller chunks keep their memory when freed */
#define STEP_MIN    (64UL << 10) /* memory is taken in steps of at least this, */
#define STEP_MAX    (1UL << 20)  /* and at most this unless more is needed */
#define RANGE_MIN   (64UL << 20)

/* The upper bits of a header's size field: neither is likely in other data. */
#define SIZE_MASK ((1UL << 48) - 1)
#define USED      (0xa11cUL << 48)
#define FREE      (0xf4eeUL << 48)

struct header {
    size_t prev_size; /* of the chunk before this one; 0 for the first */
    size_t size;      /* with the header; USED or FREE in the upper bits */
};

struct free_chunk {
    struct header h;
    struct free_chunk *next, **link;
    uintptr_t hollow, hollow_end; /* pages without memory; equal if there are none */
};

#define LISTS  16 /* for a power of two; below 256, one for each multiple of 16 */
#define POWERS 42

static struct free_chunk *lists[POWERS][LISTS] __attribute__((section(".bss.0begun")));
static uint16_t list_bits[POWERS];
static uint64_t power_bits;
static uintptr_t heap_start, heap_end;   /* the range of addresses */
static uintptr_t spare_start, spare_end; /* the first range */
static bool heap_begun;                  /* there are chunks in the range, too */
static size_t heap_committed;            /* of the range */

static uintptr_t page_up(uintptr_t x) { return (x + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1); }

static uintptr_t page_down(uintptr_t x) { return x & ~(PAGE_SIZE - 1); }

static size_t chunk_size(const struct header *h) { return h->size & SIZE_MASK; }

static bool is_free(const struct header *h) { return (h->size & ~SIZE_MASK) == FREE; }

static struct header *next_chunk(struct header *h)
{
    return (struct header *)((char *)h + chunk_size(h));
}

static bool is_spare(const void *p)
{
    return (uintptr_t)p >= spare_start && (uintptr_t)p < spare_end;
}

bool malloc_owns(const void *p)
{
    return is_spare(p) || ((uintptr_t)p >= heap_start && (uintptr_t)p < heap_end);
}

/* Whether a chunk follows one of SIZE bytes at H. */
static bool has_next(const struct header *h, size_t size)
{
    uintptr_t next = (uintptr_t)h + size;

    return next != spare_end && next != heap_end;
}

static void set_size(struct header *h, size_t size, size_t state)
{
    h->size = size | state;
    if (has_next(h, size))
        next_chunk(h)->prev_size = size;
}

static struct header *header_of(void *p)
{
    struct header *h = (struct header *)((char *)p - HEADER);

    if (((uintptr_t)p & (ALIGN - 1)) || !malloc_owns(h) || !malloc_owns(p))
        domain_panic("free: %p was not allocated", p);
    if (is_free(h))
        domain_panic("free: %p is free already", p);
    if ((h->size & ~SIZE_MASK) != USED ||
        (has_next(h, chunk_size(h)) && next_chunk(h)->prev_size != chunk_size(h)))
        domain_panic("free: the heap is damaged at %p", p);
    return h;
}

/* The list that a free chunk of SIZE goes to. */
static void list_of(size_t size, unsigned *power, unsigned *list)
{
    unsigned log;

    if (size < 256) {
        *power = 0;
        *list = size / ALIGN;
        return;
    }
    log = 63 - __builtin_clzl(size);
    *power = log - 7;
    *list = (size >> (log - 4)) & (LISTS - 1);
}

static void insert(struct free_chunk *c)
{
    unsigned power, list;
    struct free_chunk **head;

    list_of(chunk_size(&c->h), &power, &list);
    head = &lists[power][list];
    c->next = *head;
    c->link = head;
    if (c->next)
        c->next->link = &c->next;
    *head = c;
    list_bits[power] |= 1U << list;
    power_bits |= 1UL << power;
}

static void take_out(struct free_chunk *c)
{
    unsigned power, list;

    if (*c->link != c || (c->next && c->next->link != &c->next))
        domain_panic("malloc: the heap is damaged at %p", (void *)c);
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    list_of(chunk_size(&c->h), &power, &list);
    if (!lists[power][list]) {
        list_bits[power] &= ~(1U << list);
        if (!list_bits[power])
            power_bits &= ~(1UL << power);
    }
}

/* A free chunk of at least SIZE, out of its list; NULL if there is none. */
static struct free_chunk *find(size_t size)
{
    unsigned power, list, bits;
    uint64_t powers;
    struct free_chunk *c;
    unsigned tries = 0;

    list_of(size, &power, &list);
    if (power >= POWERS)
        return NULL;
    if (size >= 256) {
        /* Not all chunks of its own list fit. A few are worth a look, since sizes recur. */
        for (c = lists[power][list]; c && tries < EXACT_TRIES; c = c->next, tries++)
            if (chunk_size(&c->h) >= size) {
                take_out(c);
                return c;
            }
        /* All in the next list fit. */
        if (++list == LISTS) {
            list = 0;
            if (++power == POWERS)
                return NULL;
        }
    }
    bits = list_bits[power] & (~0U << list);
    if (!bits) {
        powers = power_bits & (~0UL << power << 1);
        if (!powers)
            return NULL;
        power = __builtin_ctzl(powers);
        bits = list_bits[power];
    }
    list = __builtin_ctz(bits);
    c = lists[power][list];
    take_out(c);
    return c;
}

/* Gives memory to the hollow of C up to NEED or beyond. */
static bool fill(struct free_chunk *c, uintptr_t need)
{
    size_t least, len, step;

    if (c->hollow == c->hollow_end || need <= c->hollow)
        return true;
    if (need > c->hollow_end)
        need = c->hollow_end;
    least = page_up(need) - c->hollow;
    step = heap_committed / 4;
    step = step < STEP_MIN ? STEP_MIN : step > STEP_MAX ? STEP_MAX : page_up(step);
    len = least > step ? least : step;
    if (len > c->hollow_end - c->hollow)
        len = c->hollow_end - c->hollow;
    if (!memory_commit((void *)c->hollow, len, MEMORY_WRITE)) {
        len = least;
        if (!memory_commit((void *)c->hollow, len, MEMORY_WRITE))
            return false;
    }
    heap_committed += len;
    c->hollow += len;
    return true;
}

/* Makes the pages inside the free chunk C that have memory hollow, too. */
static void drain(struct free_chunk *c)
{
    uintptr_t from = page_up((uintptr_t)(c + 1));
    uintptr_t to = page_down((uintptr_t)c + chunk_size(&c->h));

    if (c->hollow == c->hollow_end)
        c->hollow = c->hollow_end = to;
    if (c->hollow > from) {
        memory_decommit((void *)from, c->hollow - from);
        heap_committed -= c->hollow - from;
    }
    if (to > c->hollow_end) {
        memory_decommit((void *)c->hollow_end, to - c->hollow_end);
        heap_committed -= to - c->hollow_end;
    }
    c->hollow = from;
    c->hollow_end = to;
}

/* Cuts C, which is in no list and filled up to the cut, after SIZE bytes; the rest is free. */
static void cut(struct free_chunk *c, size_t size)
{
    struct free_chunk *rest = (struct free_chunk *)((char *)c + size);
    size_t left = chunk_size(&c->h) - size;
    uintptr_t hollow = c->hollow, hollow_end = c->hollow_end;

    set_size(&c->h, size, USED);
    rest->h.prev_size = size;
    rest->hollow = hollow;
    rest->hollow_end = hollow_end;
    set_size(&rest->h, left, FREE);
    insert(rest);
}

/* The rest after a cut of SIZE bytes is worth a chunk. */
static bool worth_cutting(size_t have, size_t size) { return have - size >= MIN_CHUNK; }

/* Makes the range one free chunk, when the first range has been too small for something. */
static bool begin(void)
{
    struct free_chunk *c = (struct free_chunk *)heap_start;

    if (heap_begun || !memory_commit(c, PAGE_SIZE, MEMORY_WRITE))
        return false;
    heap_begun = true;
    heap_committed = PAGE_SIZE;
    c->h.prev_size = 0;
    c->hollow = heap_start + PAGE_SIZE;
    c->hollow_end = heap_end;
    set_size(&c->h, heap_end - heap_start, FREE);
    insert(c);
    return true;
}

static struct header *allocate(size_t size)
{
    struct free_chunk *c = find(size);
    uintptr_t need;

    if (!c && begin())
        c = find(size);
    if (!c)
        return NULL;
    need = worth_cutting(chunk_size(&c->h), size) ? (uintptr_t)c + size + sizeof(struct free_chunk)
                                                  : (uintptr_t)c + chunk_size(&c->h);
    if (!fill(c, need)) {
        insert(c);
        return NULL;
    }
    if (worth_cutting(chunk_size(&c->h), size))
        cut(c, size);
    else
        set_size(&c->h, chunk_size(&c->h), USED);
    return &c->h;
}

/* Frees the used chunk H: joins it with free neighbours and puts the result in a list. */
static void release(struct header *h)
{
    struct free_chunk *c = (struct free_chunk *)h, *other;
    size_t size = chunk_size(h), idle;
    struct header *next = next_chunk(h);
    uintptr_t hollow = 0, hollow_end = 0;

    if (has_next(h, size) && is_free(next)) {
        other = (struct free_chunk *)next;
        take_out(other);
        hollow = other->hollow;
        hollow_end = other->hollow_end;
        size += chunk_size(next);
        next->size = 0;
    }
    if (h->prev_size) {
        other = (struct free_chunk *)((char *)h - h->prev_size);
        if (is_free(&other->h)) {
            if (chunk_size(&other->h) != h->prev_size)
                domain_panic("free: the heap is damaged at %p", (void *)h);
            take_out(other);
            size += h->prev_size;
            h->size = FREE; /* a second free of this block is seen */
            c = other;
            if (c->hollow != c->hollow_end) {
                if (hollow != hollow_end) {
                    /* Two hollows: what lies between them becomes hollow, too. */
                    memory_decommit((void *)c->hollow_end, hollow - c->hollow_end);
                    heap_committed -= hollow - c->hollow_end;
                } else {
                    hollow_end = c->hollow_end;
                }
                hollow = c->hollow;
            }
        }
    }
    c->hollow = hollow;
    c->hollow_end = hollow_end;
    set_size(&c->h, size, FREE);
    /*
     * Not before a megabyte, or an eighth of a larger heap, has come together: otherwise each
     * free and malloc at the border of the memory in use would be a hypercall.
     */
    idle = size - (hollow_end - hollow);
    if (idle >= HOLLOW_MIN && idle >= heap_committed / 8 && !is_spare(c))
        drain(c);
    insert(c);
}

void malloc_start(void)
{
    size_t len = page_up(memory_total()) * 2, spare;
    struct free_chunk *c = memory_spare(&spare);

    if (len < RANGE_MIN)
        len = RANGE_MIN;
    while (len >= PAGE_SIZE && !(heap_start = (uintptr_t)memory_reserve(len, PAGE_SIZE)))
        len = page_down(len / 2);
    if (!heap_start)
        domain_panic("malloc: no address space");
    heap_end = heap_start + len;
    spare_start = (uintptr_t)c;
    spare_end = spare_start + spare;
    c->h.prev_size = 0;
    c->hollow = c->hollow_end = 0;
    set_size(&c->h, spare, FREE);
    insert(c);
}

/* The chunk size for a request; 0 if it is too large for any heap. */
static size_t size_for(size_t len)
{
    if (len > SIZE_MASK / 2)
        return 0;
    len = (len + HEADER + ALIGN - 1) & ~(ALIGN - 1);
    return len < MIN_CHUNK ? MIN_CHUNK : len;
}

void *malloc(size_t len)
{
    size_t size = size_for(len);
    struct header *h = size ? allocate(size) : NULL;

    if (!h) {
        errno = ENOMEM;
        return NULL;
    }
    return h + 1;
}

void free(void *p)
{
    if (p)
        release(header_of(p));
}

void *calloc(size_t n, size_t len)
{
    size_t bytes;
    void *p;

    if (__builtin_mul_overflow(n, len, &bytes)) {
        errno = ENOMEM;
        return NULL;
    }
    /* Memory comes as its last user left it, so fresh pages need this as well. */
    p = malloc(bytes);
    return p ? memset(p, 0, bytes) : NULL;
}

/* Grows the used chunk H to SIZE over a free chunk behind it. */
static bool extend(struct header *h, size_t size)
{
    struct header *next = next_chunk(h);
    struct free_chunk *other = (struct free_chunk *)next, *rest;
    size_t have;
    uintptr_t hollow, hollow_end;

    if (!has_next(h, chunk_size(h)) || !is_free(next))
        return false;
    have = chunk_size(h) + chunk_size(next);
    if (have < size)
        return false;
    take_out(other);
    if (!fill(other, worth_cutting(have, size) ? (uintptr_t)h + size + sizeof(struct free_chunk)
                                               : (uintptr_t)h + have)) {
        insert(other);
        return false;
    }
    hollow = other->hollow;
    hollow_end = other->hollow_end;
    next->size = 0;
    set_size(h, have, USED);
    if (worth_cutting(have, size)) {
        rest = (struct free_chunk *)((char *)h + size);
        set_size(h, size, USED);
        rest->h.prev_size = size;
        rest->hollow = hollow;
        rest->hollow_end = hollow_end;
        set_size(&rest->h, have - size, FREE);
        insert(rest);
    }
    return true;
}

/* Cuts the used chunk H to SIZE if that is worth a chunk. */
static void shrink(struct header *h, size_t size)
{
    size_t have = chunk_size(h);
    struct header *rest;

    if (!worth_cutting(have, size))
        return;
    rest = (struct header *)((char *)h + size);
    set_size(h, size, USED);
    rest->prev_size = size;
    set_size(rest, have - size, USED);
    release(rest);
}

void *realloc(void *p, size_t len)
{
    size_t size = size_for(len), have;
    struct header *h;
    void *q;

    if (!p)
        return malloc(len);
    h = header_of(p);
    have = chunk_size(h);
    if (size && (size <= have || extend(h, size))) {
        shrink(h, size);
        return p;
    }
    q = malloc(len);
    if (q) {
        memcpy(q, p, have - HEADER);
        free(p);
    }
    return q;
}

void *memalign(size_t align, size_t len)
{
    size_t size = size_for(len), lead;
    struct header *h, *aligned;
    char *p;

    if (align <= ALIGN)
        return malloc(len);
    if ((align & (align - 1)) || align > SIZE_MASK / 4) {
        errno = EINVAL;
        return NULL;
    }
    h = size ? allocate(size + align + MIN_CHUNK) : NULL;
    if (!h) {
        errno = ENOMEM;
        return NULL;
    }
    p = (char *)(((uintptr_t)(h + 1) + align - 1) & ~(align - 1));
    lead = p - (char *)(h + 1);
    /* What lies before must be nothing, or enough for a chunk. */
    while (lead && lead < MIN_CHUNK) {
        p += align;
        lead += align;
    }
    aligned = (struct header *)p - 1;
    if (lead) {
        size_t have = chunk_size(h);

        set_size(h, lead, USED);
        aligned->prev_size = lead;
        set_size(aligned, have - lead, USED);
        release(h);
    }
    shrink(aligned, size);
    return p;
}

void *aligned_alloc(size_t align, size_t len) { return memalign(align, len); }

int posix_memalign(void **p, size_t align, size_t len)
{
    void *q;

    if (align < sizeof(void *) || (align & (align - 1)))
        return EINVAL;
    q = memalign(align, len);
    if (!q)
        return ENOMEM;
    *p = q;
    return 0;
}

void *valloc(size_t len) { return memalign(PAGE_SIZE, len); }

size_t malloc_usable_size(void *p) { return p ? chunk_size(header_of(p)) - HEADER : 0; }

size_t malloc_committed(void) { return heap_committed; }
