#include <stddef.h>
#include <stdio.h>

static int counter = 41;
static const char *const names[] = {"zero", "one", "two"};

long cbits_sum(const int *xs, int n)
{
    long sum = 0;
    for (int i = 0; i < n; i++)
        sum += xs[i];
    return sum;
}

int cbits_counter(void) { return ++counter; }

const char *cbits_name(int n) { return n >= 0 && n < 3 ? names[n] : NULL; }

int cbits_apply(int (*f)(int), int n) { return f(f(n)) + 1; }

void cbits_print(int n, double d, const char *s)
{
    printf("from C: %5d|%-8.3f|%s|%x\n", n, d, s, (unsigned)n);
    fflush(stdout);
}
