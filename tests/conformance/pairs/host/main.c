/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The two domains of a pair on the shim, in one process: the image is linked in twice (pair.lds).
 *
 *   usage: PAIR CONSOLE_A CONSOLE_B [ARGUMENTS]     writes the domains' consoles to these files
 *
 * Both domains find ARGUMENTS behind their role and numbers.
 *
 * The status is 0 if both have ended by themselves with status 0. A domain that has ended is
 * destroyed as soon as the other waits, as xl does on Xen.
 */
#define _GNU_SOURCE
#include "sim.h"
#include "xenstore/xenstore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/sched.h>

/* From the linker script, for both images: where each part begins, and its entry. */
extern char pair_a_start[], pair_a_data[], pair_a_end[];
extern char pair_b_start[], pair_b_data[], pair_b_end[];
void pair_a_entry(void);
void pair_b_entry(void);

#define MEMORY (16UL << 20)
#define SLACK  (1UL << 20) /* libxl's LIBXL_MAXMEM_CONSTANT */

static struct sim_domain sides[2]; /* domains 1 and 2; without a domain: destroyed */
static struct domain *dom0;

/* Of S's program; -1: none was told */
static int status(const struct sim_domain *s)
{
    return s->reason == SHUTDOWN_poweroff ? s->latched : -1;
}

static void die(const char *what, int error)
{
    fprintf(stderr, "pair: %s: %s\n", what, strerror(error));
    exit(2);
}

/* ---- the machine ---- */

static void destroy(struct sim_machine *m, struct sim_domain *s)
{
    machine_remove(m, s);
    store_remove(m, s);
    domain_destroy(s->domain);
    s->domain = NULL;
    store_domains_changed(m);
}

static enum hypervisor_wait wait(struct sim_machine *m, uint64_t deadline)
{
    bool destroyed = false;

    for (int i = 0; i < 2; i++) {
        if (sides[i].ended && sides[i].domain) {
            destroy(m, &sides[i]);
            destroyed = true;
        }
    }
    if (destroyed)
        return HYPERVISOR_WAIT_DONE;
    /* Nothing comes from outside: both wait for each other. */
    if (deadline == HYPERVISOR_FOREVER)
        return HYPERVISOR_WAIT_NEVER;
    machine_sleep(m, deadline, -1);
    return HYPERVISOR_WAIT_DONE;
}

static void ended(struct sim_machine *m, struct sim_domain *s)
{
    console_drain(&s->console);
    store_domains_changed(m);
    if (sides[0].ended && sides[1].ended)
        domain_shutdown(dom0, SHUTDOWN_poweroff);
}

/* A real machine has one, and domain 0 is asked for: it does nothing, for ever. */
static void dom0_entry(void)
{
    for (;;)
        hypercall(__HYPERVISOR_sched_op, SCHEDOP_block, 0, 0, 0, 0);
}

static void create_dom0(struct sim_machine *m)
{
    const struct domain_config config = {
        .name = "Domain-0",
        .memory = MEMORY,
        .hardware_domain = true,
        .command_line = "",
        .entry = dom0_entry,
    };
    int error = domain_create(m->hv, &config, &dom0);

    if (error)
        die("domain_create", -error);
}

/* As "xl create" does it. */
static void create(struct sim_machine *m, int i, const char *path, const char *arguments)
{
    char command_line[MAX_GUEST_CMDLINE];
    const struct domain_config configs[2] = {
        {
            .name = "a",
            .memory = MEMORY,
            .max_memory = MEMORY + SLACK,
            .command_line = command_line,
            .image_start = (uintptr_t)pair_a_start,
            .image_data = (uintptr_t)pair_a_data,
            .image_end = (uintptr_t)pair_a_end,
            .entry = pair_a_entry,
        },
        {
            .name = "b",
            .memory = MEMORY,
            .max_memory = MEMORY + SLACK,
            .command_line = command_line,
            .image_start = (uintptr_t)pair_b_start,
            .image_data = (uintptr_t)pair_b_data,
            .image_end = (uintptr_t)pair_b_end,
            .entry = pair_b_entry,
        },
    };
    struct xenstore_domain_config tree = {
        .name = configs[i].name,
        .uuid = i ? "00000000-0000-0000-0000-000000000002" : "00000000-0000-0000-0000-000000000001",
        .kernel = "pair",
        .max_memory = MEMORY,
        .memory = MEMORY,
        .max_vcpus = 1,
        .vcpus = 1,
    };
    struct sim_domain *s = &sides[i];
    int error;

    snprintf(command_line, sizeof(command_line), "%s %s", i ? "b 2 1" : "a 1 2", arguments);
    error = domain_create(m->hv, &configs[i], &s->domain);
    if (error)
        die("domain_create", -error);
    machine_add(m, s, false);
    s->console.out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (s->console.out < 0)
        die(path, errno);
    error = store_add(m, s, &tree);
    if (error)
        die("XenStore", error);
}

int main(int argc, char **argv)
{
    static struct sim_machine machine = {.program = "pair", .wait = wait, .ended = ended};
    const struct hypervisor_config hardware = {
        .memory = 4 * MEMORY,
        .log_level = HYPERVISOR_LOG_WARNING,
    };

    clock_start(&machine.clock);
    if (argc != 3 && argc != 4) {
        fprintf(stderr, "usage: %s CONSOLE_A CONSOLE_B [ARGUMENTS]\n", argv[0]);
        return 2;
    }
    if (!machine_create(&machine, &hardware))
        die("machine_create", errno);
    create_dom0(&machine);
    if (!store_create(&machine))
        die("XenStore", errno);
    create(&machine, 0, argv[1], argc == 4 ? argv[3] : "");
    create(&machine, 1, argv[2], argc == 4 ? argv[3] : "");
    fault_install(&machine);
    if (!hypervisor_run(machine.hv)) {
        for (int i = 0; i < 2; i++) {
            if (!sides[i].ended)
                console_drain(&sides[i].console);
        }
        fprintf(stderr, "pair: the domains wait for each other, for ever\n");
        machine_leave(1);
    }
    for (int i = 0; i < 2; i++) {
        if (status(&sides[i]))
            fprintf(stderr, "pair: %c ended with status %d\n", "ab"[i], status(&sides[i]));
    }
    xenstore_destroy(machine.store);
    hypervisor_destroy(machine.hv);
    machine_leave(status(&sides[0]) || status(&sides[1]));
}
