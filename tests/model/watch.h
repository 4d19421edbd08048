/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The model after every hypercall of a guest. A program that is linked with watch.c and the
 * linker's option --wrap=hypercall calls model_after_hypercall, which it defines: guest.c of the
 * unit tests, hosted.c for programs that halvm-ld links.
 */
#ifndef TESTS_MODEL_WATCH_H
#define TESTS_MODEL_WATCH_H

#include "model.h"

/* Runs on the stack of the guest that has made the hypercall and will go on. */
void model_after_hypercall(void);

#endif
