/* SPDX-License-Identifier: BSD-3-Clause
 *
 * For hosted programs that are watched: whatever their guests do, the model holds after it, or the
 * process ends with status 99 and says what is wrong. tests/model/link.sh links them.
 */
#include "watch.h"

#include <stdio.h>
#include <unistd.h>

#define STATUS 99

static unsigned long calls;

static void require_model(struct hypervisor *hv)
{
    const char *wrong = model_check(hv);

    if (!wrong)
        return;
    fprintf(stderr, "the model does not hold after hypercall %lu: %s\n", calls, wrong);
    _exit(STATUS);
}

void model_after_hypercall(void)
{
    calls++;
    require_model(current->domain->hv);
}

/* The last hypercall of a guest does not return to it. */
bool __real_hypervisor_run(struct hypervisor *hv);
bool __wrap_hypervisor_run(struct hypervisor *hv);
bool __wrap_hypervisor_run(struct hypervisor *hv)
{
    bool all = __real_hypervisor_run(hv);

    require_model(hv);
    return all;
}
