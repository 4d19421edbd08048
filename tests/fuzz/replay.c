/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Runs the corpus, or the inputs that it is given, with the model checked after each record: a
 * fuzzer's findings as a test. Each runs twice, and once on a machine that is shown, must have the
 * same results each time, and leaves the machine as it was, or what a fuzzer finds might be the
 * doing of inputs before. Options: -t prints each hypercall and its result, and runs them once; -s
 * tells how fast inputs run, one after the other and again from the first, with as few checks as in
 * a fuzzer.
 */
#include "fuzz.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define INPUT_MAX  65536
#define INPUTS_MAX 16384U

#define SPEED_TURNS 50U

static unsigned int turns = 2;
static bool speed;
static const char *running; /* for the message if it aborts */

/* What -s runs. */
static struct input inputs[INPUTS_MAX];
static size_t input_count;

static bool keep_input(const uint8_t *bytes, size_t len)
{
    uint8_t *copy = input_count < INPUTS_MAX ? malloc(len + 1) : NULL;

    if (!copy)
        return false;
    memcpy(copy, bytes, len);
    inputs[input_count++] = (struct input){copy, copy + len};
    return true;
}

static void measure_speed(void)
{
    clock_t start;

    fuzz_run(NULL, 0); /* builds the machine */
    start = clock();
    for (unsigned int turn = 0; turn < SPEED_TURNS; turn++) {
        for (size_t i = 0; i < input_count; i++)
            fuzz_run(inputs[i].at, (size_t)(inputs[i].end - inputs[i].at));
    }
    printf("%.0f a second of processor time\n",
           (double)input_count * SPEED_TURNS * CLOCKS_PER_SEC / (double)(clock() - start));
}

static bool replay_file(const char *name)
{
    static uint8_t bytes[INPUT_MAX];
    FILE *f = fopen(name, "rb");
    uint64_t sum = 0;
    size_t len;

    if (!f) {
        perror(name);
        return false;
    }
    len = fread(bytes, 1, sizeof(bytes), f);
    fclose(f);
    if (speed)
        return keep_input(bytes, len);
    running = name;
    if (fuzz_trace)
        printf("%s\n", name);
    for (unsigned int i = 0; i < turns; i++) {
        fuzz_show = i || turns == 1 ? FUZZ_SHOW_NONE : FUZZ_SHOW_ALL;
        fuzz_run(bytes, len);
        if (i && fuzz_sum != sum) {
            fprintf(stderr, "fuzz: %s has other results the second time\n", name);
            return false;
        }
        sum = fuzz_sum;
    }
    return true;
}

static int visible(const struct dirent *e) { return e->d_name[0] != '.'; }

/* The files of a folder in the order of their names, so that a failure comes again. */
static bool replay_folder(const char *folder, unsigned int *count)
{
    struct dirent **names;
    int n = scandir(folder, &names, visible, alphasort);
    bool ok = n > 0;

    for (int i = 0; i < n; i++) {
        char path[8192];

        snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        ok = replay_file(path) && ok;
        ++*count;
        free(names[i]);
    }
    if (n > 0)
        free(names);
    return ok;
}

/* abort() comes here first. */
static void name_input(int signal)
{
    (void)signal;
    if (running)
        fprintf(stderr, "fuzz: it was %s\nrun again: tests/fuzz/replay -t %s\n", running, running);
}

int main(int argc, char **argv)
{
    const char *top = getenv("top");
    bool ok = true;
    unsigned int count = 0;
    char corpus[4096];
    int i = 1;

    signal(SIGABRT, name_input);
    fuzz_check = FUZZ_CHECK_ALL;
    fuzz_verify = true;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (!strcmp(argv[i], "-t")) {
            fuzz_trace = true;
            turns = 1;
        } else if (!strcmp(argv[i], "-s")) {
            speed = true;
            fuzz_verify = false;
            fuzz_check = FUZZ_CHECK_SOME;
            fuzz_show = FUZZ_SHOW_NONE;
        }
    }
    if (i < argc) {
        for (; i < argc; i++, count++)
            ok = replay_file(argv[i]) && ok;
    } else {
        snprintf(corpus, sizeof(corpus), "%s/tests/fuzz/corpus", top ? top : ".");
        ok = replay_folder(corpus, &count);
    }
    printf("%u inputs\n", count);
    if (speed)
        measure_speed();
    return ok ? 0 : 1;
}
