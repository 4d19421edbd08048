/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What libFuzzer and AFL++ call.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

static void print_totals(void)
{
    const struct fuzz_totals *t = &fuzz_totals;

    if (t->inputs)
        fprintf(stderr, "fuzz: %lu inputs, on average %.1f records of %.1f domains\n", t->inputs,
                (double)t->records / (double)t->inputs, (double)t->domains / (double)t->inputs);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static bool started;

    /* Not before the first input: AFL++ forks in between, and the machine's memory is shared. */
    if (!started) {
        const char *check = getenv("FUZZ_CHECK");

        started = true;
        atexit(print_totals);
        fuzz_check = !check ? FUZZ_CHECK_SOME : *check == 'a' ? FUZZ_CHECK_ALL : FUZZ_CHECK_ENDS;
        fuzz_trace = getenv("FUZZ_TRACE") != NULL;
    }
    fuzz_run(bytes, len);
    return 0;
}
