/* SPDX-License-Identifier: BSD-3-Clause
 *
 * PV images as files: all that a damaged one can be refused for, and what moves when one is moved.
 * The images are made here, so that each thing that is read can be wrong.
 */
#include <check.h>

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <xen/elfnote.h>

#include "config.h"
#include "image.h"
#include "hypervisor.h"
#include "symbol.h"

#define BASE      0x10000000UL
#define TEXT      4096U /* offset of the segment in the file, three pages */
#define NOTES     512U
#define SYMBOLS   1024U
#define STRINGS   1280U
#define RELA      1536U
#define FILE_SIZE (4U * 4096)

enum { NONE, TEXT_SECTION, RELA_SECTION, SYMBOL_SECTION, NAME_SECTION, SECTIONS };

static union {
    uint8_t bytes[FILE_SIZE];
    Elf64_Ehdr header;
} file __attribute__((aligned(4096)));
static Elf64_Phdr *segments;
static Elf64_Shdr *sections;
static Elf64_Sym *symbols;
static Elf64_Rela *relocations;
static uint32_t notes_size;
static char path[] = "test-image.XXXXXX";
static char message[IMAGE_MESSAGE];
static struct image image;

static void *note(const char *name, uint32_t type, const void *value, uint32_t size)
{
    uint8_t *p = file.bytes + NOTES + notes_size;
    Elf64_Nhdr *h = (void *)p;
    uint32_t name_size = (uint32_t)strlen(name) + 1, at = sizeof(*h) + ((name_size + 3U) & ~3U);

    *h = (Elf64_Nhdr){.n_namesz = name_size, .n_descsz = size, .n_type = type};
    memcpy(p + sizeof(*h), name, name_size);
    memcpy(p + at, value, size);
    notes_size += at + ((size + 3U) & ~3U);
    segments[1].p_filesz = notes_size;
    return p + at;
}

static void number_note(uint32_t type, uint64_t value) { note("Xen", type, &value, sizeof(value)); }

static void text_note(uint32_t type, const char *value)
{
    note("Xen", type, value, (uint32_t)strlen(value) + 1);
}

static void headers(void)
{
    memset(&file, 0, sizeof(file));
    notes_size = 0;
    memcpy(file.header.e_ident, ELFMAG, SELFMAG);
    file.header.e_ident[EI_CLASS] = ELFCLASS64;
    file.header.e_ident[EI_DATA] = ELFDATA2LSB;
    file.header.e_type = ET_EXEC;
    file.header.e_machine = EM_X86_64;
    file.header.e_entry = BASE + 16;
    file.header.e_phoff = 64;
    file.header.e_phentsize = sizeof(Elf64_Phdr);
    file.header.e_phnum = 3;
    file.header.e_shoff = 2048;
    file.header.e_shentsize = sizeof(Elf64_Shdr);
    file.header.e_shnum = SECTIONS;
    file.header.e_shstrndx = NAME_SECTION;
    segments = (void *)(file.bytes + 64);
    sections = (void *)(file.bytes + 2048);
    symbols = (void *)(file.bytes + SYMBOLS);
    relocations = (void *)(file.bytes + RELA);
}

/* Sound as it is: two pages, one more of zeroes, the hypercall page second; six relocations. */
static void make(void)
{
    headers();
    segments[0] = (Elf64_Phdr){
        .p_type = PT_LOAD, .p_offset = TEXT, .p_vaddr = BASE, .p_filesz = 8192, .p_memsz = 10000};
    segments[1] = (Elf64_Phdr){.p_type = PT_NOTE, .p_offset = NOTES};
    sections[TEXT_SECTION] =
        (Elf64_Shdr){.sh_type = SHT_PROGBITS, .sh_flags = SHF_ALLOC, .sh_name = 1};
    sections[RELA_SECTION] = (Elf64_Shdr){.sh_type = SHT_RELA,
                                          .sh_offset = RELA,
                                          .sh_size = 6 * sizeof(Elf64_Rela),
                                          .sh_link = SYMBOL_SECTION,
                                          .sh_info = TEXT_SECTION};
    sections[SYMBOL_SECTION] =
        (Elf64_Shdr){.sh_type = SHT_SYMTAB, .sh_offset = SYMBOLS, .sh_size = 3 * sizeof(Elf64_Sym)};
    sections[NAME_SECTION] =
        (Elf64_Shdr){.sh_type = SHT_STRTAB, .sh_offset = STRINGS, .sh_size = 64};
    memcpy(file.bytes + STRINGS, "\0.text\0__xen_guest", 19);
    symbols[1] = (Elf64_Sym){.st_shndx = TEXT_SECTION, .st_value = BASE};
    symbols[2] = (Elf64_Sym){.st_shndx = SHN_ABS, .st_value = 5};
    for (unsigned int k = 0; k < 6; k++) {
        static const uint32_t types[6] = {R_X86_64_64,   R_X86_64_32,    R_X86_64_32S,
                                          R_X86_64_PC32, R_X86_64_PLT32, R_X86_64_64};

        relocations[k] =
            (Elf64_Rela){.r_offset = BASE + 64 + 8 * k, .r_info = ELF64_R_INFO(1UL, types[k])};
        memcpy(file.bytes + TEXT + 64 + 8 * k, &(uint64_t){BASE + k}, 8);
    }
    relocations[5].r_info = ELF64_R_INFO(2UL, R_X86_64_64);
}

static void notes(void)
{
    text_note(XEN_ELFNOTE_GUEST_OS, "test");
    text_note(XEN_ELFNOTE_LOADER, "generic");
    text_note(XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
    number_note(XEN_ELFNOTE_VIRT_BASE, BASE);
    number_note(XEN_ELFNOTE_HYPERCALL_PAGE, BASE + 4096);
}

static bool try_size(size_t size)
{
    FILE *f = fopen(path, "w");

    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(file.bytes, 1, size, f), size);
    ck_assert_int_eq(fclose(f), 0);
    message[0] = '\0';
    return image_open(&image, path, message);
}

static void refused(const char *why)
{
    ck_assert_msg(!try_size(FILE_SIZE), "not refused: %s", why);
    ck_assert_int_eq(strncmp(message, path, strlen(path)), 0);
    ck_assert_msg(strstr(message, why), "\"%s\" is not in \"%s\"", why, message);
    ck_assert_ptr_null(strchr(message, '\n'));
    make();
    notes();
}

static void setup(void)
{
    int fd;

    strcpy(path, "test-image.XXXXXX");
    fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    make();
    notes();
}

static void teardown(void) { unlink(path); }

START_TEST(sound)
{
    ck_assert_msg(try_size(FILE_SIZE), "%s", message);
    ck_assert_uint_eq(image.virt_base, BASE);
    ck_assert_uint_eq(image.end, BASE + 3 * 4096);
    ck_assert_uint_eq(image.entry, BASE + 16);
    ck_assert_uint_eq(image.hypercall_page, BASE + 4096);
    ck_assert_uint_eq(image.window, 0);
    ck_assert(image.movable);
    image_close(&image);
}
END_TEST

START_TEST(header)
{
    file.bytes[0] = 0;
    refused("not an ELF file");
    file.header.e_ident[EI_CLASS] = ELFCLASS32;
    refused("not a 64-bit ELF file");
    file.header.e_ident[EI_DATA] = ELFDATA2MSB;
    refused("not for x86-64");
    file.header.e_machine = EM_AARCH64;
    refused("not for x86-64 (machine 183)");
    file.header.e_type = ET_REL;
    refused("not an executable (ELF type 1)");
    file.header.e_phentsize = 32;
    refused("no program headers");
    file.header.e_phnum = 0;
    refused("no program headers");
    file.header.e_phoff = 65;
    refused("not aligned");
    file.header.e_phoff = FILE_SIZE - 64;
    refused("truncated: its program headers");
    file.header.e_phoff = UINT64_MAX - 7;
    refused("truncated: its program headers");
    file.header.e_shentsize = 1;
    refused("section headers are malformed");
    file.header.e_shoff = 4;
    refused("section headers are malformed");
    file.header.e_shoff = FILE_SIZE;
    refused("truncated: its section headers");
    ck_assert(!try_size(0));
    ck_assert(!try_size(3));
    ck_assert(!try_size(40));
    ck_assert_ptr_nonnull(strstr(message, "truncated: 40 bytes"));
}
END_TEST

START_TEST(segments_)
{
    segments[0].p_filesz = segments[0].p_memsz = FILE_SIZE;
    refused("truncated: segment 0 has 16384 bytes from 4096 on, the file ends at 16384");
    segments[0].p_offset = UINT64_MAX;
    refused("truncated: segment 0");
    segments[0].p_memsz = 4096;
    refused("segment 0 is larger in the file");
    segments[0].p_memsz = 1UL << 40;
    refused("segment 0 has 1048576 MiB: too large");
    segments[0].p_vaddr = UINT64_MAX - 8191;
    refused("ends beyond all addresses");
    segments[2] = segments[0];
    refused("segments 0 and 2 overlap");
    segments[2] = segments[0];
    segments[2].p_vaddr += 1UL << 31;
    refused("spans 2048 MiB");
    segments[0].p_type = PT_NULL;
    refused("nothing in it");
    segments[0].p_vaddr -= 4096;
    refused("segment 0 (at 0xffff000) is below VIRT_BASE, 0x10000000");
    file.header.e_entry = BASE - 1;
    refused("its entry, 0xfffffff, is outside");
    file.header.e_entry = BASE + 10000;
    refused("its entry");
}
END_TEST

static void fresh(void)
{
    make();
    text_note(XEN_ELFNOTE_LOADER, "generic");
    text_note(XEN_ELFNOTE_XEN_VERSION, "xen-3.0");
}

START_TEST(notes_)
{
    make();
    refused("it has no notes of Xen's");
    make();
    text_note(XEN_ELFNOTE_GUEST_OS, "test");
    refused("its loader is \"\"");
    make();
    text_note(XEN_ELFNOTE_LOADER, "special");
    refused("its loader is \"special\"");
    make();
    text_note(XEN_ELFNOTE_GUEST_OS, "linux");
    refused("it is for Xen \"\"");
    make();
    text_note(XEN_ELFNOTE_LOADER, "generic");
    text_note(XEN_ELFNOTE_XEN_VERSION, "xen-4.0");
    refused("it is for Xen \"xen-4.0\"");
    text_note(XEN_ELFNOTE_FEATURES, "writable_page_tables|!auto_translated_physmap");
    refused("it needs auto_translated_physmap");
    text_note(XEN_ELFNOTE_FEATURES,
              "writable_page_tables|auto_translated_physmap|!pae_pgdir_above_4gb");
    ck_assert(try_size(FILE_SIZE));
    image_close(&image);
    number_note(XEN_ELFNOTE_INIT_P2M, 0xffffffff80000000);
    refused("INIT_P2M");
    fresh();
    number_note(XEN_ELFNOTE_VIRT_BASE, BASE - 1);
    refused("VIRT_BASE, 0xfffffff, is not the beginning of a page");
    fresh();
    number_note(XEN_ELFNOTE_VIRT_BASE, BASE);
    number_note(XEN_ELFNOTE_HYPERCALL_PAGE, BASE + 1);
    refused("its hypercall page, 0x10000001, is not");
    number_note(XEN_ELFNOTE_HYPERCALL_PAGE, BASE + 8192);
    refused("its hypercall page, 0x10002000, is outside");
    number_note(XEN_ELFNOTE_ENTRY, 7);
    refused("its entry, 0x7,");
    segments[1].p_offset = FILE_SIZE;
    refused("its notes are missing");
    segments[1].p_offset++;
    refused("its notes are missing");
    ((Elf64_Nhdr *)(void *)(file.bytes + NOTES))->n_descsz = 100000;
    refused("one ends after all");
    ((Elf64_Nhdr *)(void *)(file.bytes + NOTES))->n_namesz = UINT32_MAX;
    refused("one ends after all");
}
END_TEST

START_TEST(notes_in_a_section)
{
    segments[1].p_type = PT_NULL;
    sections[TEXT_SECTION] = (Elf64_Shdr){
        .sh_type = SHT_NOTE, .sh_offset = NOTES, .sh_size = notes_size, .sh_flags = SHF_ALLOC};
    ck_assert_msg(try_size(FILE_SIZE), "%s", message);
    ck_assert_uint_eq(image.virt_base, BASE);
    image_close(&image);
    sections[TEXT_SECTION].sh_size = FILE_SIZE;
    refused("its notes are missing");
}
END_TEST

static void old_section(const char *text)
{
    segments[1].p_type = PT_NULL;
    strcpy((char *)file.bytes + NOTES, text);
    sections[TEXT_SECTION] = (Elf64_Shdr){
        .sh_type = SHT_PROGBITS, .sh_name = 7, .sh_offset = NOTES, .sh_size = strlen(text) + 1};
}

START_TEST(notes_in_a_string)
{
    old_section("GUEST_OS=linux,XEN_VER=xen-3.0,PAE=yes,word,VIRT_BASE=0x10000000,"
                "VIRT_ENTRY=0x10000020,HYPERCALL_PAGE=1,ELF_PADDR_OFFSET=0,UNKNOWN=3");
    ck_assert_msg(try_size(FILE_SIZE), "%s", message);
    ck_assert_uint_eq(image.virt_base, BASE);
    ck_assert_uint_eq(image.entry, BASE + 32);
    ck_assert_uint_eq(image.hypercall_page, BASE + 4096);
    image_close(&image);
    old_section("GUEST_OS=linux,XEN_VER=xen-2.0");
    refused("it is for Xen \"xen-2.0\"");
    old_section("LOADER=generic");
    sections[TEXT_SECTION].sh_offset = FILE_SIZE;
    refused("section __xen_guest is missing");
    old_section("LOADER=generic");
    sections[NAME_SECTION].sh_size = 10; /* the name does not end */
    refused("no notes");
    old_section("LOADER=generic");
    file.header.e_shstrndx = SECTIONS;
    refused("no notes");
}
END_TEST

/* Maps what is at the image's own addresses, so that it has to move. */
static bool load(struct domain_config *c)
{
    void *own = mmap((void *)BASE, 4096, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    bool loaded;

    ck_assert_ptr_eq(own, (void *)BASE);
    ck_assert_msg(try_size(FILE_SIZE), "%s", message);
    *c = (struct domain_config){.memory = 16UL << 20};
    loaded = image_load(&image, NULL, NULL, c, message);
    munmap(own, 4096);
    return loaded;
}

static void cannot_be_moved(const char *why)
{
    struct domain_config c;

    ck_assert_msg(!load(&c), "moved: %s", why);
    ck_assert_msg(strstr(message, why), "\"%s\" is not in \"%s\"", why, message);
    image_close(&image);
    make();
    notes();
}

START_TEST(moved)
{
    struct domain_config c;
    uint64_t words[6], delta;

    ck_assert_msg(load(&c), "%s", message);
    ck_assert_uint_ne(c.image_start, BASE);
    ck_assert_uint_eq(c.image_end, c.image_start + 3 * 4096);
    ck_assert_uint_eq((uintptr_t)c.entry, c.image_start + 16);
    delta = c.image_start - BASE;
    memcpy(words, (void *)(c.image_start + 64), sizeof(words));
    ck_assert_uint_eq(words[0], BASE + delta);
    ck_assert_uint_eq((uint32_t)words[1], BASE + 1 + delta);
    ck_assert_uint_eq((uint32_t)words[2], BASE + 2 + delta);
    ck_assert_uint_eq(words[3], BASE + 3); /* moved together */
    ck_assert_uint_eq(words[4], BASE + 4);
    ck_assert_uint_eq(words[5], BASE + 5); /* a number */
    ck_assert_uint_eq(*(uint8_t *)(c.image_start + 4096), 0x51);
    image_unload(&c);
    image_close(&image);
}
END_TEST

START_TEST(moved_numbers)
{
    struct domain_config c;
    uint64_t word;

    /* Relative to what stays. */
    relocations[5].r_info = ELF64_R_INFO(2UL, R_X86_64_PC32);
    relocations[4].r_info = ELF64_R_INFO(0UL, R_X86_64_PC64);
    relocations[3].r_info = ELF64_R_INFO(1UL, R_X86_64_NONE);
    ck_assert_msg(load(&c), "%s", message);
    memcpy(&word, (void *)(c.image_start + 64 + 8 * 5), 8);
    ck_assert_uint_eq((uint32_t)word, (uint32_t)(BASE + 5 - (c.image_start - BASE)));
    memcpy(&word, (void *)(c.image_start + 64 + 8 * 4), 8);
    ck_assert_uint_eq(word, BASE + 4 - (c.image_start - BASE));
    image_unload(&c);
    image_close(&image);
}
END_TEST

START_TEST(not_moved)
{
    relocations[0].r_info = ELF64_R_INFO(1UL, R_X86_64_GOTTPOFF);
    cannot_be_moved("relocation of type 22 at 0x10000040");
    relocations[0].r_info = ELF64_R_INFO(3UL, R_X86_64_64);
    cannot_be_moved("a symbol that is not there");
    relocations[0].r_offset = BASE - 1;
    cannot_be_moved("a place outside");
    relocations[0].r_offset = BASE + 3 * 4096 - 7;
    cannot_be_moved("a place outside");
    sections[RELA_SECTION].sh_offset = FILE_SIZE;
    cannot_be_moved("they are not in the file");
    sections[RELA_SECTION].sh_offset = RELA + 1;
    cannot_be_moved("they are not in the file");
    sections[RELA_SECTION].sh_link = SECTIONS;
    cannot_be_moved("no symbol table");
    sections[SYMBOL_SECTION].sh_offset++;
    cannot_be_moved("no symbol table");
    sections[SYMBOL_SECTION].sh_size = FILE_SIZE;
    cannot_be_moved("no symbol table");
    memset(file.bytes + TEXT + 64 + 8, 0, 8); /* negative, once moved down */
    cannot_be_moved("does not fit into 32 bits");
    memcpy(file.bytes + TEXT + 64 + 16, &(uint32_t){0x80000000}, 4);
    cannot_be_moved("does not fit into 32 bits");
    sections[RELA_SECTION].sh_type = SHT_NULL;
    cannot_be_moved("are in use, and it has no relocations");
    sections[RELA_SECTION].sh_info = SECTIONS;
    cannot_be_moved("are in use, and it has no relocations");
    sections[TEXT_SECTION].sh_flags = 0;
    cannot_be_moved("are in use, and it has no relocations");
}
END_TEST

/* The guest's addresses: none, a note of another size, one outside, and one as it must be. */
START_TEST(window_note)
{
    uint64_t words[2] = {0x4200000000, 0x4000000000};

    note("halvm", 1, words, 8);
    ck_assert(try_size(FILE_SIZE));
    ck_assert_uint_eq(image.window, 0);
    image_close(&image);
    segments[1].p_vaddr = BASE + 1UL * 1024 * 1024;
    note("halvm", 1, words, 16);
    ck_assert(try_size(FILE_SIZE));
    ck_assert_uint_eq(image.window, 0);
    image_close(&image);
    segments[1].p_vaddr = BASE + 256;
    ck_assert(try_size(FILE_SIZE));
    ck_assert_uint_gt(image.window, BASE + 256);
    ck_assert_uint_lt(image.window, BASE + 1024);
    image_close(&image);
}
END_TEST

static uint64_t place(struct image_places *places, struct domain_config *c, uint64_t memory)
{
    *c = (struct domain_config){.memory = memory};
    ck_assert_msg(image_load(&image, NULL, places, c, message), "%s", message);
    return c->image_start;
}

static void leave(struct image_places *places, const struct domain_config *c)
{
    image_unload(c);
    image_place_left(places, c->image_start);
}

/* Each is at the lowest place that is free and large enough, as if nothing were known of places. */
START_TEST(places_)
{
    const uint64_t small = 4UL << 20, large = 2UL << 30; /* 4 MiB of addresses, 8 */
    struct image_places places = {0};
    struct domain_config own, c[4], other;
    uint64_t base[4];

    ck_assert(try_size(FILE_SIZE));
    place(&places, &own, small);
    for (int i = 0; i < 4; i++) {
        base[i] = place(&places, &c[i], small);
        ck_assert_uint_gt(base[i], i ? base[i - 1] : 0);
    }
    leave(&places, &c[1]);
    ck_assert_uint_gt(place(&places, &other, large), base[3]); /* not where there is half of it */
    leave(&places, &other);
    ck_assert_uint_eq(place(NULL, &other, small), base[1]);
    leave(&places, &other);
    ck_assert_uint_eq(place(&places, &c[1], small), base[1]);
    ck_assert_uint_gt(place(&places, &other, small), base[3]);
    leave(&places, &other);
    leave(&places, &c[2]);
    leave(&places, &c[1]);
    ck_assert_uint_eq(place(&places, &other, large), base[1]);
    leave(&places, &other);
    ck_assert_uint_eq(place(&places, &c[1], small), base[1]);
    ck_assert_uint_eq(place(&places, &c[2], small), base[2]);
    for (int i = 0; i < 4; i++)
        leave(&places, &c[i]);
    leave(&places, &own);
}
END_TEST

/* What a domain at the image's own addresses finds there, which it then changes. */
static uint8_t first_byte(struct image_templates *templates)
{
    struct domain_config c = {.memory = 4UL << 20};
    uint8_t *place, found;

    ck_assert_msg(image_load(&image, templates, NULL, &c, message), "%s", message);
    place = (uint8_t *)c.image_start + 20;
    found = *place;
    *place = 0xee;
    ck_assert_uint_eq(place[4096 - 20], 0x51); /* the hypercall page */
    ck_assert_uint_eq(place[2 * 4096], 0);
    place[2 * 4096] = 1;
    image_unload(&c);
    return found;
}

/* The third domain of a file has a mapping of what is kept; each finds the file's contents. */
START_TEST(kept)
{
    static struct image_templates templates;
    struct image_template *t = &templates.list[0];
    struct domain_config elsewhere = {.memory = 4UL << 20}, own = elsewhere;
    uint64_t word;

    file.bytes[TEXT + 20] = 0x33;
    ck_assert(try_size(FILE_SIZE));
    image.file.seen.tv_sec += 10; /* as if the file were that old */
    ck_assert_uint_eq(first_byte(&templates), 0x33);
    ck_assert_uint_eq(t->len, 0);
    ck_assert_uint_eq(first_byte(&templates), 0x33);
    ck_assert_uint_gt(t->len, 0);
    ck_assert_int_eq(pwrite(t->memfd, "\x44", 1, 20), 1); /* to know it by */
    ck_assert_uint_eq(first_byte(&templates), 0x44);
    ck_assert_uint_eq(first_byte(&templates), 0x44);
    /* At another place it is another one. */
    ck_assert_msg(image_load(&image, &templates, NULL, &own, message), "%s", message);
    for (int i = 0; i < 3; i++) {
        ck_assert_msg(image_load(&image, &templates, NULL, &elsewhere, message), "%s", message);
        ck_assert_uint_ne(elsewhere.image_start, own.image_start);
        memcpy(&word, (void *)(elsewhere.image_start + 64), sizeof(word));
        ck_assert_uint_eq(word, elsewhere.image_start);
        image_unload(&elsewhere);
    }
    ck_assert_uint_eq(templates.list[1].base, elsewhere.image_start);
    ck_assert_uint_gt(templates.list[1].len, 0);
    image_unload(&own);
    /* Another file, or the same with other contents, has nothing of it. */
    image.file.modified.tv_nsec ^= 1;
    ck_assert_uint_eq(first_byte(&templates), 0x33);
    ck_assert_uint_eq(templates.list[2].len, 0);
    /* One that may have been changed since it was looked at is not kept. */
    image.file.inode ^= 1;
    image.file.seen = image.file.changed;
    ck_assert_uint_eq(first_byte(&templates), 0x33);
    ck_assert_uint_eq(templates.list[3].last_use, 0);
    /* There are so many places; the one that was used last is still there. */
    image.file.seen.tv_sec += 10;
    for (int i = 0; i < 2 * IMAGE_TEMPLATES; i++) {
        image.file.inode++;
        ck_assert_uint_eq(first_byte(&templates), 0x33);
        ck_assert_uint_eq(first_byte(&templates), 0x33);
    }
    t = &templates.list[0];
    for (int i = 1; i < IMAGE_TEMPLATES; i++) {
        if (templates.list[i].last_use > t->last_use)
            t = &templates.list[i];
    }
    ck_assert_uint_eq(t->file.inode, image.file.inode);
    ck_assert_int_eq(pwrite(t->memfd, "\x55", 1, 20), 1);
    ck_assert_uint_eq(first_byte(&templates), 0x55);
    image_close(&image);
}
END_TEST

/* Whatever a byte is changed to: refused, or what is loaded lies where it says. */
START_TEST(damaged)
{
    static uint8_t sane[FILE_SIZE];
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
    struct domain_config c;

    memcpy(sane, file.bytes, FILE_SIZE);
    for (unsigned int at = 0; at < TEXT; at++) {
        for (size_t k = 0; k < sizeof(values); k++) {
            if (sane[at] == values[k] || !(at < 256 || sane[at] || k == 4))
                continue;
            file.bytes[at] = values[k];
            if (try_size(FILE_SIZE)) {
                c = (struct domain_config){.memory = 4UL << 20};
                if (image_load(&image, NULL, NULL, &c, message))
                    image_unload(&c);
                image_close(&image);
            }
            file.bytes[at] = sane[at];
        }
    }
}
END_TEST

/* As reports of crashes ask for: of the file that is there then. */
START_TEST(symbol_names)
{
    char text[64];

    sections[TEXT_SECTION].sh_addr = BASE;
    sections[TEXT_SECTION].sh_size = 10000;
    sections[SYMBOL_SECTION].sh_link = NAME_SECTION;
    symbols[1].st_name = 2;
    ck_assert(try_size(FILE_SIZE));
    symbol_name(path, BASE + 5, text, sizeof(text));
    ck_assert_str_eq(text, "text+0x5");
    /* A name up to the end of the file, behind which nothing is. */
    memset(file.bytes + FILE_SIZE - 8, 'x', 8);
    sections[NAME_SECTION].sh_offset = FILE_SIZE - 8;
    sections[NAME_SECTION].sh_size = 8;
    ck_assert(try_size(FILE_SIZE));
    symbol_name(path, BASE + 5, text, sizeof(text));
    ck_assert_str_eq(text, "?");
    symbols[1].st_name = 1000;
    ck_assert(try_size(FILE_SIZE));
    symbol_name(path, BASE + 5, text, sizeof(text));
    ck_assert_str_eq(text, "?");
}
END_TEST

/* Several bytes at once, at random but always the same. */
START_TEST(damaged_more)
{
    static uint8_t sane[FILE_SIZE];
    struct domain_config c;
    uint64_t random = 1;
    char text[64];

    memcpy(sane, file.bytes, FILE_SIZE);
    for (unsigned int i = 0; i < 3000; i++) {
        for (unsigned int k = 0; k < 1 + i % 7; k++) {
            random = random * 6364136223846793005U + 1442695040888963407U;
            file.bytes[random >> 33 & (TEXT - 1)] = (uint8_t)(random >> 24);
        }
        if (try_size(i % 5 ? FILE_SIZE : (random >> 40) % FILE_SIZE)) {
            c = (struct domain_config){.memory = 4UL << 20};
            if (image_load(&image, NULL, NULL, &c, message))
                image_unload(&c);
            image_close(&image);
        }
        symbol_name(path, BASE + 5, text, sizeof(text));
        if (i % 3 == 0)
            memcpy(file.bytes, sane, FILE_SIZE);
    }
}
END_TEST

/* ---- the keys of a configuration ---- */

static char seen[256];

static void see(void *context, const char *key, unsigned int line)
{
    (void)context;
    sprintf(seen + strlen(seen), "%s:%u ", key, line);
}

START_TEST(keys)
{
    config_keys("# no=1\nname = 'a # b'\n\n  disk = [ 'x=1', # y=2\n 'z' ]\n"
                "a=1;b=2 ; c_3 = \"q\\\"u;o=te\" # d=4\n] = 4\nextra += \"x\ny\"\nlast='",
                see, NULL);
    ck_assert_str_eq(seen, "name:2 disk:4 a:6 b:6 c_3:6 extra:8 last:10 ");
    ck_assert(config_key_known("seclabel"));
    ck_assert(!config_key_known("memroy"));
    ck_assert_str_eq(config_key_nearest("memroy"), "memory");
    ck_assert_ptr_null(config_key_nearest("xyzzyx"));
    ck_assert_ptr_null(config_key_nearest("much_longer_than_any_key_that_there_is_anywhere"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("image");
    TCase *test = tcase_create("image");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(test, setup, teardown);
    tcase_set_timeout(test, 60);
    tcase_add_test(test, sound);
    tcase_add_test(test, header);
    tcase_add_test(test, segments_);
    tcase_add_test(test, notes_);
    tcase_add_test(test, notes_in_a_section);
    tcase_add_test(test, notes_in_a_string);
    tcase_add_test(test, moved);
    tcase_add_test(test, moved_numbers);
    tcase_add_test(test, not_moved);
    tcase_add_test(test, window_note);
    tcase_add_test(test, places_);
    tcase_add_test(test, kept);
    tcase_add_test(test, damaged);
    tcase_add_test(test, damaged_more);
    tcase_add_test(test, symbol_names);
    tcase_add_test(test, keys);
    suite_add_tcase(suite, test);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
