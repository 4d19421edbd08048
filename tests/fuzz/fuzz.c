/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What libFuzzer and AFL++ call.
 */
#include "fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static bool started;

    /* Not before the first input: AFL++ forks in between, and the machine's memory is shared. */
    if (!started) {
        const char *check = getenv("FUZZ_CHECK");

        started = true;
        fuzz_check = !check ? FUZZ_CHECK_SOME : *check == 'a' ? FUZZ_CHECK_ALL : FUZZ_CHECK_ENDS;
        fuzz_trace = getenv("FUZZ_TRACE") != NULL;
    }
    fuzz_run(bytes, len);
    return 0;
}
