/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Pages of the image by a second address. A shim that leaves an image where Linux has loaded it
 * must bring page and frame together at that moment: it would be caught losing what a page
 * contained, or what is written to a stack while that stack's own page moves.
 */
#include "tap.h"

#include "core/domain.h"
#include "core/memory.h"

#define MAPPED 7UL /* present, writable, the guest's */

static char alias[4096] __attribute__((aligned(4096)));
static char data[4096] __attribute__((aligned(4096))) = "as loaded";
static char bss[4096] __attribute__((aligned(4096)));
static char code[4096] __attribute__((aligned(4096)));

static unsigned long mfn_of(const void *va)
{
    const unsigned long *p2m = (const unsigned long *)domain_start_info()->mfn_list;

    return p2m[((uintptr_t)va - memory_virt_base()) >> 12];
}

static void show(void *at, const void *page)
{
    answers(hypercall_update_va_mapping(at, mfn_of(page) << 12 | MAPPED, UVMF_INVLPG), 0,
            "map a page at another");
}

static void test_alias(char *page, const char *contents, const char *name)
{
    show(alias, page);
    ok(strcmp(alias, contents) == 0, "%s: the alias shows what is there", name);
    strcpy(page, "written here");
    ok(strcmp(alias, "written here") == 0, "%s: and what is written", name);
    strcpy(alias, "written there");
    ok(strcmp(page, "written there") == 0, "%s: in both directions", name);
    answers(hypercall_update_va_mapping(page, 0, UVMF_INVLPG), 0, "%s: unmap it", name);
    ok(strcmp(alias, "written there") == 0, "%s: the alias stays", name);
    show(page, page);
    ok(strcmp(page, "written there") == 0, "%s: mapped again it is as it was", name);
}

/* The page of this very frame, with all registers and return addresses that are saved in it. */
static int __attribute__((noinline)) test_stack(int depth)
{
    volatile int local = depth;
    const char *page = (const char *)((uintptr_t)&local & -4096UL);
    size_t offset = (uintptr_t)&local & 4095;

    show(alias, page);
    ok(*(volatile int *)(alias + offset) == depth, "the stack's page by another address");
    local = depth + 1;
    ok(*(volatile int *)(alias + offset) == depth + 1, "a local variable there");
    *(volatile int *)(alias + offset) = depth + 2;
    return depth < 3000 ? test_stack(depth + 1000) + local : local;
}

static void test_unmap_unread(void)
{
    static char never[2][4096] __attribute__((aligned(4096)));

    answers(hypercall_update_va_mapping(never[0], 0, UVMF_INVLPG), 0, "unmap an untouched page");
    show(alias, never[0]);
    ok(alias[0] == 0 && memcmp(alias, never[1], 4096) == 0, "it is zeroes");
}

static void test_code(void)
{
    static const unsigned char mov_eax_42_ret[] = {0xb8, 42, 0, 0, 0, 0xc3};

    memcpy(code, mov_eax_42_ret, sizeof mov_eax_42_ret);
    ok(((int (*)(void))(uintptr_t)code)() == 42, "the initial mapping of data can be executed");
    code[1] = 43;
    ok(((int (*)(void))(uintptr_t)code)() == 43, "and written to afterwards");
}

int main(void)
{
    test_alias(data, "as loaded", ".data");
    test_alias(bss, "", ".bss");
    ok(test_stack(0) == 2 + 1002 + 2002 + 3002, "values on the stack while it moved");
    test_unmap_unread();
    test_code();
    return tap_done();
}
