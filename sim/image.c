/* SPDX-License-Identifier: BSD-3-Clause
 *
 * PV images: the file and its checks, and a place in this process for one.
 *
 * Code of GHC's lies in the low 2 GiB, so images are moved within them. What the domain builder
 * puts behind an image lies there too; the program itself is far up, being position independent.
 */
#define _GNU_SOURCE
#include "image.h"
#include "hypervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PAGE        4096UL
#define MIB         (1UL << 20)
#define GIB         (1UL << 30)
#define STEP        (4 * MIB) /* the initial mapping ends at a multiple of it */
#define LOW_END     (2 * GIB)
#define IMAGE_LIMIT GIB

/* User space: from where Linux lets everybody map (vm.mmap_min_addr) to 47 bits, but for a page. */
#define USER_START 0x10000UL

/* It may let us map from here on too: by its configuration, or for CAP_SYS_RAWIO. */
static const uint64_t lower_starts[] = {0, 0x1000};

#define USER_END 0x7ffffffff000UL

bool image_fail(const struct image *i, char *message, const char *format, ...)
{
    va_list args;
    int n = snprintf(message, IMAGE_MESSAGE, "%.4096s: ", i->path);

    va_start(args, format);
    vsnprintf(message + n, (size_t)(IMAGE_MESSAGE - n), format, args);
    va_end(args);
    return false;
}

const void *image_part(const struct image *i, uint64_t offset, uint64_t len)
{
    return offset <= i->size && len <= i->size - offset ? i->bytes + offset : NULL;
}

/* ---- the file ---- */

static bool check_header(struct image *i, char *message)
{
    const Elf64_Ehdr *h = i->header = image_part(i, 0, sizeof(*h));

    if (i->size < SELFMAG || memcmp(i->bytes, ELFMAG, SELFMAG))
        return image_fail(i, message, "not an ELF file");
    if (i->size > EI_DATA && i->bytes[EI_CLASS] != ELFCLASS64)
        return image_fail(i, message, "not a 64-bit ELF file");
    if (!h)
        return image_fail(i, message, "truncated: %zu bytes are no ELF header", i->size);
    if (h->e_ident[EI_DATA] != ELFDATA2LSB || h->e_machine != EM_X86_64)
        return image_fail(i, message, "not for x86-64 (machine %u)", h->e_machine);
    if (h->e_type != ET_EXEC && h->e_type != ET_DYN)
        return image_fail(i, message, "not an executable (ELF type %u)", h->e_type);
    if (h->e_phentsize != sizeof(Elf64_Phdr) || !h->e_phnum)
        return image_fail(i, message, "it has no program headers");
    if (h->e_phoff % 8)
        return image_fail(i, message, "its program headers are not aligned");
    i->segments = image_part(i, h->e_phoff, (uint64_t)h->e_phnum * sizeof(Elf64_Phdr));
    if (!i->segments)
        return image_fail(i, message, "truncated: its program headers are missing");
    if (!h->e_shnum)
        return true;
    if (h->e_shentsize != sizeof(Elf64_Shdr) || h->e_shoff % 8)
        return image_fail(i, message, "its section headers are malformed");
    i->sections = image_part(i, h->e_shoff, (uint64_t)h->e_shnum * sizeof(Elf64_Shdr));
    if (!i->sections)
        return image_fail(i, message, "truncated: its section headers are missing");
    return true;
}

static bool check_segment(const struct image *i, const Elf64_Phdr *s, unsigned int k, char *message)
{
    if (!image_part(i, s->p_offset, s->p_filesz))
        return image_fail(i, message,
                          "truncated: segment %u has %lu bytes from %lu on, the file ends at %zu",
                          k, (unsigned long)s->p_filesz, (unsigned long)s->p_offset, i->size);
    if (s->p_filesz > s->p_memsz)
        return image_fail(i, message, "segment %u is larger in the file than in memory", k);
    if (s->p_memsz > IMAGE_LIMIT)
        return image_fail(i, message, "segment %u has %lu MiB: too large", k,
                          (unsigned long)(s->p_memsz / MIB));
    if (s->p_vaddr > -PAGE - s->p_memsz)
        return image_fail(i, message, "segment %u ends beyond all addresses", k);
    return true;
}

static bool overlap(const Elf64_Phdr *a, const Elf64_Phdr *b)
{
    return a->p_vaddr < b->p_vaddr + b->p_memsz && b->p_vaddr < a->p_vaddr + a->p_memsz;
}

static bool check_segments(struct image *i, char *message)
{
    unsigned int loaded = 0;

    for (unsigned int k = 0; k < i->header->e_phnum; k++) {
        const Elf64_Phdr *s = &i->segments[k];

        if (!image_is_loaded(s))
            continue;
        if (!check_segment(i, s, k, message))
            return false;
        for (unsigned int j = 0; j < k; j++) {
            if (image_is_loaded(&i->segments[j]) && overlap(&i->segments[j], s))
                return image_fail(i, message, "segments %u and %u overlap", j, k);
        }
        loaded++;
        if (i->end < s->p_vaddr + s->p_memsz)
            i->end = s->p_vaddr + s->p_memsz;
    }
    return loaded || image_fail(i, message, "nothing in it is to be loaded");
}

static bool in_image(const struct image *i, uint64_t va, uint64_t len)
{
    for (unsigned int k = 0; k < i->header->e_phnum; k++) {
        const Elf64_Phdr *s = &i->segments[k];

        if (image_is_loaded(s) && va >= s->p_vaddr && va - s->p_vaddr <= s->p_memsz &&
            len <= s->p_memsz - (va - s->p_vaddr))
            return true;
    }
    return false;
}

static bool check_addresses(struct image *i, char *message)
{
    for (unsigned int k = 0; k < i->header->e_phnum; k++) {
        const Elf64_Phdr *s = &i->segments[k];

        if (image_is_loaded(s) && s->p_vaddr < i->virt_base)
            return image_fail(i, message, "segment %u (at 0x%lx) is below VIRT_BASE, 0x%lx", k,
                              (unsigned long)s->p_vaddr, (unsigned long)i->virt_base);
    }
    if (i->virt_base % PAGE)
        return image_fail(i, message, "VIRT_BASE, 0x%lx, is not the beginning of a page",
                          (unsigned long)i->virt_base);
    if (i->end - i->virt_base > IMAGE_LIMIT)
        return image_fail(i, message, "it spans %lu MiB of addresses: too many",
                          (unsigned long)((i->end - i->virt_base) / MIB));
    if (!in_image(i, i->entry, 1))
        return image_fail(i, message, "its entry, 0x%lx, is outside of it",
                          (unsigned long)i->entry);
    if (i->has_hypercall_page && i->hypercall_page % PAGE)
        return image_fail(i, message, "its hypercall page, 0x%lx, is not the beginning of a page",
                          (unsigned long)i->hypercall_page);
    if (i->has_hypercall_page && !in_image(i, i->hypercall_page, PAGE))
        return image_fail(i, message, "its hypercall page, 0x%lx, is outside of it",
                          (unsigned long)i->hypercall_page);
    i->end = (i->end + PAGE - 1) & -PAGE;
    if (i->window && !in_image(i, i->window, 2 * sizeof(uint64_t)))
        i->window = 0;
    return true;
}

static bool has_relocations(const struct image *i)
{
    for (unsigned int k = 0; i->sections && k < i->header->e_shnum; k++) {
        const Elf64_Shdr *s = &i->sections[k];

        if (s->sh_type == SHT_RELA && s->sh_info < i->header->e_shnum &&
            i->sections[s->sh_info].sh_flags & SHF_ALLOC)
            return true;
    }
    return false;
}

static bool map_file(struct image *i, char *message)
{
    int fd = open(i->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct timespec seen;
    struct stat st;
    void *bytes;

    if (fd < 0)
        return image_fail(i, message, "%s", strerror(errno));
    clock_gettime(CLOCK_REALTIME_COARSE, &seen);
    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
        close(fd);
        return image_fail(i, message, "not a regular file");
    }
    i->size = (size_t)st.st_size;
    i->file = (struct image_file){.device = st.st_dev,
                                  .inode = st.st_ino,
                                  .size = st.st_size,
                                  .modified = st.st_mtim,
                                  .changed = st.st_ctim,
                                  .seen = seen};
    if (i->size > IMAGE_LIMIT) {
        close(fd);
        return image_fail(i, message, "%zu MiB: too large", i->size / MIB);
    }
    bytes = mmap(NULL, i->size ? i->size : 1, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (bytes == MAP_FAILED)
        return image_fail(i, message, "%s", strerror(errno));
    i->bytes = bytes;
    return true;
}

bool image_open(struct image *i, const char *path, char *message)
{
    *i = (struct image){.path = path};
    if (!map_file(i, message))
        return false;
    if (check_header(i, message) && check_segments(i, message) && image_read_notes(i, message) &&
        check_addresses(i, message)) {
        i->movable = has_relocations(i);
        return true;
    }
    image_close(i);
    return false;
}

void image_close(struct image *i)
{
    munmap((void *)(uintptr_t)i->bytes, i->size ? i->size : 1);
    i->bytes = NULL;
}

/* ---- in memory ---- */

static uint64_t image_size(const struct image *i) { return i->end - i->virt_base; }

static void set_base(const struct image *i, struct domain_config *c, uint64_t base, uint64_t shown)
{
    c->image_start = c->image_data = base;
    c->image_end = base + image_size(i);
    c->image_shown = base < shown ? shown : base;
    c->entry = (void (*)(void))(uintptr_t)(base + (i->entry - i->virt_base));
    c->image_owned = true;
}

/*
 * Takes BASE and what follows, if all of it is free: as much as the domain will have there, but for
 * what is below SHOWN.
 */
static bool take(const struct image *i, struct domain_config *c, uint64_t base, uint64_t shown)
{
    uint64_t end;

    set_base(i, c, base, shown);
    end = base + domain_initial_size(c);
    if (end > USER_END || end < base || c->image_shown >= c->image_end)
        return false;
    return address_reserve(c->image_shown, end - c->image_shown,
                           PROT_READ | PROT_WRITE | PROT_EXEC);
}

/* Where something has to be; a process has no page at address 0, where nothing may be. */
static uint64_t first_used(const struct image *i)
{
    uint64_t first = i->end;

    for (unsigned int k = 0; k < i->header->e_phnum; k++) {
        if (image_is_loaded(&i->segments[k]) && i->segments[k].p_vaddr < first)
            first = i->segments[k].p_vaddr;
    }
    return first;
}

/* At the addresses that it was linked for; the lowest are for those that cannot be moved. */
static bool take_own(const struct image *i, struct domain_config *c)
{
    if (i->virt_base >= USER_END)
        return false;
    for (size_t k = 0; !i->movable && k < sizeof(lower_starts) / sizeof(lower_starts[0]); k++) {
        if (i->virt_base < USER_START && first_used(i) >= lower_starts[k] &&
            take(i, c, i->virt_base, lower_starts[k]))
            return true;
    }
    return first_used(i) >= USER_START && take(i, c, i->virt_base, USER_START);
}

/* At the first place from BASE on. */
static bool take_from(const struct image *i, struct domain_config *c, uint64_t base)
{
    for (; base < LOW_END; base += STEP) {
        set_base(i, c, base, USER_START);
        if (base + domain_initial_size(c) > LOW_END)
            break;
        if (take(i, c, base, USER_START))
            return true;
    }
    return false;
}

static bool take_low(const struct image *i, struct image_places *places, struct domain_config *c)
{
    uint64_t first = STEP, size;

    set_base(i, c, STEP, USER_START);
    size = domain_initial_size(c);
    if (places->lowest && places->size <= size)
        first = places->lowest;
    /* What was too small may have grown since. */
    if (!take_from(i, c, first) && (first == STEP || !take_from(i, c, STEP)))
        return false;
    *places = (struct image_places){.lowest = c->image_start + STEP, .size = size};
    return true;
}

void image_place_left(struct image_places *places, uint64_t base)
{
    uint64_t step = base < STEP ? STEP : base & -STEP;

    if (step < places->lowest)
        places->lowest = step;
}

static bool find_place(const struct image *i, struct image_places *places, struct domain_config *c,
                       char *message)
{
    if (take_own(i, c))
        return true;
    if (!i->movable && first_used(i) < USER_START)
        return image_fail(i, message,
                          "it begins at 0x%lx, where nobody else may be and Linux must allow pages "
                          "(vm.mmap_min_addr = 0, or CAP_SYS_RAWIO), and it has no relocations to "
                          "be moved by",
                          (unsigned long)first_used(i));
    if (!i->movable)
        return image_fail(i, message,
                          "its addresses (from 0x%lx on) are %s, and it has no "
                          "relocations to be moved by",
                          (unsigned long)i->virt_base,
                          i->virt_base < USER_END ? "in use" : "not a process's");
    if (take_low(i, places, c))
        return true;
    return image_fail(i, message,
                      "no room for its %lu MiB below 2 GiB: run fewer domains in one process",
                      (unsigned long)(domain_initial_size(c) / MIB));
}

static void copy(const struct image *i, uint64_t base)
{
    for (unsigned int k = 0; k < i->header->e_phnum; k++) {
        const Elf64_Phdr *s = &i->segments[k];

        if (image_is_loaded(s))
            memcpy((void *)(uintptr_t)(base + (s->p_vaddr - i->virt_base)), i->bytes + s->p_offset,
                   s->p_filesz);
    }
    if (i->has_hypercall_page)
        hypercall_page_fill((uint8_t *)(uintptr_t)(base + (i->hypercall_page - i->virt_base)));
}

bool image_load(const struct image *i, struct image_templates *templates,
                struct image_places *places, struct domain_config *c, char *message)
{
    struct image_places nothing = {0};
    uint64_t base;

    if (!find_place(i, places ? places : &nothing, c, message))
        return false;
    base = c->image_start;
    if (templates && image_template_map(templates, i, base, c->image_shown))
        return true;
    copy(i, base);
    if (base != i->virt_base && !image_move(i, base, message)) {
        image_unload(c);
        return false;
    }
    if (templates)
        image_template_offer(templates, i, base, c->image_shown);
    return true;
}

void image_started(const struct image *i, const struct domain_config *c, struct domain *d)
{
    uint64_t words[2];
    size_t size;

    if (!i->window)
        return;
    words[0] = domain_window(d, &size);
    words[1] = size;
    memcpy((void *)(uintptr_t)(c->image_start + (i->window - i->virt_base)), words, sizeof(words));
}

void image_unload(const struct domain_config *c)
{
    munmap((void *)c->image_shown, c->image_start + domain_initial_size(c) - c->image_shown);
}
