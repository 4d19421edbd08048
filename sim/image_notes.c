/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What an image tells its builder: the notes of <xen/elfnote.h>, or the string that they have
 * replaced. And one of our own.
 */
#include "image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/elfnote.h>

#define UNSET UINT64_MAX
#define WORD  64U

/* Our own note, "halvm" of this type, is two words that the guest reads at its start: the
 * addresses that it may map, their first and their number. Who moves the guest changes them. */
#define NOTE_WINDOW 1U

struct notes {
    bool any;
    char guest_os[WORD], loader[WORD], xen_version[WORD], features[256];
    uint64_t virt_base, paddr_offset, entry, hypercall_page, init_p2m;
    uint64_t window;
};

struct note {
    uint32_t type;
    const char *name;
    uint32_t name_size;
    const uint8_t *value;
    uint32_t size;
    uint64_t va; /* of the value, if the note is in memory; 0 */
};

static void set_text(char *to, size_t size, const struct note *n)
{
    size_t len = n->size < size ? n->size : size - 1;

    memcpy(to, n->value, len);
    to[len] = '\0';
}

/* Numbers have the size that the image's author chose: 1 to 8 bytes. */
static uint64_t number(const struct note *n)
{
    uint64_t value = 0;

    memcpy(&value, n->value, n->size < sizeof(value) ? n->size : sizeof(value));
    return value;
}

static void set_xen(struct notes *to, const struct note *n)
{
    to->any = true;
    switch (n->type) {
    case XEN_ELFNOTE_GUEST_OS:
        set_text(to->guest_os, sizeof(to->guest_os), n);
        break;
    case XEN_ELFNOTE_LOADER:
        set_text(to->loader, sizeof(to->loader), n);
        break;
    case XEN_ELFNOTE_XEN_VERSION:
        set_text(to->xen_version, sizeof(to->xen_version), n);
        break;
    case XEN_ELFNOTE_FEATURES:
        set_text(to->features, sizeof(to->features), n);
        break;
    case XEN_ELFNOTE_VIRT_BASE:
        to->virt_base = number(n);
        break;
    case XEN_ELFNOTE_PADDR_OFFSET:
        to->paddr_offset = number(n);
        break;
    case XEN_ELFNOTE_ENTRY:
        to->entry = number(n);
        break;
    case XEN_ELFNOTE_HYPERCALL_PAGE:
        to->hypercall_page = number(n);
        break;
    case XEN_ELFNOTE_INIT_P2M:
        to->init_p2m = number(n);
        break;
    }
}

static void set(struct notes *to, const struct note *n)
{
    if (n->name_size == 4 && !memcmp(n->name, "Xen", 4))
        set_xen(to, n);
    else if (n->name_size == 6 && !memcmp(n->name, "halvm", 6) && n->type == NOTE_WINDOW &&
             n->size == 2 * sizeof(uint64_t))
        to->window = n->va;
}

/* VA: where these bytes of the file will be; 0: not in memory. */
static bool read_notes(const struct image *i, uint64_t offset, uint64_t size, uint64_t va,
                       struct notes *to, char *message)
{
    const uint8_t *p = image_part(i, offset, size);
    uint64_t at = 0;

    if (!p || offset % 4)
        return image_fail(i, message, "truncated: its notes are missing");
    while (at + sizeof(Elf64_Nhdr) <= size) {
        const Elf64_Nhdr *h = (const void *)(p + at);
        uint64_t name = at + sizeof(*h), value = name + ((h->n_namesz + 3UL) & ~3UL);

        at = value + ((h->n_descsz + 3UL) & ~3UL);
        if (value + h->n_descsz > size)
            return image_fail(i, message, "its notes are malformed: one ends after all");
        set(to, &(struct note){
                    .type = h->n_type,
                    .name = (const char *)p + name,
                    .name_size = h->n_namesz,
                    .value = p + value,
                    .size = h->n_descsz,
                    .va = va ? va + value : 0,
                });
    }
    return true;
}

/* ---- the string of the section __xen_guest: KEY=VALUE,KEY=VALUE ---- */

static void set_from_string(struct notes *to, const char *key, const char *value)
{
    static const struct {
        const char *key;
        uint32_t type;
        bool is_text;
    } keys[] = {
        {"GUEST_OS", XEN_ELFNOTE_GUEST_OS, true},
        {"LOADER", XEN_ELFNOTE_LOADER, true},
        {"XEN_VER", XEN_ELFNOTE_XEN_VERSION, true},
        {"FEATURES", XEN_ELFNOTE_FEATURES, true},
        {"VIRT_BASE", XEN_ELFNOTE_VIRT_BASE, false},
        {"ELF_PADDR_OFFSET", XEN_ELFNOTE_PADDR_OFFSET, false},
        {"VIRT_ENTRY", XEN_ELFNOTE_ENTRY, false},
        {"INIT_P2M", XEN_ELFNOTE_INIT_P2M, false},
        {"HYPERCALL_PAGE", XEN_ELFNOTE_HYPERCALL_PAGE, false},
    };
    uint64_t n = strtoull(value, NULL, 0);

    for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
        if (strcmp(key, keys[k].key))
            continue;
        set_xen(to, &(struct note){
                        .type = keys[k].type,
                        .value = keys[k].is_text ? (const void *)value : (const void *)&n,
                        .size = (uint32_t)(keys[k].is_text ? strlen(value) : sizeof(n)),
                    });
    }
}

static void read_string(const char *text, size_t size, struct notes *to)
{
    char pair[256];
    size_t at = 0;

    to->any = true;
    while (at < size && text[at]) {
        size_t len = 0;
        char *equals;

        for (; at < size && text[at] && text[at] != ','; at++) {
            if (len < sizeof(pair) - 1)
                pair[len++] = text[at];
        }
        at++;
        pair[len] = '\0';
        equals = strchr(pair, '=');
        if (!equals)
            continue;
        *equals = '\0';
        set_from_string(to, pair, equals + 1);
    }
    /* Here it is a number of a page. */
    if (to->hypercall_page != UNSET)
        to->hypercall_page =
            to->hypercall_page * 4096 + (to->virt_base == UNSET ? 0 : to->virt_base);
}

static const char *section_name(const struct image *i, const Elf64_Shdr *s)
{
    const Elf64_Shdr *names =
        i->header->e_shstrndx < i->header->e_shnum ? &i->sections[i->header->e_shstrndx] : NULL;
    const char *text = names ? image_part(i, names->sh_offset, names->sh_size) : NULL;

    if (!text || s->sh_name >= names->sh_size ||
        !memchr(text + s->sh_name, '\0', names->sh_size - s->sh_name))
        return "";
    return text + s->sh_name;
}

/* ---- all ---- */

/* As libelf's order is: segments, sections, the string. */
static bool find(const struct image *i, struct notes *to, char *message)
{
    for (unsigned int k = 0; k < i->header->e_phnum; k++) {
        const Elf64_Phdr *s = &i->segments[k];

        if (s->p_type == PT_NOTE &&
            !read_notes(i, s->p_offset, s->p_filesz, s->p_vaddr, to, message))
            return false;
    }
    for (unsigned int k = 0; !to->any && i->sections && k < i->header->e_shnum; k++) {
        const Elf64_Shdr *s = &i->sections[k];

        if (s->sh_type == SHT_NOTE &&
            !read_notes(i, s->sh_offset, s->sh_size, s->sh_flags & SHF_ALLOC ? s->sh_addr : 0, to,
                        message))
            return false;
    }
    for (unsigned int k = 0; !to->any && i->sections && k < i->header->e_shnum; k++) {
        const Elf64_Shdr *s = &i->sections[k];
        const char *text;

        if (strcmp(section_name(i, s), "__xen_guest"))
            continue;
        text = image_part(i, s->sh_offset, s->sh_size);
        if (!text)
            return image_fail(i, message, "truncated: its section __xen_guest is missing");
        read_string(text, s->sh_size, to);
    }
    return to->any || image_fail(i, message, "not an image for Xen: it has no notes of Xen's");
}

/* What an image must have and a PV domain has not. */
static const char *missing_feature(char *features)
{
    static const char *const missing[] = {"!auto_translated_physmap", "!supervisor_mode_kernel",
                                          "!writable_descriptor_tables"};

    for (char *word = strtok(features, "|"); word; word = strtok(NULL, "|")) {
        for (size_t k = 0; k < sizeof(missing) / sizeof(missing[0]); k++) {
            if (!strcmp(word, missing[k]))
                return missing[k] + 1;
        }
    }
    return NULL;
}

bool image_read_notes(struct image *i, char *message)
{
    struct notes n = {.virt_base = UNSET,
                      .paddr_offset = UNSET,
                      .entry = UNSET,
                      .hypercall_page = UNSET,
                      .init_p2m = UNSET};
    const char *feature;

    if (!find(i, &n, message))
        return false;
    /* Linux alone need not name the loader: libelf, elf_xen_note_check. */
    if (strncmp(n.loader, "generic", 7) && strncmp(n.guest_os, "linux", 5))
        return image_fail(i, message, "its loader is \"%s\", not \"generic\"", n.loader);
    if (strncmp(n.xen_version, "xen-3.0", 7))
        return image_fail(i, message, "it is for Xen \"%s\", not for \"xen-3.0\"", n.xen_version);
    feature = missing_feature(n.features);
    if (feature)
        return image_fail(i, message, "it needs %s, which a PV domain does not have", feature);
    if (n.init_p2m != UNSET)
        return image_fail(i, message,
                          "it wants its list of frames at an address of its own "
                          "(INIT_P2M), which is for kernels of 64-bit addresses");
    i->virt_base = n.virt_base == UNSET ? 0 : n.virt_base;
    i->entry = n.entry == UNSET ? i->header->e_entry : n.entry;
    i->has_hypercall_page = n.hypercall_page != UNSET;
    i->hypercall_page = n.hypercall_page;
    i->window = n.window;
    return true;
}
