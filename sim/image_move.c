/* SPDX-License-Identifier: BSD-3-Clause
 *
 * An image at other addresses than it was linked for: the relocations that the linker has left in
 * it (ld --emit-relocs) say which places hold addresses.
 */
#include "image.h"

#include <string.h>

struct move {
    const struct image *image;
    uint64_t base, delta;
    uint8_t *memory; /* at base */
    char *message;
};

static bool out_of_reach(const struct move *m, const Elf64_Rela *r)
{
    return image_fail(m->image, m->message,
                      "moved to 0x%lx, the address at 0x%lx does not fit into 32 bits",
                      (unsigned long)m->base, (unsigned long)r->r_offset);
}

static bool add_32(const struct move *m, const Elf64_Rela *r, uint8_t *place, uint64_t delta,
                   bool is_signed)
{
    uint32_t word;
    int64_t value;

    memcpy(&word, place, sizeof(word));
    value = (is_signed ? (int64_t)(int32_t)word : (int64_t)word) + (int64_t)delta;
    if (is_signed ? value != (int32_t)value : value != (uint32_t)value)
        return out_of_reach(m, r);
    word = (uint32_t)value;
    memcpy(place, &word, sizeof(word));
    return true;
}

/* DELTA is how far the symbol moves; the place itself moves by m->delta. */
static bool apply(const struct move *m, const Elf64_Rela *r, uint8_t *place, uint64_t delta)
{
    uint64_t word;

    switch (ELF64_R_TYPE(r->r_info)) {
    case R_X86_64_NONE:
        return true;
    case R_X86_64_64:
        memcpy(&word, place, sizeof(word));
        word += delta;
        memcpy(place, &word, sizeof(word));
        return true;
    case R_X86_64_32:
        return add_32(m, r, place, delta, false);
    case R_X86_64_32S:
        return add_32(m, r, place, delta, true);
    case R_X86_64_PC32:
    case R_X86_64_PLT32:
        return delta == m->delta || add_32(m, r, place, delta - m->delta, true);
    case R_X86_64_PC64:
        memcpy(&word, place, sizeof(word));
        word += delta - m->delta;
        memcpy(place, &word, sizeof(word));
        return true;
    default:
        return image_fail(m->image, m->message,
                          "it cannot be moved: relocation of type %lu at 0x%lx",
                          (unsigned long)ELF64_R_TYPE(r->r_info), (unsigned long)r->r_offset);
    }
}

static bool bad(const struct move *m, const char *what)
{
    return image_fail(m->image, m->message, "its relocations are malformed: %s", what);
}

/* S: of relocations, which are for a section in memory. */
static bool move_section(const struct move *m, const Elf64_Shdr *s)
{
    const struct image *i = m->image;
    const Elf64_Rela *relocations = image_part(i, s->sh_offset, s->sh_size);
    const Elf64_Shdr *table = s->sh_link < i->header->e_shnum ? &i->sections[s->sh_link] : NULL;
    const Elf64_Sym *symbols;
    uint64_t count;

    if (!relocations || s->sh_offset % 8)
        return bad(m, "they are not in the file");
    if (!table || table->sh_offset % 8)
        return bad(m, "no symbol table");
    symbols = image_part(i, table->sh_offset, table->sh_size);
    if (!symbols)
        return bad(m, "no symbol table");
    count = table->sh_size / sizeof(*symbols);
    for (uint64_t k = 0; k < s->sh_size / sizeof(*relocations); k++) {
        const Elf64_Rela *r = &relocations[k];
        const Elf64_Sym *symbol;
        uint64_t at = r->r_offset - i->virt_base;

        if (ELF64_R_SYM(r->r_info) >= count)
            return bad(m, "a symbol that is not there");
        if (r->r_offset < i->virt_base || at > i->end - i->virt_base - sizeof(uint64_t))
            return bad(m, "a place outside the image");
        symbol = &symbols[ELF64_R_SYM(r->r_info)];
        /* Numbers, and what is nowhere (weak), do not move. */
        if (!apply(m, r, m->memory + at,
                   symbol->st_shndx == SHN_ABS || symbol->st_shndx == SHN_UNDEF ? 0 : m->delta))
            return false;
    }
    return true;
}

bool image_move(const struct image *i, uint64_t base, char *message)
{
    const struct move m = {
        .image = i,
        .base = base,
        .delta = base - i->virt_base,
        .memory = (uint8_t *)(uintptr_t)base,
        .message = message,
    };

    for (unsigned int k = 0; k < i->header->e_shnum; k++) {
        const Elf64_Shdr *s = &i->sections[k];

        if (s->sh_type != SHT_RELA || s->sh_info >= i->header->e_shnum ||
            !(i->sections[s->sh_info].sh_flags & SHF_ALLOC))
            continue;
        if (!move_section(&m, s))
            return false;
    }
    return true;
}
