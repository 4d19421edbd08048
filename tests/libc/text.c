/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Characters, encodings, formats and streams. It would catch wrong UTF-8, a checked function that
 * does not do what the plain one does, and a stream that loses bytes.
 */
#define _GNU_SOURCE
#include "tap.h"

#include <errno.h>
#include <iconv.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

/* The compiler must not know lengths, or it replaces the checked functions. */
static volatile size_t zero;

static void test_multibyte(void)
{
    const char *text = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x90\xb1";
    wchar_t wide[16], c;
    char out[32];
    mbstate_t state;
    const char *p = text;
    const wchar_t *w = wide;

    ok(mbstowcs(wide, text, 16) == 4);
    ok(wide[0] == 'a' && wide[1] == 0xe4 && wide[2] == 0x20ac && wide[3] == 0x1f431);
    ok(mbstowcs(NULL, text, 0) == 4);
    ok(wcstombs(out, wide, sizeof(out)) == strlen(text) && !strcmp(out, text));
    ok(wcstombs(NULL, wide, 0) == strlen(text));
    memset(&state, 0, sizeof(state));
    ok(mbrtowc(&c, "\xe2", 1, &state) == (size_t)-2);
    ok(!mbsinit(&state));
    ok(mbrtowc(&c, "\x82\xac", 2, &state) == 2 && c == 0x20ac);
    ok(mbsinit(&state));
    ok(mbrtowc(&c, "\xff", 1, &state) == (size_t)-1 && errno == EILSEQ);
    memset(&state, 0, sizeof(state));
    ok(mbrtowc(&c, "\xed\xa0\x80", 3, &state) == (size_t)-1);
    memset(&state, 0, sizeof(state));
    ok(mbrtowc(&c, "", 1, &state) == 0);
    ok(mbrlen("\xc3\xa4", 2, &state) == 2);
    ok(mblen("\xc3\xa4", 2) == 2);
    ok(mbtowc(&c, "\xc3\xa4", 2) == 2 && c == 0xe4);
    ok(wcrtomb(out, 0x1f431, &state) == 4 && !memcmp(out, text + 6, 4));
    ok(wctomb(out, 0xe4) == 2);
    ok(wcrtomb(out, (wchar_t)0xd800, &state) == (size_t)-1 && errno == EILSEQ);
    ok(mbsrtowcs(wide, &p, 16, &state) == 4 && p == NULL);
    ok(wcsrtombs(out, &w, sizeof(out), &state) == strlen(text) && w == NULL);
    p = text;
    ok(mbsnrtowcs(wide, &p, 3, 16, &state) == 2 && p == text + 3);
    w = wide;
    ok(wcsnrtombs(out, &w, 2, sizeof(out), &state) == 3);
    ok(btowc('x') == 'x' && btowc(0xe4) == WEOF && wctob('x') == 'x' && wctob(0xe4) == EOF);
    ok(iswalpha(0xe4) && towupper(0xe4) == 0xc4 && !iswdigit('x'));
}

static void test_iconv(void)
{
    char in[] = "\xe4x", out[16], back[16];
    char *from = in, *to = out;
    size_t left = 2, room = sizeof(out);
    iconv_t cd = iconv_open("UTF-8", "ISO-8859-1");

    ok(cd != (iconv_t)-1);
    ok(iconv(cd, &from, &left, &to, &room) == 0 && left == 0 && room == sizeof(out) - 3);
    ok(!memcmp(out, "\xc3\xa4x", 3));
    ok(iconv(cd, NULL, NULL, NULL, NULL) == 0);
    from = in, left = 2, to = out, room = 1;
    ok(iconv(cd, &from, &left, &to, &room) == (size_t)-1 && errno == E2BIG);
    ok(iconv_close(cd) == 0);
    cd = iconv_open("UTF-32LE", "UTF-8");
    strcpy(back, "\xe2\x82\xac");
    from = back, left = 3, to = out, room = sizeof(out);
    ok(iconv(cd, &from, &left, &to, &room) == 0 && !memcmp(out, "\xac\x20\0\0", 4));
    from = back, left = 2, to = out, room = sizeof(out);
    ok(iconv(cd, &from, &left, &to, &room) == (size_t)-1 && errno == EINVAL);
    strcpy(back, "\xff");
    from = back, left = 1, to = out, room = sizeof(out);
    ok(iconv(cd, &from, &left, &to, &room) == (size_t)-1 && errno == EILSEQ);
    iconv_close(cd);
    cd = iconv_open("UTF-16BE", "UTF-8");
    strcpy(back, "\xf0\x9f\x90\xb1");
    from = back, left = 4, to = out, room = sizeof(out);
    if (cd != (iconv_t)-1) {
        ok(iconv(cd, &from, &left, &to, &room) == 0 && !memcmp(out, "\xd8\x3d\xdc\x31", 4));
        iconv_close(cd);
    }
    ok(iconv_open("no-such-charset", "UTF-8") == (iconv_t)-1 && errno == EINVAL);
}

static void test_locale(void)
{
    locale_t l;

    ok(setlocale(LC_ALL, "") != NULL);
    ok(!strcmp(nl_langinfo(CODESET), "UTF-8"));
    ok(!strcmp(nl_langinfo(RADIXCHAR), "."));
    ok(setlocale(LC_ALL, "xx_YY.nothing") == NULL);
    l = newlocale(LC_ALL_MASK, "C", NULL);
    ok(l != NULL);
    ok(uselocale(l) != NULL);
    uselocale(LC_GLOBAL_LOCALE);
    freelocale(l);
    ok(!strcmp(localeconv()->decimal_point, "."));
    ok(strcoll("a", "b") < 0 && strcoll("b", "b") == 0);
    ok(MB_CUR_MAX >= 4);
}

static int via_va(char *out, size_t size, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(out, size, fmt, ap);
    va_end(ap);
    return n;
}

static void test_checked(void)
{
    static char path[PATH_MAX];
    char a[64], b[64], *s;
    size_t n = 10 + zero;
    int count;

    memset(a, 'x', n), a[n] = 0;
    ok(strlen(a) == 10);
    memcpy(b, a, n + 1), ok(!strcmp(a, b));
    memmove(b + 1, b, n + 1), ok(b[1] == 'x' && strlen(b) == 11);
    ok(mempcpy(b, a, n) == b + 10);
    strcpy(b, a + zero), ok(!strcmp(a, b));
    ok(stpcpy(b, a + zero) == b + 10);
    strncpy(b, a, n), b[n] = 0, ok(!strcmp(a, b));
    strcat(b, a + zero), ok(strlen(b) == 20);
    strncat(b, a, 2 + zero), ok(strlen(b) == 22);
    ok(sprintf(b, "%d %s %5.2f%c", (int)n, a, 3.14159, '!') == 20);
    ok(!strcmp(b, "10 xxxxxxxxxx  3.14!"));
    ok(snprintf(b, 5 + zero, "%s", a) == 10 && strlen(b) == 4);
    ok(via_va(b, 20 + zero, "%lx-%p", 255L, (void *)0x10) == 7 && !strcmp(b, "ff-0x10"));
    ok(asprintf(&s, "%d", 42) == 2 && !strcmp(s, "42"));
    free(s);
    ok(sscanf("12 abc 0x1f", "%d %s %x", &count, b, (unsigned *)a) == 3 && count == 12);
    ok(!strcmp(strerror(ENOENT), "No such file or directory"));
    ok(!strcmp(strerror_r(EROFS, b, sizeof(b)), "Read-only file system"));
    ok(strstr(strerror(9999), "9999") != NULL);
    explicit_bzero(a, n), ok(a[0] == 0);
    ok(strtol("0x7f", NULL, 0) == 127 && strtod("1e3", NULL) == 1000.0);
    ok(getcwd(b, sizeof(b)) == b && !strcmp(b, "/"));
    ok(realpath("/lines.txt", path) == path && !strcmp(path, "/lines.txt"));
}

static void test_streams(void)
{
    char line[64];
    FILE *f = fopen("lines.txt", "r");

    ok(f != NULL);
    if (!f)
        return;
    ok(fgets(line, sizeof(line), f) && !strcmp(line, "first line\n"));
    ok(fgetc(f) == 's');
    ok(ungetc('S', f) == 'S' && getc(f) == 'S');
    ok(ftell(f) == 12);
    ok(fseek(f, 0, SEEK_END) == 0 && ftell(f) == 23);
    rewind(f);
    ok(fread(line, 1, 5, f) == 5 && !memcmp(line, "first", 5));
    ok(fileno(f) > 2 && !feof(f) && !ferror(f));
    ok(fputc('x', f) == EOF);
    ok(freopen("lines.txt", "r", f) == f);
    ok(fscanf(f, "%63s", line) == 1 && !strcmp(line, "first"));
    ok(fclose(f) == 0);
    ok(fopen("lines.txt", "w") == NULL && errno == EROFS);
    ok(fopen("missing", "r") == NULL && errno == ENOENT);
    ok(fopen("lines.txt", "q") == NULL && errno == EINVAL);
    f = fdopen(dup(1), "w");
    ok(f && fprintf(f, "# through %s\n", "fdopen") > 0 && fflush(f) == 0);
    ok(putc('#', f) == '#' && fputs(" puts\n", f) >= 0 && fwrite("# wrote\n", 1, 8, f) == 8);
    ok(fclose(f) == 0);
    ok(putchar('#') == '#' && puts(" puts") >= 0);
    ok(setvbuf(stdout, NULL, _IOLBF, 0) == 0);
    fprintf(stderr, "%s", "");
    perror("# perror");
}

int main(void)
{
    test_multibyte();
    test_iconv();
    test_locale();
    test_checked();
    test_streams();
    return tap_done();
}
