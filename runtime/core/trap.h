/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef RUNTIME_CORE_TRAP_H
#define RUNTIME_CORE_TRAP_H

#include <stdint.h>

/*
 * STATE is asked, when an exception is reported, what the language runtime was doing; it gets the
 * register %r13 of the fault and answers with a short phrase. It may rely on nothing: the
 * runtime may be what broke.
 */
void trap_set_runtime_state(const char *(*state)(uint64_t r13));

#endif
