/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Measures domains of images in a host that runs already.
 *
 *   hosts start IMAGE COUNT   builds COUNT domains, one after the other: the least and the median
 *                             microseconds from the beginning of its building until IMAGE's program
 *                             prints its clock (nanoseconds of the monotonic clock), on one line
 *   hosts build IMAGE COUNT   builds COUNT domains that stay, and run never: for each hundred, how
 *                             many there are then and the least nanoseconds of one, on a line
 *   hosts idle IMAGE COUNT    has COUNT domains at once, until all wait: the milliseconds of
 *                             processor time that the process then takes in a second, and the KiB
 *                             of memory for each
 */
#define _GNU_SOURCE
#include "host.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define MEMORY (16UL << 20)

static struct sim_host host;

static void __attribute__((noreturn)) die(const char *message)
{
    fprintf(stderr, "hosts: %s\n", message);
    exit(1);
}

static struct host_plan *plan_for(const char *image, const char *name)
{
    struct host_plan *p = calloc(1, sizeof(*p));
    char message[IMAGE_MESSAGE];

    if (!p)
        abort();
    p->settings = (struct domain_settings){
        .path = image, .kernel = strdup(image), .memory = MEMORY, .max_memory = MEMORY, .vcpus = 1};
    snprintf(p->settings.name, sizeof(p->settings.name), "%s", name);
    if (!image_open(&p->image, image, message))
        die(message);
    p->has_terminal = true;
    return p;
}

/* What the program wrote, of a console that is a file. */
static uint64_t printed(int fd)
{
    char text[64] = "";

    if (pread(fd, text, sizeof(text) - 1, 0) <= 0)
        die("the program has printed nothing");
    if (ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET))
        die("the console's file");
    return strtoull(text, NULL, 10);
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void start(const char *image, unsigned int count)
{
    struct host_plan *p = plan_for(image, "bench");
    double *times = calloc(count, sizeof(*times));
    char message[IMAGE_MESSAGE];
    int fd = memfd_create("console", MFD_CLOEXEC);

    if (!times || fd < 0)
        abort();
    for (unsigned int i = 0; i < count; i++) {
        uint64_t before = hypervisor_now(host.machine.hv);

        if (!host_build(&host, p, message))
            die(message);
        p->domain->sim.console.out = fd;
        while (host_settle(&host)) {
            if (!hypervisor_run(host.machine.hv))
                die("the domain waits for ever");
        }
        if (p->status)
            die("the program has failed");
        times[i] = (double)(printed(fd) - before) / 1e3;
    }
    qsort(times, count, sizeof(*times), compare);
    printf("%.1f %.1f\n", times[0], times[count / 2]);
}

static struct host_plan *plan_one_more(const char *image, unsigned int number)
{
    char name[32];
    struct host_plan *p;

    snprintf(name, sizeof(name), "bench-%u", number);
    p = plan_for(image, name);
    p->has_terminal = false;
    return p;
}

static void build(const char *image, unsigned int count)
{
    char message[IMAGE_MESSAGE];
    uint64_t least = UINT64_MAX;

    for (unsigned int i = 1; i <= count; i++) {
        struct host_plan *p = plan_one_more(image, i);
        uint64_t before = hypervisor_now(host.machine.hv), took;

        if (!host_build(&host, p, message))
            die(message);
        took = hypervisor_now(host.machine.hv) - before;
        if (took < least)
            least = took;
        if (i % 100 == 0) {
            printf("%u %lu\n", i, (unsigned long)least);
            least = UINT64_MAX;
        }
    }
}

static double processor_ms(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e3 +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e3;
}

static double memory_kib(void)
{
    char line[128];
    FILE *f = fopen("/proc/self/smaps_rollup", "re");
    double kib = 0;

    while (f && fgets(line, sizeof(line), f))
        sscanf(line, "Pss: %lf", &kib);
    if (f)
        fclose(f);
    return kib;
}

/* System times: of the second that is measured. Programs are at rest half a second after all wait.
 */
static double from, to, begun;

static enum hypervisor_wait idle_wait(struct sim_machine *m, uint64_t deadline)
{
    double time = (double)hypervisor_now(m->hv);

    if (!from) {
        from = time + 5e8;
        to = from + 1e9;
    }
    if (!begun && time >= from)
        begun = processor_ms();
    if (time >= to) {
        printf("%.2f ", processor_ms() - begun);
        return HYPERVISOR_WAIT_NEVER;
    }
    time = begun ? to : from;
    return host_loop_wait(&host, (double)deadline > time ? (uint64_t)time : deadline);
}

static void idle(const char *image, unsigned int count)
{
    char message[IMAGE_MESSAGE];
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    double before = memory_kib();

    for (unsigned int i = 0; i < count; i++) {
        struct host_plan *p = plan_one_more(image, i);

        if (!host_build(&host, p, message))
            die(message);
        p->domain->sim.console.lines = NULL;
        p->domain->sim.console.out = fd;
    }
    host.machine.wait = idle_wait;
    while (hypervisor_run(host.machine.hv))
        die("a domain has ended");
    printf("%.0f\n", (memory_kib() - before) / count);
}

int main(int argc, char **argv)
{
    unsigned int count = argc == 4 ? (unsigned int)atoi(argv[3]) : 0;
    struct host_config config = {.program = "hosts", .memory = (count + 1UL) * MEMORY};
    char message[IMAGE_MESSAGE];

    clock_start(&host.machine.clock);
    if (!count)
        die("usage: hosts start|build|idle IMAGE COUNT");
    if (!host_create(&host, &config, message))
        die(message);
    fault_install(&host.machine);
    if (!strcmp(argv[1], "start"))
        start(argv[2], count);
    else if (!strcmp(argv[1], "build"))
        build(argv[2], count);
    else
        idle(argv[2], count);
    fflush(stdout);
    machine_leave(0);
}
