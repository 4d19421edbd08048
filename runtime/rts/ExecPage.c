/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Pages for the code that "foreign import wrapper" makes.
 */
#include "rts_private.h"

#include "core/memory.h"

/* Given back pages, for the next wrapper: their address space could not be used otherwise. */
static ExecPage *free_pages;

ExecPage *allocateExecPage(void)
{
    ExecPage *page = free_pages;

    if (page)
        free_pages = *(ExecPage **)page;
    else
        page = memory_pages(PAGE_SIZE, MEMORY_EXECUTE);
    if (!page)
        barf("no memory for a foreign wrapper");
    return page;
}

/* It stays writable: the page may be shared by wrappers that are made later. */
void freezeExecPage(ExecPage *page STG_UNUSED) {}

void freeExecPage(ExecPage *page)
{
    *(ExecPage **)page = free_pages;
    free_pages = page;
}
