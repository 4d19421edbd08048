/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Multibyte characters: always UTF-8. An mbstate_t holds, in its first word, up to three bytes of
 * a character that is not complete, and their number in the top byte.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "libc/utf8.h"

int utf8_decode(const char *s, size_t len, uint32_t *c)
{
    unsigned char first = s[0];
    int need;
    uint32_t low, high, value;

    if (first < 0x80) {
        *c = first;
        return 1;
    }
    if (first < 0xc2 || first > 0xf4)
        return UTF8_BAD;
    need = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    value = first & (0xff >> (need + 1));
    /* The second byte's range excludes the long forms, the surrogates and what is too large. */
    low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    for (int i = 1; i < need; i++) {
        unsigned char next;

        if ((size_t)i == len)
            return UTF8_SHORT;
        next = s[i];
        if (next < low || next > high)
            return UTF8_BAD;
        value = value << 6 | (next & 0x3f);
        low = 0x80;
        high = 0xbf;
    }
    *c = value;
    return need;
}

int utf8_encode(uint32_t c, char *s)
{
    if (c < 0x80) {
        s[0] = c;
        return 1;
    }
    if (c < 0x800) {
        s[0] = 0xc0 | c >> 6;
        s[1] = 0x80 | (c & 0x3f);
        return 2;
    }
    if (c < 0x10000) {
        if (c >= 0xd800 && c < 0xe000)
            return UTF8_BAD;
        s[0] = 0xe0 | c >> 12;
        s[1] = 0x80 | (c >> 6 & 0x3f);
        s[2] = 0x80 | (c & 0x3f);
        return 3;
    }
    if (c > 0x10ffff)
        return UTF8_BAD;
    s[0] = 0xf0 | c >> 18;
    s[1] = 0x80 | (c >> 12 & 0x3f);
    s[2] = 0x80 | (c >> 6 & 0x3f);
    s[3] = 0x80 | (c & 0x3f);
    return 4;
}

static unsigned *word_of(mbstate_t *state) { return (unsigned *)state; }

size_t mbrtowc(wchar_t *restrict wc, const char *restrict s, size_t n, mbstate_t *restrict state)
{
    static mbstate_t own;
    unsigned *held = word_of(state ? state : &own);
    unsigned have = *held >> 24;
    char buf[4] = {*held & 0xff, *held >> 8 & 0xff, *held >> 16 & 0xff, 0};
    size_t take;
    uint32_t c;
    int len;

    if (!s) {
        *held = 0;
        if (!have)
            return 0;
        errno = EILSEQ;
        return (size_t)-1;
    }
    if (!n)
        return (size_t)-2;
    take = n < sizeof buf - have ? n : sizeof buf - have;
    memcpy(buf + have, s, take);
    len = utf8_decode(buf, have + take, &c);
    if (len == UTF8_SHORT) {
        have += take;
        *held = have << 24 | (unsigned char)buf[0] | (unsigned char)buf[1] << 8 |
                (unsigned char)buf[2] << 16;
        return (size_t)-2;
    }
    *held = 0;
    if (len < 0) {
        errno = EILSEQ;
        return (size_t)-1;
    }
    if (wc)
        *wc = c;
    return c ? len - have : 0;
}

size_t wcrtomb(char *restrict s, wchar_t wc, mbstate_t *restrict state)
{
    int len;

    (void)state;
    if (!s)
        return 1;
    len = utf8_encode(wc, s);
    if (len < 0) {
        errno = EILSEQ;
        return (size_t)-1;
    }
    return len;
}

int mbtowc(wchar_t *restrict wc, const char *restrict s, size_t n)
{
    uint32_t c;
    int len;

    if (!s)
        return 0; /* no shift states */
    len = n ? utf8_decode(s, n, &c) : UTF8_SHORT;
    if (len < 0) {
        errno = EILSEQ;
        return -1;
    }
    if (wc)
        *wc = c;
    return c ? len : 0;
}

int wctomb(char *s, wchar_t wc) { return s ? (int)wcrtomb(s, wc, NULL) : 0; }

size_t mbrlen(const char *restrict s, size_t n, mbstate_t *restrict state)
{
    static mbstate_t own;

    return mbrtowc(NULL, s, n, state ? state : &own);
}

/* What glibc's header makes of mbrlen in optimised code. */
size_t __mbrlen(const char *restrict, size_t, mbstate_t *restrict) __attribute__((alias("mbrlen")));

int mblen(const char *s, size_t n) { return mbtowc(NULL, s, n); }

size_t mbsnrtowcs(wchar_t *restrict out, const char **restrict in, size_t bytes, size_t room,
                  mbstate_t *restrict state)
{
    const char *s = *in;
    size_t done = 0;
    wchar_t wc;
    mbstate_t own = {0};

    while ((!out || done < room) && bytes) {
        size_t len = mbrtowc(&wc, s, bytes, state ? state : &own);

        if (len == (size_t)-1) {
            *in = s;
            return len;
        }
        if (len == (size_t)-2) {
            s += bytes;
            break;
        }
        if (out)
            out[done] = wc;
        if (!wc) {
            s = NULL;
            break;
        }
        s += len;
        bytes -= len;
        done++;
    }
    if (out)
        *in = s;
    return done;
}

size_t mbsrtowcs(wchar_t *restrict out, const char **restrict in, size_t room,
                 mbstate_t *restrict state)
{
    return mbsnrtowcs(out, in, SIZE_MAX, room, state);
}

size_t mbstowcs(wchar_t *restrict out, const char *in, size_t room)
{
    return mbsrtowcs(out, &in, room, NULL);
}

size_t wcsnrtombs(char *restrict out, const wchar_t **restrict in, size_t chars, size_t room,
                  mbstate_t *restrict state)
{
    const wchar_t *s = *in;
    size_t done = 0;
    char buf[4];

    (void)state;
    while (chars--) {
        int len = utf8_encode(*s, buf);

        if (len < 0) {
            if (out)
                *in = s;
            errno = EILSEQ;
            return (size_t)-1;
        }
        if (out && (size_t)len > room - done)
            break;
        if (out)
            memcpy(out + done, buf, len);
        if (!*s) {
            s = NULL;
            break;
        }
        s++;
        done += len;
    }
    if (out)
        *in = s;
    return done;
}

size_t wcsrtombs(char *restrict out, const wchar_t **restrict in, size_t room,
                 mbstate_t *restrict state)
{
    return wcsnrtombs(out, in, SIZE_MAX, room, state);
}

size_t wcstombs(char *restrict out, const wchar_t *in, size_t room)
{
    return wcsrtombs(out, &in, room, NULL);
}

wint_t btowc(int c) { return c >= 0 && c < 0x80 ? (wint_t)c : WEOF; }

int wctob(wint_t wc) { return wc < 0x80 ? (int)wc : EOF; }
