/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Conversion between UTF-8, Latin-1, ASCII, UTF-16 and UTF-32. GHC does the Unicode ones itself
 * and comes here for what a program names, "LATIN1" for instance.
 */
#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "libc/utf8.h"

enum { ASCII, LATIN1, UTF8, UTF16LE, UTF16BE, UTF32LE, UTF32BE, CODES };

static const struct {
    const char *name;
    int code;
} names[] = {
    {"UTF-8", UTF8},       {"UTF8", UTF8},
    {"LATIN1", LATIN1},    {"ISO-8859-1", LATIN1},
    {"ISO8859-1", LATIN1}, {"ISO_8859-1", LATIN1},
    {"L1", LATIN1},        {"ASCII", ASCII},
    {"US-ASCII", ASCII},   {"ANSI_X3.4-1968", ASCII},
    {"646", ASCII},        {"C", ASCII},
    {"UTF-16LE", UTF16LE}, {"UTF16LE", UTF16LE},
    {"UTF-16BE", UTF16BE}, {"UTF16BE", UTF16BE},
    {"UTF-16", UTF16LE},   {"UTF-32LE", UTF32LE},
    {"UTF32LE", UTF32LE},  {"UTF-32BE", UTF32BE},
    {"UTF32BE", UTF32BE},  {"UTF-32", UTF32LE},
    {"UCS-4LE", UTF32LE},  {"WCHAR_T", UTF32LE},
};

/* "//TRANSLIT" and "//IGNORE" are not honoured, so what cannot be converted is an error. */
static int code_of(const char *name)
{
    size_t len = strcspn(name, "/");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strlen(names[i].name) == len && !strncasecmp(names[i].name, name, len))
            return names[i].code;
    return -1;
}

/* The handle is the pair of codes; there is no state to keep. */
iconv_t iconv_open(const char *to, const char *from)
{
    int t = code_of(to), f = code_of(from);

    if (t < 0 || f < 0) {
        errno = EINVAL;
        return (iconv_t)-1;
    }
    return (iconv_t)(intptr_t)(1 + f * CODES + t);
}

int iconv_close(iconv_t cd)
{
    (void)cd;
    return 0;
}

static unsigned unit16(const unsigned char *s, bool big)
{
    return big ? s[0] << 8 | s[1] : s[1] << 8 | s[0];
}

static int decode(int code, const char *at, size_t len, uint32_t *c)
{
    const unsigned char *s = (const unsigned char *)at;
    unsigned low;

    switch (code) {
    case ASCII:
        *c = s[0];
        return s[0] < 0x80 ? 1 : UTF8_BAD;
    case LATIN1:
        *c = s[0];
        return 1;
    case UTF8:
        return utf8_decode(at, len, c);
    case UTF16LE:
    case UTF16BE:
        if (len < 2)
            return UTF8_SHORT;
        *c = unit16(s, code == UTF16BE);
        if (*c < 0xd800 || *c > 0xdfff)
            return 2;
        if (*c > 0xdbff)
            return UTF8_BAD;
        if (len < 4)
            return UTF8_SHORT;
        low = unit16(s + 2, code == UTF16BE);
        if (low < 0xdc00 || low > 0xdfff)
            return UTF8_BAD;
        *c = 0x10000 + ((*c & 0x3ff) << 10 | (low & 0x3ff));
        return 4;
    default:
        if (len < 4)
            return UTF8_SHORT;
        memcpy(c, s, 4);
        if (code == UTF32BE)
            *c = __builtin_bswap32(*c);
        return *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000) ? UTF8_BAD : 4;
    }
}

static void put16(unsigned char *s, unsigned unit, bool big)
{
    s[big ? 0 : 1] = unit >> 8;
    s[big ? 1 : 0] = unit;
}

/* Like utf8_encode(). */
static int encode(int code, uint32_t c, char *at)
{
    unsigned char *s = (unsigned char *)at;

    switch (code) {
    case ASCII:
    case LATIN1:
        s[0] = c;
        return c < (code == ASCII ? 0x80U : 0x100U) ? 1 : UTF8_BAD;
    case UTF8:
        return utf8_encode(c, at);
    case UTF16LE:
    case UTF16BE:
        if (c < 0x10000) {
            put16(s, c, code == UTF16BE);
            return 2;
        }
        put16(s, 0xd7c0 + (c >> 10), code == UTF16BE);
        put16(s + 2, 0xdc00 | (c & 0x3ff), code == UTF16BE);
        return 4;
    default:
        if (code == UTF32BE)
            c = __builtin_bswap32(c);
        memcpy(s, &c, 4);
        return 4;
    }
}

size_t iconv(iconv_t cd, char **restrict in, size_t *restrict in_left, char **restrict out,
             size_t *restrict out_left)
{
    int from = ((intptr_t)cd - 1) / CODES, to = ((intptr_t)cd - 1) % CODES;

    if (!in || !*in)
        return 0; /* no state to reset */
    while (*in_left) {
        char buf[4];
        uint32_t c;
        int taken = decode(from, *in, *in_left, &c), made;

        if (taken < 0) {
            errno = taken == UTF8_SHORT ? EINVAL : EILSEQ;
            return (size_t)-1;
        }
        made = encode(to, c, buf);
        if (made < 0) {
            errno = EILSEQ;
            return (size_t)-1;
        }
        if ((size_t)made > *out_left) {
            errno = E2BIG;
            return (size_t)-1;
        }
        memcpy(*out, buf, made);
        *in += taken;
        *in_left -= taken;
        *out += made;
        *out_left -= made;
    }
    return 0;
}
