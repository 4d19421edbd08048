/* SPDX-License-Identifier: BSD-3-Clause
 *
 * PV images as files: what Xen's domain builder reads of one (<xen/elfnote.h>), and one as the
 * memory of a domain to be.
 */
#ifndef SIM_IMAGE_H
#define SIM_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <elf.h>
#include <sys/types.h>
#include <time.h>

struct domain;
struct domain_config;

/* What a file is known by, and when it was looked at, by the clock that file systems use. */
struct image_file {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec modified, changed, seen;
};

struct image {
    const char *path;
    const uint8_t *bytes; /* the file */
    size_t size;
    struct image_file file;
    const Elf64_Ehdr *header;
    const Elf64_Phdr *segments;
    const Elf64_Shdr *sections; /* NULL: none */

    /* Addresses as they were linked. Pfn 0 is at virt_base; the segments end at end. */
    uint64_t virt_base, end;
    uint64_t entry;
    bool has_hypercall_page;
    uint64_t hypercall_page;
    uint64_t window; /* of two words: see image_started; 0: none */
    bool movable;    /* it has its relocations */
};

/*
 * All that can fail returns false and fills MESSAGE with one line that begins with the path.
 * IMAGE_MESSAGE is enough for any.
 */
#define IMAGE_MESSAGE 4600

/* Reads and checks the file PATH, which must live as long as I. image_close undoes it. */
bool image_open(struct image *i, const char *path, char *message);
void image_close(struct image *i);

/* image_template.c: images that have been started, for the next time. All zero: none. */
#define IMAGE_TEMPLATES 8

struct image_templates {
    struct image_template {
        struct image_file file;
        uint64_t base;
        uint64_t last_use; /* 0: there is none */
        uint64_t len;      /* 0: it was loaded once, and nothing is kept yet */
        int memfd;
    } list[IMAGE_TEMPLATES];
    uint64_t uses;
};

/*
 * What is known of room in the low 2 GiB: below LOWEST is none for SIZE bytes. All zero: nothing.
 * It spares the search, which takes a system call for each place.
 */
struct image_places {
    uint64_t lowest, size;
};

/* The addresses from BASE on, which image_load had given, are free again. */
void image_place_left(struct image_places *places, uint64_t base);

/*
 * Lays I out in memory, with room after it for what the domain builder adds, and tells it to C,
 * whose sizes must be set. Where it was linked to be if that is free; else it is moved, if it can
 * be. TEMPLATES (NULL: none) make this cheap for who was loaded twice before, PLACES (NULL: none)
 * where others are.
 */
bool image_load(const struct image *i, struct image_templates *templates,
                struct image_places *places, struct domain_config *c, char *message);

/* After domain_create: tells the guest in D where its window is, if it wants to know. */
void image_started(const struct image *i, const struct domain_config *c, struct domain *d);

/* Undoes image_load, if there was no domain_create that succeeded. */
void image_unload(const struct domain_config *c);

/* image_notes.c: finds Xen's notes. */
bool image_read_notes(struct image *i, char *message);

/* LEN bytes of the file at OFFSET, or NULL. */
const void *image_part(const struct image *i, uint64_t offset, uint64_t len);

/* Whether S has a part in memory. */
static inline bool image_is_loaded(const Elf64_Phdr *s)
{
    return s->p_type == PT_LOAD && s->p_memsz;
}

/*
 * I, which is to lie at BASE, of which the process has the addresses from SHOWN on. map: its
 * contents, if they are kept; else false. offer: they have been loaded without, and may be kept.
 */
bool image_template_map(struct image_templates *all, const struct image *i, uint64_t base,
                        uint64_t shown);
void image_template_offer(struct image_templates *all, const struct image *i, uint64_t base,
                          uint64_t shown);

/* image_move.c: I lies at BASE; changes what depends on that. */
bool image_move(const struct image *i, uint64_t base, char *message);

/* Fills MESSAGE and returns false. */
bool image_fail(const struct image *i, char *message, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
