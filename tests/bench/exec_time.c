/* SPDX-License-Identifier: BSD-3-Clause
 *
 * usage: exec-time PAIRS A [ARGUMENT...] -- B [ARGUMENT...]
 *
 * Runs the commands A and B in turn, PAIRS times each, and prints the median time from fork to
 * wait of each in milliseconds and the ratio A / B: machines' speed drifts, neighbouring runs
 * compare. Standard output and error of the commands are dropped.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double run(char **command, int null)
{
    double start = now();
    pid_t pid = vfork();
    int status = 0;

    if (pid == 0) {
        dup2(null, 0);
        dup2(null, 1);
        dup2(null, 2);
        execvp(command[0], command);
        _exit(127);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
        fprintf(stderr, "exec-time: %s: failed (status %#x)\n", command[0], (unsigned int)status);
        exit(1);
    }
    return now() - start;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median(double *times, size_t n)
{
    qsort(times, n, sizeof *times, compare);
    return n % 2 ? times[n / 2] : (times[n / 2 - 1] + times[n / 2]) / 2;
}

int main(int argc, char **argv)
{
    size_t pairs = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    char **a = argv + 2, **b = a;
    double *times_a, *times_b, median_a, median_b;
    int null;

    while (*b && strcmp(*b, "--"))
        b++;
    if (!pairs || !*b || b == a || !b[1]) {
        fprintf(stderr, "usage: exec-time PAIRS A [ARGUMENT...] -- B [ARGUMENT...]\n");
        return 2;
    }
    *b++ = NULL;
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    times_a = calloc(pairs, sizeof *times_a);
    times_b = calloc(pairs, sizeof *times_b);
    if (null < 0 || !times_a || !times_b)
        return 1;
    run(a, null); /* into the page cache */
    run(b, null);
    for (size_t i = 0; i < pairs; i++) {
        times_a[i] = run(a, null);
        times_b[i] = run(b, null);
    }
    median_a = median(times_a, pairs);
    median_b = median(times_b, pairs);
    printf("%.3f %.3f %.3f\n", median_a, median_b, median_a / median_b);
    return 0;
}
