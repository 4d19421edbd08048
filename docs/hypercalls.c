/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Writes the table of hypercalls: each of them, and each of their suboperations, with what the shim
 * does and which tests make it. The rows come from the dispatch table, the tests from standard
 * input, as sim/record.c writes it.
 *   hypercalls [--no-xen] <RECORD >TABLE
 * Exits with 1 if an implemented one is made by no test; says which.
 */
#define _GNU_SOURCE
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES 65536U

static struct use {
    char program[64];
    unsigned int op;
    uint32_t suboperation;
} uses[LINES];
static unsigned int use_count;

static const char *no_xen = "";
static unsigned int untested;

static int order(const void *a, const void *b)
{
    const struct use *x = a, *y = b;

    if (x->op != y->op)
        return x->op < y->op ? -1 : 1;
    if (x->suboperation != y->suboperation)
        return x->suboperation < y->suboperation ? -1 : 1;
    return strcmp(x->program, y->program);
}

static void read_uses(void)
{
    char line[256], number[32];

    while (fgets(line, sizeof(line), stdin)) {
        struct use *u = &uses[use_count];

        if (sscanf(line, "%63s %u %31s", u->program, &u->op, number) != 3) {
            fprintf(stderr, "hypercalls: a line that is none: %s", line);
            exit(2);
        }
        u->suboperation =
            number[0] == '-' ? HYPERVISOR_NO_SUBOPERATION : (uint32_t)strtoul(number, NULL, 10);
        if (++use_count == LINES) {
            fprintf(stderr, "hypercalls: more than %u lines\n", LINES - 1);
            exit(2);
        }
    }
    qsort(uses, use_count, sizeof(uses[0]), order);
}

/* Unit tests have C functions for guests; all other programs are run on real Xen as well. */
static bool is_unit_test(const char *program) { return strncmp(program, "test_", 5) == 0; }

/* So many are named; some hypercalls are made by all programs. */
#define NAMED 8U

/* The names of the programs that made the hypercall; returns how many. */
static unsigned int print_tests(unsigned int op, uint32_t number, unsigned int *guests)
{
    const char *last = "";
    unsigned int count = 0;

    *guests = 0;
    for (unsigned int i = 0; i < use_count; i++) {
        const struct use *u = &uses[i];

        if (u->op != op || u->suboperation != number || !strcmp(u->program, last))
            continue;
        if (count < NAMED)
            printf("%s%s", count ? ", " : "", u->program);
        last = u->program;
        count++;
        *guests += !is_unit_test(u->program);
    }
    if (count > NAMED)
        printf(" and %u more", count - NAMED);
    return count;
}

static void print_row(const char *call, const char *name, unsigned int op, uint32_t number,
                      bool implemented, int error)
{
    unsigned int count, guests;

    if (number == HYPERVISOR_NO_SUBOPERATION)
        printf("| %u | %s | | ", op, call);
    else
        printf("| %u, %u | %s | %s | ", op, number, call, name);
    if (implemented)
        printf("implemented");
    else
        printf("answers -%s", strerrorname_np(-error));
    printf(" | ");
    count = print_tests(op, number, &guests);
    printf("%s | %s |\n", count ? "" : "**none**",
           guests ? (*no_xen ? no_xen : "compared") : "not asked");
    if (!count && implemented) {
        fprintf(stderr, "hypercalls: no test makes %s%s%s\n", call,
                number == HYPERVISOR_NO_SUBOPERATION ? "" : ", ",
                number == HYPERVISOR_NO_SUBOPERATION ? "" : name);
        untested++;
    }
}

static uint32_t number_of(unsigned int op, uint32_t slot)
{
    for (uint32_t number = 1000; number < 1100; number++) {
        if (hypercall_slot(op, number) == slot && slot != number)
            return number;
    }
    return slot;
}

static void print_call(unsigned int op)
{
    const struct hypercall_row *row = &hypercall_table[op];

    if (!row->sub) {
        print_row(row->name, row->name, op, HYPERVISOR_NO_SUBOPERATION, row->handler, row->error);
        return;
    }
    for (uint32_t slot = 0; slot < row->sub_count; slot++) {
        const struct suboperation *sub = &row->sub[slot];

        if (sub->name)
            print_row(row->name, sub->name, op, number_of(op, slot), sub->handler, sub->error);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "--no-xen"))
        no_xen = "not on this machine";
    read_uses();
    printf(
        "# Hypercalls\n\n"
        "Made from the dispatch table and from what the tests do, by `make hypercalls.md`. A row "
        "is a hypercall, or an operation of one, with the numbers that <xen/xen.h> and the "
        "hypercall's own header give it.\n\n"
        "- in the shim: \"answers -E...\" is the error that Xen 4.17 gives, always, on a machine "
        "like the shim's.\n"
        "- tests: those that make it. `test_...` (tests/unit) has C functions for guests and "
        "runs on the shim only; each other one is a guest (tests/conformance).\n"
        "- real Xen: \"compared\" if such a guest makes it, whose output must be the same on "
        "both; \"not asked\" if only unit tests do.\n\n"
        "| number | hypercall | operation | in the shim | tests | real Xen |\n"
        "|---|---|---|---|---|---|\n");
    for (unsigned int op = 0; op < hypercall_count; op++) {
        if (hypercall_table[op].name)
            print_call(op);
    }
    return untested != 0;
}
