#include <stdio.h>

/* Says so once both objects have been finalized: their order is not promised. */
void exit_finalizer(int *p)
{
    static int count, sum;
    sum += *p;
    if (++count == 2) {
        printf("finalized in C: sum %d\n", sum);
        fflush(stdout);
    }
}
