/* SPDX-License-Identifier: BSD-3-Clause
 *
 * XenStore's requests: each of them, its errors and who may make it. What is expected is what
 * xenstored of Xen 4.17 answers.
 */
#include "xenstore_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void start(void)
{
    store_start();
    is(0, 0, XS_MKDIR, "/local/domain/1|", "OK|");
    is(0, 0, XS_MKDIR, "/local/domain/2|", "OK|");
    client_start(1);
    client_start(2);
    is(0, 0, XS_SET_PERMS, "/local/domain/1|n1|", "OK|");
    is(0, 0, XS_SET_PERMS, "/local/domain/2|n2|", "OK|");
}

static char *repeat(char c, size_t count)
{
    static char text[8192];

    memset(text, c, count);
    text[count] = '\0';
    return text;
}

static const char *with(const char *format, const char *text)
{
    static char out[16384];

    snprintf(out, sizeof(out), format, text);
    return out;
}

START_TEST(test_read_write)
{
    is(0, 0, XS_DIRECTORY, "/|", "tool|local|");
    is(1, 0, XS_WRITE, "a|1", "OK|");
    is(1, 0, XS_READ, "a|", "1");
    is(1, 0, XS_READ, "/local/domain/1/a|", "1");
    is(0, 0, XS_READ, "/local/domain/1/a|", "1");
    is(1, 0, XS_WRITE, "a|", "OK|");
    is(1, 0, XS_READ, "a|", "");
    is(1, 0, XS_WRITE, "a|x|y|", "OK|");
    is(1, 0, XS_READ, "a|", "x|y|");
    is(1, 0, XS_WRITE, "b/c/d|deep", "OK|");
    is(1, 0, XS_READ, "b/c|", "");
    is(1, 0, XS_DIRECTORY, "b|", "c|");
    is(1, 0, XS_DIRECTORY, "/local/domain/1|", "a|b|");
    is(1, 0, XS_GET_PERMS, "b/c/d|", "n1|");
    /* Nothing is told of what it has no right to. */
    is(1, 0, XS_READ, "none|", "!ENOENT");
    is(1, 0, XS_READ, "a/none|", "!ENOENT");
    is(1, 0, XS_READ, "/none|", "!EACCES");
    is(1, 0, XS_READ, "/tool|", "!EACCES");
    is(1, 0, XS_READ, "/local/domain/2/none|", "!EACCES");
    is(1, 0, XS_WRITE, "/none|", "!EACCES");
    is(0, 0, XS_READ, "/none|", "!ENOENT");
    /* Strings */
    is(1, 0, XS_READ, "", "!EINVAL");
    is(1, 0, XS_READ, "a", "!EINVAL");
    is(1, 0, XS_READ, "a|b|", "!EINVAL");
    is(1, 0, XS_READ, "a||", "!EINVAL");
    is(1, 0, XS_DIRECTORY, "a", "!EINVAL");
    is(1, 0, XS_GET_PERMS, "a", "!EINVAL");
    is(1, 0, XS_MKDIR, "a", "!EINVAL");
    is(1, 0, XS_RM, "a", "!EINVAL");
    is(1, 0, XS_WRITE, "a", "!EINVAL");
    is(1, 0, XS_WRITE, "", "!EINVAL");
    is(0, 0, XS_READ, "local|", "!ENOENT");
    is(0, 0, XS_WRITE, "mine|0", "OK|");
    is(0, 0, XS_READ, "/local/domain/0/mine|", "0");
}
END_TEST

START_TEST(test_paths)
{
    static const char *const bad[] = {"|",      "a/|",   "/a/|",           "a//b|", "//|",
                                      "@a|",    "a b|",  "a.b|",           "a\n|",  "a:b|",
                                      "/a//b|", "\xff|", "@releaseDomain|"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        is(0, 0, XS_READ, bad[i], "!EINVAL");
        is(1, 0, XS_MKDIR, bad[i], "!EINVAL");
        is(1, 0, XS_RM, bad[i], "!EINVAL");
        is(1, 0, XS_WRITE, bad[i], "!EINVAL");
    }
    is(1, 0, XS_WRITE, "a-b_@Z9|1", "OK|");
    is(0, 0, XS_READ, "/|", "");
    /* 2048, and what a domain's own prefix has */
    is(0, 0, XS_READ, with("/%s|", repeat('a', 2047)), "!ENOENT");
    is(0, 0, XS_READ, with("/%s|", repeat('a', 2048)), "!EINVAL");
    is(1, 0, XS_READ, with("%s|", repeat('a', 2048)), "!ENOENT");
    is(1, 0, XS_READ, with("%s|", repeat('a', 2049)), "!EINVAL");
    is(0, 0, XS_READ, with("/local/domain/12345/%s|", repeat('a', 2048)), "!ENOENT");
    is(0, 0, XS_READ, with("/local/domain/12345/%s|", repeat('a', 2049)), "!EINVAL");
    is(0, 0, XS_READ, with("/local/domain/-1/%s|", repeat('a', 2048)), "!ENOENT");
    is(0, 0, XS_READ, with("/local/domain/123456/%s|", repeat('a', 2048)), "!EINVAL");
    is(0, 0, XS_READ, with("/local/domain/x/%s|", repeat('a', 2048)), "!EINVAL");
    is(0, 0, XS_READ, with("/local/domain/-/%s|", repeat('a', 2048)), "!EINVAL");
}
END_TEST

START_TEST(test_directory)
{
    is(1, 0, XS_DIRECTORY, "a|", "!ENOENT");
    is(1, 0, XS_MKDIR, "a|", "OK|");
    is(1, 0, XS_DIRECTORY, "a|", "");
    is(1, 0, XS_MKDIR, "a/z|", "OK|");
    is(1, 0, XS_MKDIR, "a/b|", "OK|");
    is(1, 0, XS_MKDIR, "a/m|", "OK|");
    is(1, 0, XS_DIRECTORY, "a|", "z|b|m|");
    is(1, 0, XS_RM, "a/b|", "OK|");
    is(1, 0, XS_MKDIR, "a/b|", "OK|");
    is(1, 0, XS_MKDIR, "a/z|", "OK|");
    is(1, 0, XS_DIRECTORY, "a|", "z|m|b|");
    is(1, 0, XS_MKDIR, "a/b/c/d|", "OK|");
    is(1, 0, XS_WRITE, "a/z|kept", "OK|");
    is(1, 0, XS_MKDIR, "a/z|", "OK|");
    is(1, 0, XS_READ, "a/z|", "kept");
    is(1, 0, XS_MKDIR, "/local/domain/2/x|", "!EACCES");
}
END_TEST

START_TEST(test_directory_part)
{
    char path[64], all[16384] = "";
    unsigned int offset = 0;
    const char *part;
    char generation[32] = "";

    is(0, 0, XS_DIRECTORY_PART, "/x|", "!EINVAL");
    is(0, 0, XS_DIRECTORY_PART, "/x|0", "!EINVAL");
    is(0, 0, XS_DIRECTORY_PART, "/x|0|0|", "!EINVAL");
    is(0, 0, XS_DIRECTORY_PART, "/x|0|", "!ENOENT");
    is(1, 0, XS_DIRECTORY_PART, "/tool|0|", "!EACCES");
    is(0, 0, XS_MKDIR, "/x|", "OK|");
    part = ask(0, 0, XS_DIRECTORY_PART, "/x|0|");
    ck_assert_str_eq(strchr(part, '|'), "||");
    for (int i = 0; i < 1000; i++) {
        snprintf(path, sizeof(path), "/x/child%d|", i);
        is(0, 0, XS_MKDIR, path, "OK|");
    }
    is(0, 0, XS_DIRECTORY, "/x|", "!E2BIG");
    for (;;) {
        size_t len;

        snprintf(path, sizeof(path), "/x|%u|", offset);
        part = ask(0, 0, XS_DIRECTORY_PART, path);
        len = strcspn(part, "|");
        if (!*generation)
            snprintf(generation, sizeof(generation), "%.*s", (int)len, part);
        ck_assert(strncmp(generation, part, len) == 0);
        ck_assert_uint_le(strlen(part), XENSTORE_PAYLOAD_MAX);
        part += len + 1;
        strcat(all, part);
        offset += (unsigned int)strlen(part);
        if (strlen(part) < 2 || strcmp(part + strlen(part) - 2, "||") == 0)
            break;
    }
    ck_assert(strncmp(all, "child0|child1|", 14) == 0);
    ck_assert_str_eq(all + strlen(all) - 10, "child999||");
    ck_assert_uint_eq(strlen(all), 10 * 7 + 90 * 8 + 900 * 9 + 1);
    /* Behind the end, and in the middle of a name */
    snprintf(path, sizeof(path), "%s||", generation);
    is(0, 0, XS_DIRECTORY_PART, "/x|100000|", path);
    is(0, 0, XS_DIRECTORY_PART, "/x|-1|", path);
    snprintf(path, sizeof(path), "%s|ld999||", generation);
    is(0, 0, XS_DIRECTORY_PART, "/x|8884|", path);
    is(0, 0, XS_WRITE, "/x|", "OK|");
    ck_assert(strncmp(ask(0, 0, XS_DIRECTORY_PART, "/x|0|"), generation, strlen(generation)) != 0);
}
END_TEST

START_TEST(test_rm)
{
    is(1, 0, XS_WRITE, "a/b/c|1", "OK|");
    is(1, 0, XS_WRITE, "a/d|1", "OK|");
    is(1, 0, XS_RM, "a/b|", "OK|");
    is(1, 0, XS_READ, "a/b/c|", "!ENOENT");
    is(1, 0, XS_READ, "a/b|", "!ENOENT");
    is(1, 0, XS_DIRECTORY, "a|", "d|");
    is(1, 0, XS_RM, "a/b|", "OK|");
    is(1, 0, XS_RM, "a/b/c|", "!ENOENT");
    is(1, 0, XS_RM, "/none|", "!EACCES");
    is(1, 0, XS_RM, "/local/domain/2|", "!EACCES");
    is(0, 0, XS_RM, "/none|", "OK|");
    is(0, 0, XS_RM, "/|", "!EINVAL");
    is(1, 0, XS_RM, "/|", "!EACCES");
    is(1, 0, XS_RM, "/local/domain/1|", "OK|");
    is(0, 0, XS_DIRECTORY, "/local/domain|", "2|");
}
END_TEST

START_TEST(test_permissions)
{
    is(1, 0, XS_WRITE, "a|1", "OK|");
    is(2, 0, XS_READ, "/local/domain/1/a|", "!EACCES");
    is(1, 0, XS_SET_PERMS, "a|n1|r2|", "OK|");
    is(1, 0, XS_GET_PERMS, "a|", "n1|r2|");
    is(2, 0, XS_READ, "/local/domain/1/a|", "1");
    is(2, 0, XS_GET_PERMS, "/local/domain/1/a|", "n1|r2|");
    is(2, 0, XS_WRITE, "/local/domain/1/a|2", "!EACCES");
    is(2, 0, XS_SET_PERMS, "/local/domain/1/a|n1|", "!EACCES");
    is(1, 0, XS_SET_PERMS, "a|n1|w2|", "OK|");
    is(2, 0, XS_READ, "/local/domain/1/a|", "!EACCES");
    is(2, 0, XS_WRITE, "/local/domain/1/a|2", "OK|");
    is(2, 0, XS_MKDIR, "/local/domain/1/a/sub|", "OK|");
    is(0, 0, XS_GET_PERMS, "/local/domain/1/a/sub|", "n2|w2|");
    is(1, 0, XS_SET_PERMS, "a|n1|b2|", "OK|");
    is(2, 0, XS_READ, "/local/domain/1/a|", "2");
    is(2, 0, XS_WRITE, "/local/domain/1/a|3", "OK|");
    /* Who may write but is not the owner. */
    is(2, 0, XS_SET_PERMS, "/local/domain/1/a|n1|", "!EACCES");
    is(1, 0, XS_SET_PERMS, "a|b1|n2|", "OK|");
    is(2, 0, XS_READ, "/local/domain/1/a|", "!EACCES");
    client_start(3);
    is(3, 0, XS_READ, "/local/domain/1/a|", "3");
    is(1, 0, XS_SET_PERMS, "a|n2|", "!EPERM");
    is(0, 0, XS_SET_PERMS, "/local/domain/1/a|n2|", "OK|");
    is(2, 0, XS_SET_PERMS, "/local/domain/1/a|r2|", "OK|");
    is(1, 0, XS_READ, "a|", "3");
    is(1, 0, XS_WRITE, "a|", "!EACCES");
    is(0, 0, XS_GET_PERMS, "/local/domain/1/a|", "r2|");
}
END_TEST

START_TEST(test_set_perms_errors)
{
    is(1, 0, XS_WRITE, "a|1", "OK|");
    is(1, 0, XS_SET_PERMS, "", "!EINVAL");
    is(1, 0, XS_SET_PERMS, "a|", "!EINVAL");
    is(1, 0, XS_SET_PERMS, "a|n1", "!EINVAL");
    is(1, 0, XS_SET_PERMS, "a|x1|", "!EINVAL");
    is(1, 0, XS_SET_PERMS, "a|n|", "!EINVAL");
    is(1, 0, XS_SET_PERMS, "a||", "!EINVAL");
    is(1, 0, XS_SET_PERMS, "a|n1x|", "!EINVAL");
    is(1, 0, XS_SET_PERMS, "a|n1|nope|", "!EINVAL");
    is(1, 0, XS_SET_PERMS, "a|n1|r0x2|", "OK|");
    is(1, 0, XS_GET_PERMS, "a|", "n1|r2|");
    is(1, 0, XS_SET_PERMS, "a|n30|", "!ENOENT");
    is(1, 0, XS_SET_PERMS, "a|n-1|", "!ENOENT");
    is(0, 0, XS_SET_PERMS, "/local/domain/1/a|n1|r30|r-1|", "OK|");
    is(0, 0, XS_GET_PERMS, "/local/domain/1/a|", "n1|r30|r-1|");
    is(1, 0, XS_SET_PERMS, "a|n1|r2|r2|r2|r2|", "OK|");
    is(1, 0, XS_SET_PERMS, "a|n1|r2|r2|r2|r2|r2|", "!ENOSPC");
    is(0, 0, XS_SET_PERMS, "/local/domain/1/a|n1|r2|r2|r2|r2|r2|", "OK|");
    is(1, 0, XS_SET_PERMS, "none|n1|", "!ENOENT");
    is(1, 0, XS_SET_PERMS, "a b|n1|", "!EINVAL");
    is(1, 0, XS_GET_PERMS, "/tool|", "!EACCES");
    /* What follows the last zero byte is not looked at. */
    is(1, 0, XS_SET_PERMS, "a|n1|rubbish", "OK|");
}
END_TEST

START_TEST(test_special_permissions)
{
    is(1, 0, XS_SET_PERMS, "@releaseDomain|n0|r1|", "!EACCES");
    is(0, 0, XS_SET_PERMS, "@other|n0|r1|", "!EINVAL");
    is(0, 0, XS_SET_PERMS, "@releaseDomain|n1|r2|", "OK|");
    is(1, 0, XS_SET_PERMS, "@releaseDomain|n1|r2|", "OK|");
    is(2, 0, XS_SET_PERMS, "@releaseDomain|n1|", "!EACCES");
    is(0, 0, XS_SET_PERMS, "@introduceDomain|n0|r1|r2|", "OK|");
    is(0, 0, XS_GET_PERMS, "@introduceDomain|", "!EINVAL");
    is(1, 0, XS_WATCH, "@introduceDomain|i|", "OK|");
    is(2, 0, XS_WATCH, "@releaseDomain|r|", "OK|");
    events_are(1, "@introduceDomain|i|");
    events_are(2, "@releaseDomain|r|");
    client_start(3);
    events_are(1, "@introduceDomain|i|");
    is(0, 0, XS_RELEASE, "3|", "OK|");
    events_are(2, "@releaseDomain|r|");
    /* The domain's rights go with it. */
    is(0, 0, XS_RELEASE, "1|", "OK|");
    events_are(2, "@releaseDomain|r|");
    is(0, 0, XS_RELEASE, "2|", "OK|");
    client_start(1);
    client_start(2);
    is(1, 0, XS_SET_PERMS, "@releaseDomain|n1|", "!EACCES");
    is(2, 0, XS_WATCH, "@releaseDomain|r|", "OK|");
    events_are(2, "@releaseDomain|r|");
    is(0, 0, XS_RELEASE, "1|", "OK|");
    events_are(2, "");
}
END_TEST

START_TEST(test_stale_permissions)
{
    is(1, 0, XS_WRITE, "a|1", "OK|");
    is(1, 0, XS_SET_PERMS, "a|n1|r2|r3|", "OK|");
    is(2, 0, XS_READ, "/local/domain/1/a|", "1");
    is(0, 0, XS_RELEASE, "2|", "OK|");
    is(0, 0, XS_WRITE, "/local/domain/9|", "OK|");
    client_start(2);
    /* Another domain that has the number now */
    is(2, 0, XS_READ, "/local/domain/1/a|", "!EACCES");
    /* Not even when the node is written again */
    is(1, 0, XS_WRITE, "a|2", "OK|");
    is(1, 0, XS_MKDIR, "a/b|", "OK|");
    is(2, 0, XS_READ, "/local/domain/1/a|", "!EACCES");
    is(2, 0, XS_READ, "/local/domain/1/a/b|", "!EACCES");
    is(1, 0, XS_GET_PERMS, "a|", "n1|r2|r3|");
    is(1, 0, XS_SET_PERMS, "a|n1|r2|", "OK|");
    is(2, 0, XS_READ, "/local/domain/1/a|", "2");
}
END_TEST

START_TEST(test_domain_requests)
{
    is(1, 0, XS_GET_DOMAIN_PATH, "7|", "/local/domain/7|");
    is(1, 0, XS_GET_DOMAIN_PATH, "007x|", "/local/domain/7|");
    is(1, 0, XS_GET_DOMAIN_PATH, "x|", "/local/domain/0|");
    is(1, 0, XS_GET_DOMAIN_PATH, "-1|", "/local/domain/4294967295|");
    is(1, 0, XS_GET_DOMAIN_PATH, "7", "!EINVAL");
    is(0, 0, XS_IS_DOMAIN_INTRODUCED, "1|", "T|");
    is(0, 0, XS_IS_DOMAIN_INTRODUCED, "0|", "T|");
    is(0, 0, XS_IS_DOMAIN_INTRODUCED, "3|", "F|");
    is(0, 0, XS_IS_DOMAIN_INTRODUCED, "32752|", "T|");
    is(0, 0, XS_IS_DOMAIN_INTRODUCED, "3", "!EINVAL");
    ck_assert(xenstore_is_introduced(store, 1));
    ck_assert(!xenstore_is_introduced(store, 3));
    is(0, 0, XS_RESUME, "1|", "OK|");
    is(0, 0, XS_RESUME, "0|", "!EINVAL");
    is(0, 0, XS_RESUME, "3|", "!ENOENT");
    is(0, 0, XS_RESUME, "3", "!EINVAL");
    is(0, 0, XS_RELEASE, "0|", "!EINVAL");
    is(0, 0, XS_RELEASE, "3|", "!ENOENT");
    is(0, 0, XS_SET_TARGET, "1|", "!EINVAL");
    is(0, 0, XS_SET_TARGET, "1|3|", "!ENOENT");
    is(0, 0, XS_SET_TARGET, "3|1|", "!ENOENT");
    is(0, 0, XS_INTRODUCE, "3|0|", "!EINVAL");
    is(0, 0, XS_INTRODUCE, "3|0|0|", "!EINVAL");
    is(0, 0, XS_INTRODUCE, "3|0|4|", "!EINVAL"); /* there is no such domain */
    is(0, 0, XS_INTRODUCE, "0|0|4|", "!EINVAL");
    is(0, 0, XS_INTRODUCE, "32752|0|4|", "!EINVAL");
    fake.domains[3].state = XENSTORE_DOMAIN_RUNNING;
    fake.domains[3].no_page = true;
    is(0, 0, XS_INTRODUCE, "3|0|4|", "!EINVAL");
    fake.domains[3].no_page = false;
    fake.domains[3].no_port = true;
    is(0, 0, XS_INTRODUCE, "3|0|4|", "!EINVAL");
    fake.domains[3].no_port = false;
    is(0, 0, XS_INTRODUCE, "3|0|4|", "OK|");
    ck_assert_int_eq(xenstore_resume(store, 3), 0);
    ck_assert_int_eq(xenstore_release(store, 3), 0);
    ck_assert_int_eq(xenstore_release(store, 3), ENOENT);
}
END_TEST

START_TEST(test_privileged)
{
    static const uint32_t types[] = {
        XS_CONTROL, XS_INTRODUCE, XS_RELEASE, XS_RESUME, XS_IS_DOMAIN_INTRODUCED, XS_SET_TARGET};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        is(1, 0, types[i], "1|2|3|", "!EACCES");
        is(1, 77, types[i], "", "!EACCES"); /* before the transaction is looked for */
    }
}
END_TEST

START_TEST(test_unknown)
{
    static const uint32_t types[] = {XS_WATCH_EVENT, XS_ERROR,   XS_SET_TARGET + 1,
                                     XS_TYPE_COUNT,  XS_INVALID, UINT32_MAX};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        is(0, 0, types[i], "|", "!ENOSYS");
        is(1, 99, types[i], "|", "!ENOSYS");
    }
}
END_TEST

START_TEST(test_target)
{
    is(1, 0, XS_WRITE, "a|1", "OK|");
    is(1, 0, XS_WRITE, "b|1", "OK|");
    is(0, 0, XS_SET_PERMS, "/local/domain/1/b|n0|r1|", "OK|");
    is(2, 0, XS_READ, "/local/domain/1/a|", "!EACCES");
    is(0, 0, XS_SET_TARGET, "2|1|", "OK|");
    is(2, 0, XS_READ, "/local/domain/1/a|", "1");
    is(2, 0, XS_READ, "/local/domain/1/b|", "1");
    is(2, 0, XS_WRITE, "/local/domain/1/b|1", "!EACCES");
    is(2, 0, XS_WRITE, "/local/domain/1/c|1", "OK|");
    is(0, 0, XS_GET_PERMS, "/local/domain/1/c|", "n2|");
    /* Who gets the number later is no target. */
    is(0, 0, XS_RELEASE, "1|", "OK|");
    client_start(1);
    is(0, 0, XS_WRITE, "/t|1", "OK|");
    is(0, 0, XS_SET_PERMS, "/t|n1|", "OK|");
    is(2, 0, XS_READ, "/t|", "!EACCES");
    is(0, 0, XS_SET_TARGET, "0|1|", "OK|");
    is(0, 0, XS_SET_TARGET, "2|0|", "OK|");
}
END_TEST

START_TEST(test_control)
{
    const char *text;

    is(0, 0, XS_CONTROL, "", "!EINVAL");
    is(0, 0, XS_CONTROL, "nonsense|", "!EINVAL");
    is(0, 0, XS_CONTROL, "check|", "OK|");
    is(0, 0, XS_CONTROL, "check|x|", "!EINVAL");
    is(0, 0, XS_CONTROL, "print|hello|", "OK|");
    ck_assert_ptr_nonnull(strstr(fake.log, "hello"));
    is(0, 0, XS_CONTROL, "print|", "!EINVAL");
    is(0, 0, XS_CONTROL, "help|",
       "check\t\nprint\t<string>\nquota\t[set <name> <val>|<domid>]\n"
       "quota-soft\t[set <name> <val>]\nhelp\t\n|");
    is(0, 0, XS_CONTROL, "help|x|", "!EINVAL");
    text = ask(0, 0, XS_CONTROL, "quota|");
    ck_assert(
        strncmp(text, "Quota settings:\nnodes            :     1000 Nodes per domain\n", 56) == 0);
    ck_assert_ptr_nonnull(strstr(text, "permissions      :        5 "));
    ck_assert_ptr_nonnull(strstr(ask(0, 0, XS_CONTROL, "quota-soft|"), "2097152"));
    is(0, 0, XS_CONTROL, "quota|set|nodes|7|", "OK|");
    ck_assert_ptr_nonnull(strstr(ask(0, 0, XS_CONTROL, "quota|"), "nodes            :        7"));
    is(0, 0, XS_CONTROL, "quota|set|nodes|0|", "!EINVAL");
    is(0, 0, XS_CONTROL, "quota|set|nope|1|", "!EINVAL");
    is(0, 0, XS_CONTROL, "quota|set|nodes|", "!EINVAL");
    is(0, 0, XS_CONTROL, "quota|set|nodes|1|2|3|", "!EINVAL");
    is(0, 0, XS_CONTROL, "quota-soft|set|memory|70|", "OK|");
    is(0, 0, XS_CONTROL, "quota-soft|1|", "!EINVAL");
    is(0, 0, XS_CONTROL, "quota|1|2|", "!EINVAL");
    is(0, 0, XS_CONTROL, "quota|9|", "!ENOENT");
    text = ask(0, 0, XS_CONTROL, "quota|1|");
    ck_assert(strncmp(text, "Domain 1:\nnodes           :        1\nwatches", 44) == 0);
    ck_assert(strncmp(ask(0, 0, XS_CONTROL, "quota|0|"), "Domain 0:", 9) == 0);
}
END_TEST

START_TEST(test_end_of_domain)
{
    is(0, 0, XS_WRITE, "/mine|0", "OK|");
    is(0, 0, XS_SET_PERMS, "/mine|n0|w1|", "OK|");
    is(1, 0, XS_WRITE, "/mine/hers/deep|1", "OK|");
    is(0, 0, XS_WRITE, "/mine/hers/deep/his|1", "OK|");
    is(0, 0, XS_SET_PERMS, "/mine/hers/deep/his|n2|", "OK|");
    is(0, 0, XS_MKDIR, "/mine/other|", "OK|");
    is(0, 0, XS_WATCH, "/mine|m|", "OK|");
    is(0, 0, XS_WATCH, "@releaseDomain|r|", "OK|");
    events_are(0, "/mine|m|@releaseDomain|r|");
    is(0, 0, XS_RELEASE, "1|", "OK|");
    events_are(0, "/mine/hers|m|@releaseDomain|r|");
    is(0, 0, XS_DIRECTORY, "/mine|", "other|");
    is(0, 0, XS_DIRECTORY, "/local/domain|", "2|");
    ck_assert(!fake.domains[1].mapped && !fake.domains[1].bound);
    /* / can have another owner, but stays. */
    is(0, 0, XS_SET_PERMS, "/|r2|", "OK|");
    is(0, 0, XS_RELEASE, "2|", "OK|");
    is(0, 0, XS_GET_PERMS, "/|", "r0|");
    is(0, 0, XS_CONTROL, "check|", "OK|");
}
END_TEST

START_TEST(test_states)
{
    is(0, 0, XS_WATCH, "@releaseDomain|r|", "OK|");
    events_are(0, "@releaseDomain|r|");
    xenstore_domains_changed(store);
    events_are(0, "");
    fake.domains[1].state = XENSTORE_DOMAIN_SHUTDOWN;
    xenstore_domains_changed(store);
    events_are(0, "@releaseDomain|r|");
    xenstore_domains_changed(store);
    events_are(0, "");
    /* Told once, and after a resumption again. */
    is(0, 0, XS_RESUME, "1|", "OK|");
    xenstore_domains_changed(store);
    events_are(0, "@releaseDomain|r|");
    is(1, 0, XS_WRITE, "last|1", "OK|");
    fake.domains[1].state = XENSTORE_DOMAIN_DYING;
    xenstore_domains_changed(store);
    events_are(0, "@releaseDomain|r|");
    is(0, 0, XS_IS_DOMAIN_INTRODUCED, "1|", "F|");
    is(0, 0, XS_READ, "/local/domain/1/last|", "!ENOENT");
    fake.domains[2].state = XENSTORE_DOMAIN_NONE;
    xenstore_domains_changed(store);
    events_are(0, "@releaseDomain|r|");
    /* Known as an owner only: what it has goes with it, without a word. */
    fake.domains[4].state = XENSTORE_DOMAIN_SHUTDOWN;
    is(0, 0, XS_WRITE, "/x/y|1", "OK|");
    is(0, 0, XS_SET_PERMS, "/x|n4|", "OK|");
    xenstore_domains_changed(store);
    is(0, 0, XS_READ, "/x/y|", "1");
    fake.domains[4].state = XENSTORE_DOMAIN_DYING;
    xenstore_domains_changed(store);
    is(0, 0, XS_READ, "/x/y|", "1");
    fake.domains[4].state = XENSTORE_DOMAIN_NONE;
    xenstore_domains_changed(store);
    is(0, 0, XS_READ, "/x|", "!ENOENT");
    events_are(0, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("xenstore");
    TCase *tc = tcase_create("requests");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tc, start, store_stop);
    tcase_add_test(tc, test_read_write);
    tcase_add_test(tc, test_paths);
    tcase_add_test(tc, test_directory);
    tcase_add_test(tc, test_directory_part);
    tcase_add_test(tc, test_rm);
    tcase_add_test(tc, test_permissions);
    tcase_add_test(tc, test_set_perms_errors);
    tcase_add_test(tc, test_special_permissions);
    tcase_add_test(tc, test_stale_permissions);
    tcase_add_test(tc, test_domain_requests);
    tcase_add_test(tc, test_privileged);
    tcase_add_test(tc, test_unknown);
    tcase_add_test(tc, test_target);
    tcase_add_test(tc, test_control);
    tcase_add_test(tc, test_end_of_domain);
    tcase_add_test(tc, test_states);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
