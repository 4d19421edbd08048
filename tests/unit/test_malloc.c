/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The guest's heap (runtime/libc/malloc.c) over a window of fake memory: blocks keep their
 * contents and do not overlap, memory comes in steps and goes back, running out is an error and
 * not a crash, and the two mistakes that C programs make are caught.
 *
 *   cc -std=gnu11 -Iruntime tests/unit/test_malloc.c $(pkg-config --cflags --libs check)
 */
#include <check.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* The guest's functions beside the host's of the same name. */
void *guest_malloc(size_t len);
void *guest_calloc(size_t n, size_t len);
void *guest_realloc(void *p, size_t len);
void guest_free(void *p);
void *guest_memalign(size_t align, size_t len);
void *guest_aligned_alloc(size_t align, size_t len);
int guest_posix_memalign(void **p, size_t align, size_t len);
void *guest_valloc(size_t len);
size_t guest_malloc_usable_size(void *p);
#define malloc             guest_malloc
#define calloc             guest_calloc
#define realloc            guest_realloc
#define free               guest_free
#define memalign           guest_memalign
#define aligned_alloc      guest_aligned_alloc
#define posix_memalign     guest_posix_memalign
#define valloc             guest_valloc
#define malloc_usable_size guest_malloc_usable_size
#include "libc/malloc.c"

#define MEMORY (64UL << 20)

#define PAGES (2 * MEMORY / PAGE_SIZE)

static char *window;
static bool there[PAGES];
static size_t limit, mapped, commits, decommits;
static char panic_text[256];
static jmp_buf panic_jump;

static char spare_pages[1UL << 20] __attribute__((aligned(4096)));
static size_t spare_len; /* of the first range; the tests of the other one want it small */

size_t memory_total(void) { return limit; }

void *memory_spare(size_t *len)
{
    *len = spare_len;
    return spare_pages;
}

void *memory_reserve(size_t len, size_t align)
{
    ck_assert_uint_eq(len % PAGE_SIZE, 0);
    ck_assert_uint_eq(align, PAGE_SIZE);
    if (window)
        munmap(window, 2 * MEMORY);
    if (len > 2 * MEMORY)
        return NULL;
    window = mmap(NULL, 2 * MEMORY, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ck_assert_ptr_ne(window, MAP_FAILED);
    return window;
}

/* Frames come dirty, and none is mapped twice: a fault tells of memory that was not committed. */
bool memory_commit(void *va, size_t len, enum memory_access access)
{
    size_t first = (size_t)((char *)va - window) / PAGE_SIZE;

    ck_assert_int_eq(access, MEMORY_WRITE);
    ck_assert_uint_eq(((uintptr_t)va | len) % PAGE_SIZE, 0);
    ck_assert_uint_gt(len, 0);
    if (mapped + len > limit)
        return false;
    ck_assert_uint_le(first + len / PAGE_SIZE, PAGES);
    for (size_t page = first; page < first + len / PAGE_SIZE; page++) {
        if (there[page])
            ck_abort_msg("committed twice");
        there[page] = true;
    }
    ck_assert_int_eq(mprotect(va, len, PROT_READ | PROT_WRITE), 0);
    memset(va, 0xa5, len);
    mapped += len;
    commits++;
    return true;
}

void memory_decommit(void *va, size_t len)
{
    ck_assert_uint_eq(((uintptr_t)va | len) % PAGE_SIZE, 0);
    if (!len)
        return;
    ck_assert_ptr_eq(
        mmap(va, len, PROT_NONE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
        va);
    for (size_t page = 0; page < len / PAGE_SIZE; page++) {
        bool *p = &there[(size_t)((char *)va - window) / PAGE_SIZE + page];

        mapped -= *p ? PAGE_SIZE : 0;
        *p = false;
    }
    decommits++;
}

void domain_panic(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(panic_text, sizeof panic_text, fmt, ap);
    va_end(ap);
    longjmp(panic_jump, 1);
}

/* True if the statement panics with TEXT in the message. */
#define PANICS(statement, text)                                                                    \
    (setjmp(panic_jump) ? strstr(panic_text, text) != NULL : ((void)(statement), false))

static void setup_with(size_t spare)
{
    spare_len = spare;
    heap_begun = false;
    heap_start = 0;
    heap_committed = 0;
    memset(lists, 0, sizeof lists);
    memset(list_bits, 0, sizeof list_bits);
    memset(there, 0, sizeof there);
    power_bits = 0;
    limit = MEMORY;
    mapped = commits = decommits = 0;
    malloc_start();
}

static void setup(void) { setup_with(PAGE_SIZE); }

/* The whole heap is chunks end to end, no two free ones are neighbours, and sizes agree. */
static void check_range(uintptr_t at, uintptr_t end)
{
    size_t before = 0;
    bool before_free = false;

    while (at < end) {
        struct header *h = (struct header *)at;

        ck_assert_uint_eq(h->prev_size, before);
        ck_assert(is_free(h) || (h->size & ~SIZE_MASK) == USED);
        ck_assert(!(before_free && is_free(h)));
        ck_assert_uint_ge(chunk_size(h), MIN_CHUNK);
        before_free = is_free(h);
        before = chunk_size(h);
        at += before;
    }
    ck_assert_uint_eq(at, end);
}

static void check_heap(void)
{
    check_range(spare_start, spare_end);
    if (heap_begun)
        check_range(heap_start, heap_end);
    ck_assert_uint_eq(malloc_committed(), mapped);
}

static bool filled(const unsigned char *p, size_t len, unsigned char with)
{
    for (size_t i = 0; i < len; i++)
        if (p[i] != with)
            return false;
    return true;
}

START_TEST(start_takes_no_memory)
{
    void *p;

    ck_assert_uint_eq(mapped, 0);
    p = malloc(100);
    ck_assert(is_spare(p));
    free(p);
    ck_assert_uint_eq(mapped, 0);
    p = malloc(PAGE_SIZE);
    ck_assert(!is_spare(p));
    ck_assert_uint_le(mapped, PAGE_SIZE + STEP_MIN);
    free(p);
    check_heap();
}
END_TEST

/* What is free in the first range stays mapped, however much it is; none grows out of its end. */
START_TEST(first_range_stays)
{
    void *p, *q;

    setup_with(sizeof spare_pages);
    p = malloc(sizeof spare_pages - 200);
    ck_assert(is_spare(p));
    q = realloc(p, sizeof spare_pages + 1);
    ck_assert(!is_spare(q));
    ck_assert_uint_gt(mapped, sizeof spare_pages);
    check_heap();
    free(q);
    ck_assert_uint_eq(decommits, 1);
    check_heap();
    p = malloc(1000);
    ck_assert(is_spare(p));
    ck_assert(malloc_owns(p));
    free(p);
    ck_assert(PANICS(free(p), "free already"));
    ck_assert(PANICS(free(spare_pages + sizeof spare_pages), "was not allocated"));
}
END_TEST

START_TEST(all_sizes_are_aligned_and_apart)
{
    unsigned char *p[300];

    for (size_t i = 0; i < 300; i++) {
        p[i] = malloc(i);
        ck_assert_ptr_nonnull(p[i]);
        ck_assert_uint_eq((uintptr_t)p[i] % 16, 0);
        ck_assert_uint_ge(malloc_usable_size(p[i]), i);
        memset(p[i], (int)i, i);
    }
    for (size_t i = 0; i < 300; i++)
        ck_assert(filled(p[i], i, (unsigned char)i));
    for (size_t i = 0; i < 300; i += 2)
        free(p[i]);
    check_heap();
    for (size_t i = 1; i < 300; i += 2)
        free(p[i]);
    check_heap();
}
END_TEST

START_TEST(calloc_clears_dirty_memory)
{
    unsigned char *p = calloc(1000, 123);

    ck_assert(filled(p, 123000, 0));
    memset(p, 0xff, 123000);
    free(p);
    p = calloc(123, 1000);
    ck_assert(filled(p, 123000, 0));
    errno = 0;
    ck_assert_ptr_null(calloc(SIZE_MAX / 2, 3));
    ck_assert_int_eq(errno, ENOMEM);
}
END_TEST

START_TEST(large_blocks_go_back)
{
    size_t before = mapped;

    for (int round = 0; round < 3; round++) {
        unsigned char *p = malloc(20UL << 20);

        ck_assert_ptr_nonnull(p);
        memset(p, 1, 20UL << 20);
        ck_assert_uint_ge(mapped, 20UL << 20);
        free(p);
        ck_assert_uint_le(mapped, before + PAGE_SIZE);
        check_heap();
    }
    ck_assert_uint_ge(decommits, 3);
}
END_TEST

/* A block that is freed between two that stay must give its memory back, too, and be usable again.
 */
START_TEST(hollow_between_neighbours)
{
    unsigned char *a = malloc(5UL << 20), *b = malloc(5UL << 20), *c = malloc(5UL << 20),
                  *d = malloc(100), *small[50];
    size_t all = mapped;

    memset(a, 1, 5UL << 20);
    memset(c, 3, 5UL << 20);
    free(b);
    ck_assert_uint_le(mapped, all - (4UL << 20));
    check_heap();
    for (int i = 0; i < 50; i++) {
        small[i] = malloc(10000);
        memset(small[i], 9, 10000);
    }
    check_heap();
    ck_assert(filled(a, 5UL << 20, 1));
    ck_assert(filled(c, 5UL << 20, 3));
    free(a);
    free(c);
    check_heap();
    for (int i = 0; i < 50; i++)
        free(small[i]);
    free(d);
    check_heap();
    ck_assert_uint_le(mapped, 2UL << 20);
}
END_TEST

START_TEST(running_out_is_an_error)
{
    void *p[100], *again;
    int n = 0;

    limit = 4UL << 20;
    ck_assert_ptr_null(malloc(5UL << 20));
    ck_assert_ptr_null(malloc(SIZE_MAX));
    ck_assert_ptr_null(malloc(SIZE_MAX / 2));
    while (n < 100 && (p[n] = malloc(100000)))
        n++;
    ck_assert_int_eq(errno, ENOMEM);
    ck_assert_int_ge(n, 38);
    check_heap();
    again = realloc(p[0], 1UL << 20);
    ck_assert_ptr_null(again);
    while (n)
        free(p[--n]);
    check_heap();
    ck_assert_ptr_nonnull(malloc(3UL << 20));
}
END_TEST

START_TEST(realloc_keeps_contents)
{
    size_t len = 1;
    unsigned char *p = realloc(NULL, len), *other;

    memset(p, 7, len);
    for (; len < (8UL << 20); len = len * 3 / 2 + 1) {
        p = realloc(p, len * 3 / 2 + 1);
        ck_assert(filled(p, len, 7));
        memset(p, 7, len * 3 / 2 + 1);
        check_heap();
    }
    other = malloc(1000);
    for (; len > 10; len /= 3) {
        p = realloc(p, len / 3);
        ck_assert(filled(p, len / 3, 7));
        check_heap();
    }
    free(p);
    free(other);
    check_heap();
}
END_TEST

START_TEST(alignment)
{
    void *p, *all[40];
    int n = 0;

    for (size_t align = 8; align <= (1UL << 20); align *= 2)
        for (size_t len = 1; len < 100000; len *= 300) {
            p = memalign(align, len);
            ck_assert_ptr_nonnull(p);
            ck_assert_uint_eq((uintptr_t)p % align, 0);
            memset(p, 1, len);
            if (n < 40)
                all[n++] = p;
            check_heap();
        }
    while (n)
        free(all[--n]);
    check_heap();
    errno = 0;
    ck_assert_ptr_null(memalign(48, 10));
    ck_assert_int_eq(errno, EINVAL);
    ck_assert_int_eq(posix_memalign(&p, 4, 10), EINVAL);
    ck_assert_int_eq(posix_memalign(&p, 64, SIZE_MAX / 2), ENOMEM);
    ck_assert_int_eq(posix_memalign(&p, 64, 10), 0);
    ck_assert_uint_eq((uintptr_t)aligned_alloc(256, 1) % 256, 0);
    ck_assert_uint_eq((uintptr_t)valloc(1) % PAGE_SIZE, 0);
    ck_assert(malloc_owns(p));
    ck_assert(!malloc_owns(&p));
}
END_TEST

START_TEST(mistakes_are_caught)
{
    char *p = malloc(100), *q = malloc(100), *r = malloc(100);
    int local = 0;

    ck_assert(PANICS(free(p + 8), "was not allocated"));
    ck_assert(PANICS(free(&local), "was not allocated"));
    free(q);
    ck_assert(PANICS(free(q), "is free already"));
    free(p); /* joins with q */
    ck_assert(PANICS(free(q), "is free already") || strstr(panic_text, "damaged"));
    p = malloc(100);
    memset(p, 0, 150); /* over the header behind it */
    ck_assert(PANICS(free(p), "is damaged"));
    (void)r;
}
END_TEST

/* Random work against a table of what should be in each block. */
START_TEST(stress)
{
    static struct {
        unsigned char *p;
        size_t len;
        unsigned char with;
    } blocks[400];
    uint64_t x = 88172645463325252UL + (uint64_t)_i;

    memset(blocks, 0, sizeof blocks);
    for (int round = 0; round < 15000; round++) {
        size_t i, len, keep;

        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        i = x % 400;
        len = x >> 20 & ((x >> 60) == 0 ? 0x1fffff : (x >> 60) < 4 ? 0x3fff : 0x1ff);
        if (!blocks[i].p || (x >> 10) % 4 == 0) {
            keep = blocks[i].p ? blocks[i].len < len ? blocks[i].len : len : 0;
            unsigned char *p = realloc(blocks[i].p, len);

            if (!p)
                continue;
            ck_assert(filled(p, keep < 64 ? keep : 64, blocks[i].with));
            ck_assert(filled(p + (keep < 64 ? 0 : keep - 64), keep < 64 ? 0 : 64, blocks[i].with));
            blocks[i].p = p;
            blocks[i].len = len;
            blocks[i].with = (unsigned char)round;
            memset(p, round, len);
        } else {
            len = blocks[i].len;
            keep = len < 64 ? len : 64;
            ck_assert(filled(blocks[i].p, keep, blocks[i].with));
            ck_assert(filled(blocks[i].p + len - keep, keep, blocks[i].with));
            free(blocks[i].p);
            blocks[i].p = NULL;
        }
        if (round % 500 == 0)
            check_heap();
    }
    for (size_t i = 0; i < 400; i++)
        free(blocks[i].p);
    check_heap();
    ck_assert(is_free((struct header *)heap_start));
    ck_assert_uint_eq(chunk_size((struct header *)heap_start), heap_end - heap_start);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("malloc");
    TCase *c = tcase_create("heap");
    SRunner *r;
    int failed;

    tcase_add_checked_fixture(c, setup, NULL);
    tcase_add_test(c, start_takes_no_memory);
    tcase_add_test(c, first_range_stays);
    tcase_add_test(c, all_sizes_are_aligned_and_apart);
    tcase_add_test(c, calloc_clears_dirty_memory);
    tcase_add_test(c, large_blocks_go_back);
    tcase_add_test(c, hollow_between_neighbours);
    tcase_add_test(c, running_out_is_an_error);
    tcase_add_test(c, realloc_keeps_contents);
    tcase_add_test(c, alignment);
    tcase_add_test(c, mistakes_are_caught);
    tcase_add_loop_test(c, stress, 0, 3);
    suite_add_tcase(s, c);
    r = srunner_create(s);
    srunner_run_all(r, CK_ENV);
    failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
