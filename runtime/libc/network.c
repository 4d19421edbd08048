/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Sockets: not yet. ENOSYS is what base shows as an unsupported operation. A call on a descriptor
 * that is none of a socket says so.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <stddef.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "libc/descriptor.h"

static int no_socket(int fd) { return errno_result(descriptor_file(fd) ? -ENOTSOCK : -EBADF); }

int socket(int domain, int type, int protocol)
{
    (void)domain, (void)type, (void)protocol;
    return errno_result(-ENOSYS);
}

int socketpair(int domain, int type, int protocol, int fds[2])
{
    (void)domain, (void)type, (void)protocol, (void)fds;
    return errno_result(-ENOSYS);
}

int bind(int fd, const struct sockaddr *a, socklen_t n)
{
    (void)a, (void)n;
    return no_socket(fd);
}
int connect(int fd, const struct sockaddr *a, socklen_t n)
{
    (void)a, (void)n;
    return no_socket(fd);
}
int listen(int fd, int backlog)
{
    (void)backlog;
    return no_socket(fd);
}
int accept(int fd, struct sockaddr *restrict a, socklen_t *restrict n)
{
    (void)a, (void)n;
    return no_socket(fd);
}
int accept4(int fd, struct sockaddr *restrict a, socklen_t *restrict n, int flags)
{
    (void)a, (void)n, (void)flags;
    return no_socket(fd);
}
int shutdown(int fd, int how)
{
    (void)how;
    return no_socket(fd);
}
int getsockname(int fd, struct sockaddr *restrict a, socklen_t *restrict n)
{
    (void)a, (void)n;
    return no_socket(fd);
}
int getpeername(int fd, struct sockaddr *restrict a, socklen_t *restrict n)
{
    (void)a, (void)n;
    return no_socket(fd);
}
int getsockopt(int fd, int level, int name, void *restrict value, socklen_t *restrict n)
{
    (void)level, (void)name, (void)value, (void)n;
    return no_socket(fd);
}
int setsockopt(int fd, int level, int name, const void *value, socklen_t n)
{
    (void)level, (void)name, (void)value, (void)n;
    return no_socket(fd);
}
ssize_t send(int fd, const void *buf, size_t len, int flags)
{
    (void)buf, (void)len, (void)flags;
    return no_socket(fd);
}
ssize_t sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *a,
               socklen_t n)
{
    (void)buf, (void)len, (void)flags, (void)a, (void)n;
    return no_socket(fd);
}
ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
    (void)m, (void)flags;
    return no_socket(fd);
}
ssize_t recv(int fd, void *buf, size_t len, int flags)
{
    (void)buf, (void)len, (void)flags;
    return no_socket(fd);
}
ssize_t recvfrom(int fd, void *restrict buf, size_t len, int flags, struct sockaddr *restrict a,
                 socklen_t *restrict n)
{
    (void)buf, (void)len, (void)flags, (void)a, (void)n;
    return no_socket(fd);
}
ssize_t recvmsg(int fd, struct msghdr *m, int flags)
{
    (void)m, (void)flags;
    return no_socket(fd);
}

ssize_t sendfile(int out, int in, off_t *offset, size_t len)
{
    (void)offset, (void)len;
    return errno_result(descriptor_file(out) && descriptor_file(in) ? -EINVAL : -EBADF);
}

int getaddrinfo(const char *restrict node, const char *restrict service,
                const struct addrinfo *restrict hints, struct addrinfo **restrict result)
{
    (void)node, (void)service, (void)hints, (void)result;
    errno = ENOSYS;
    return EAI_SYSTEM;
}

void freeaddrinfo(struct addrinfo *list) { (void)list; }

int getnameinfo(const struct sockaddr *restrict a, socklen_t n, char *restrict node,
                socklen_t node_len, char *restrict service, socklen_t service_len, int flags)
{
    (void)a, (void)n, (void)node, (void)node_len, (void)service, (void)service_len, (void)flags;
    errno = ENOSYS;
    return EAI_SYSTEM;
}

static int host_error;
int *__h_errno_location(void) { return &host_error; }

struct hostent *gethostbyname(const char *host)
{
    (void)host;
    host_error = NO_RECOVERY;
    return NULL;
}
struct hostent *gethostbyaddr(const void *a, socklen_t n, int type)
{
    (void)a, (void)n, (void)type;
    host_error = NO_RECOVERY;
    return NULL;
}

int getifaddrs(struct ifaddrs **list)
{
    (void)list;
    return errno_result(-ENOSYS);
}
void freeifaddrs(struct ifaddrs *list) { (void)list; }
unsigned if_nametoindex(const char *name)
{
    (void)name;
    return errno_result(-ENODEV), 0;
}
char *if_indextoname(unsigned i, char *name)
{
    (void)i, (void)name;
    return errno_result(-ENXIO), NULL;
}

#undef sendfile64
ssize_t sendfile64(int, int, off_t *, size_t) __attribute__((alias("sendfile")));
