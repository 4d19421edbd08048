/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The RTS can load object code at run time; a guest has all of its code from the start. Only
 * the collector's questions about loaded code and the clean-up are ever asked.
 */
#include "rts_private.h"

void initLinker(void) {}

void initLinker_(int retain_cafs STG_UNUSED) {}

void exitLinker(void) {}

bool prepareUnloadCheck(void) { return false; }

void checkUnload(void) {}

void markObjectCode(const void *address STG_UNUSED) {}
