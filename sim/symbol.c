/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The name of an address, from a program's own ELF symbol table. For reports only: the file is
 * mapped at that moment, and every number in it is checked before use.
 */
#include "symbol.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct file {
    const uint8_t *bytes;
    size_t size;
};

static const void *part(const struct file *f, uint64_t offset, uint64_t len)
{
    return offset <= f->size && len <= f->size - offset ? f->bytes + offset : NULL;
}

/* The string at AT of STRINGS, NULL if it does not end there. */
static const char *string(const struct file *f, const Elf64_Shdr *strings, uint32_t at)
{
    const char *text = part(f, strings->sh_offset, strings->sh_size);

    if (!text || at >= strings->sh_size || !memchr(text + at, '\0', strings->sh_size - at))
        return NULL;
    return text + at;
}

static const Elf64_Sym *nearest(const struct file *f, uint64_t address, const char **name)
{
    const Elf64_Ehdr *header = part(f, 0, sizeof(*header));
    const Elf64_Shdr *sections;
    const Elf64_Sym *best = NULL;

    if (!header || memcmp(header->e_ident, ELFMAG, SELFMAG) ||
        header->e_shentsize != sizeof(*sections) || header->e_shoff % 8)
        return NULL;
    sections = part(f, header->e_shoff, (uint64_t)header->e_shnum * sizeof(*sections));
    for (unsigned int i = 0; sections && i < header->e_shnum; i++) {
        const Elf64_Shdr *s = &sections[i], *strings;
        const Elf64_Sym *symbols;

        if (s->sh_type != SHT_SYMTAB || s->sh_link >= header->e_shnum)
            continue;
        strings = &sections[s->sh_link];
        symbols = part(f, s->sh_offset, s->sh_size);
        if (!symbols || s->sh_offset % 8)
            continue;
        for (uint64_t k = 0; k < s->sh_size / sizeof(*symbols); k++) {
            const Elf64_Sym *y = &symbols[k];
            unsigned int type = ELF64_ST_TYPE(y->st_info);

            if (type == STT_SECTION || type == STT_FILE || type == STT_TLS ||
                y->st_shndx == SHN_UNDEF || y->st_shndx >= SHN_LORESERVE || y->st_value > address)
                continue;
            /* Of two at the same place the one with a type (or the later) says more. */
            if (!best || y->st_value > best->st_value ||
                (y->st_value == best->st_value && type == STT_FUNC)) {
                const char *its = string(f, strings, y->st_name);

                best = its ? y : best;
                *name = its ? its : *name;
            }
        }
        /* An address after the end of the last section is nobody's. */
        for (unsigned int n = 0; best; n++) {
            if (n == header->e_shnum)
                return NULL;
            if (sections[n].sh_flags & SHF_ALLOC && address >= sections[n].sh_addr &&
                address < sections[n].sh_addr + sections[n].sh_size)
                return best;
        }
    }
    return NULL;
}

void symbol_name(const char *path, uint64_t address, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    struct file f = {.bytes = MAP_FAILED};
    const Elf64_Sym *found = NULL;
    const char *name = NULL;

    if (fd >= 0 && !fstat(fd, &st)) {
        f.size = (size_t)st.st_size;
        f.bytes = mmap(NULL, f.size, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    if (fd >= 0)
        close(fd);
    if (f.bytes != MAP_FAILED)
        found = nearest(&f, address, &name);
    if (found)
        snprintf(text, size, "%s+0x%lx", name, (unsigned long)(address - found->st_value));
    else
        snprintf(text, size, "?");
    if (f.bytes != MAP_FAILED)
        munmap((void *)(uintptr_t)f.bytes, f.size);
}
