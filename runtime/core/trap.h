/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef RUNTIME_CORE_TRAP_H
#define RUNTIME_CORE_TRAP_H

/*
 * STATE is asked, when an exception is reported, what the language runtime was doing; it answers
 * with a short phrase. It may rely on nothing: the runtime may be what broke.
 */
void trap_set_runtime_state(const char *(*state)(void));

#endif
