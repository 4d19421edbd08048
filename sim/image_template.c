/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Images that are started again, at the same addresses: what the first ones have had copied and
 * moved for themselves is kept in a memfd, of which each further one has a private mapping. It
 * costs what the domain looks at: 16 pages for each fault in its text, a copy for each page that
 * it writes to.
 *
 * A file is known by what changes with its contents, so what is kept never serves another one, and
 * a file that is written to while its domains run does not change under them.
 */
#define _GNU_SOURCE
#include "image.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE 4096UL

/* A larger one costs more memory than it saves time. */
#define SIZE_LIMIT (16UL << 20)

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same_file(const struct image_file *a, const struct image_file *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           same_time(&a->modified, &b->modified) && same_time(&a->changed, &b->changed);
}

/*
 * A change within the same tick of the file system's clock as the last one would not be seen.
 */
static bool is_settled(const struct image_file *f)
{
    return f->changed.tv_sec < f->seen.tv_sec ||
           (f->changed.tv_sec == f->seen.tv_sec && f->changed.tv_nsec < f->seen.tv_nsec);
}

static struct image_template *find(struct image_templates *all, const struct image *i,
                                   uint64_t base)
{
    for (unsigned int k = 0; k < IMAGE_TEMPLATES; k++) {
        struct image_template *t = &all->list[k];

        if (t->last_use && t->base == base && same_file(&t->file, &i->file))
            return t;
    }
    return NULL;
}

/* Where, in memory at BASE, the last page ends that is not all zero before the domain begins. */
static uint64_t end_of_contents(const struct image *i, uint64_t base)
{
    uint64_t end = i->has_hypercall_page ? i->hypercall_page + PAGE : 0;

    for (unsigned int k = 0; k < i->header->e_phnum; k++) {
        const Elf64_Phdr *s = &i->segments[k];

        if (image_is_loaded(s) && end < s->p_vaddr + s->p_filesz)
            end = s->p_vaddr + s->p_filesz;
    }
    return base + ((end - i->virt_base + PAGE - 1) & -PAGE);
}

bool image_template_map(struct image_templates *all, const struct image *i, uint64_t base,
                        uint64_t shown)
{
    struct image_template *t = find(all, i, base);

    if (!t || !t->len)
        return false;
    t->last_use = ++all->uses;
    return mmap((void *)shown, t->len, PROT_READ | PROT_WRITE | PROT_EXEC,
                MAP_PRIVATE | MAP_NORESERVE | MAP_FIXED, t->memfd, 0) == (void *)shown;
}

static void drop(struct image_template *t)
{
    if (t->len)
        close(t->memfd);
    *t = (struct image_template){0};
}

/* The one that has not been of use for the longest time gives way. */
static struct image_template *oldest(struct image_templates *all)
{
    struct image_template *found = &all->list[0];

    for (unsigned int k = 1; k < IMAGE_TEMPLATES; k++) {
        if (all->list[k].last_use < found->last_use)
            found = &all->list[k];
    }
    return found;
}

static void keep(struct image_template *t, uint64_t shown, uint64_t len)
{
    t->memfd = memfd_create("image", MFD_CLOEXEC);
    if (t->memfd < 0)
        return; /* there are copies, then */
    if (write(t->memfd, (const void *)shown, len) == (ssize_t)len)
        t->len = len;
    else
        close(t->memfd);
}

void image_template_offer(struct image_templates *all, const struct image *i, uint64_t base,
                          uint64_t shown)
{
    uint64_t end = end_of_contents(i, base);
    struct image_template *t;

    if (!is_settled(&i->file) || end <= shown || end - shown > SIZE_LIMIT)
        return;
    t = find(all, i, base);
    if (t) {
        keep(t, shown, end - shown); /* the second time */
    } else {
        t = oldest(all);
        drop(t);
        *t = (struct image_template){.file = i->file, .base = base};
    }
    t->last_use = ++all->uses;
}
