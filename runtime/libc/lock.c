/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Threads and locks of C: there is one thread, so a lock that is taken stays taken, and waiting
 * for it would be for ever. Objects have glibc's layout where its headers initialise them: for
 * a mutex the count at byte 4 and the kind at byte 16.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/clock.h"
#include "core/domain.h"
#include "core/event.h"
#include "libc/descriptor.h"
#include "libc/wait.h"

/* musl's internal locks. */
void __lock(volatile int *l) { (void)l; }
void __unlock(volatile int *l) { (void)l; }

struct mutex {
    int lock;
    unsigned count;
    int owner;
    unsigned users;
    int kind;
};

static struct mutex *mutex_of(pthread_mutex_t *m) { return (struct mutex *)m; }

int pthread_mutex_init(pthread_mutex_t *restrict m, const pthread_mutexattr_t *restrict attr)
{
    memset(m, 0, sizeof *m);
    mutex_of(m)->kind = attr ? *(const int *)attr & 3 : PTHREAD_MUTEX_NORMAL;
    return 0;
}

int pthread_mutex_destroy(pthread_mutex_t *m)
{
    (void)m;
    return 0;
}

int pthread_mutex_trylock(pthread_mutex_t *mutex)
{
    struct mutex *m = mutex_of(mutex);

    if (m->count && (m->kind & 3) != PTHREAD_MUTEX_RECURSIVE)
        return EBUSY;
    m->count++;
    return 0;
}

int pthread_mutex_lock(pthread_mutex_t *m)
{
    if (!pthread_mutex_trylock(m))
        return 0;
    if ((mutex_of(m)->kind & 3) == PTHREAD_MUTEX_ERRORCHECK)
        return EDEADLK;
    domain_panic("pthread_mutex_lock: the mutex at %p is held, and there is no other thread",
                 (void *)m);
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict m, const struct timespec *restrict until)
{
    (void)until;
    return pthread_mutex_trylock(m) ? ETIMEDOUT : 0;
}

int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
    struct mutex *m = mutex_of(mutex);

    if (!m->count)
        return (m->kind & 3) == PTHREAD_MUTEX_NORMAL ? 0 : EPERM;
    m->count--;
    return 0;
}

int pthread_mutexattr_init(pthread_mutexattr_t *a)
{
    memset(a, 0, sizeof *a);
    return 0;
}

int pthread_mutexattr_destroy(pthread_mutexattr_t *a)
{
    (void)a;
    return 0;
}

int pthread_mutexattr_settype(pthread_mutexattr_t *a, int kind)
{
    if (kind < PTHREAD_MUTEX_NORMAL || kind > PTHREAD_MUTEX_ERRORCHECK)
        return EINVAL;
    *(int *)a = kind;
    return 0;
}

/* Read-write locks: the number of readers, or -1 for a writer, in the first word. */
static int *rwlock_of(pthread_rwlock_t *l) { return (int *)l; }

int pthread_rwlock_init(pthread_rwlock_t *restrict l, const pthread_rwlockattr_t *restrict attr)
{
    (void)attr;
    memset(l, 0, sizeof *l);
    return 0;
}

int pthread_rwlock_destroy(pthread_rwlock_t *l)
{
    (void)l;
    return 0;
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t *l)
{
    if (*rwlock_of(l) < 0)
        return EBUSY;
    ++*rwlock_of(l);
    return 0;
}

int pthread_rwlock_trywrlock(pthread_rwlock_t *l)
{
    if (*rwlock_of(l))
        return EBUSY;
    *rwlock_of(l) = -1;
    return 0;
}

int pthread_rwlock_rdlock(pthread_rwlock_t *l) { return pthread_rwlock_tryrdlock(l) ? EDEADLK : 0; }

int pthread_rwlock_wrlock(pthread_rwlock_t *l) { return pthread_rwlock_trywrlock(l) ? EDEADLK : 0; }

int pthread_rwlock_unlock(pthread_rwlock_t *l)
{
    if (*rwlock_of(l) < 0)
        *rwlock_of(l) = 0;
    else if (*rwlock_of(l) > 0)
        --*rwlock_of(l);
    return 0;
}

/* Spurious wake-ups are allowed, so waiting lets events happen and returns. */
int pthread_cond_wait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m)
{
    (void)c, (void)m;
    wait_for_event(EVENT_FOREVER);
    return 0;
}

int pthread_cond_timedwait(pthread_cond_t *restrict c, pthread_mutex_t *restrict m,
                           const struct timespec *restrict until)
{
    uint64_t end = (uint64_t)until->tv_sec * 1000000000 + (uint64_t)until->tv_nsec;
    uint64_t now = clock_wall();

    (void)c, (void)m;
    if (end > now && wait_for_event(clock_monotonic() + (end - now)))
        return 0;
    return ETIMEDOUT;
}

int pthread_cond_signal(pthread_cond_t *c)
{
    (void)c;
    return 0;
}
int pthread_cond_broadcast(pthread_cond_t *c)
{
    (void)c;
    return 0;
}
int pthread_cond_destroy(pthread_cond_t *c)
{
    (void)c;
    return 0;
}
int pthread_cond_init(pthread_cond_t *restrict c, const pthread_condattr_t *restrict attr)
{
    (void)attr;
    memset(c, 0, sizeof *c);
    return 0;
}

int pthread_once(pthread_once_t *once, void (*init)(void))
{
    if (!*once) {
        *once = 2; /* what glibc's inline test takes for "done" */
        init();
    }
    return 0;
}

/* Values by key. A key's destructor never runs: the one thread ends with the domain. */
#define KEYS 128
static struct {
    bool used;
    const void *value;
} keys[KEYS];

int pthread_key_create(pthread_key_t *key, void (*destructor)(void *))
{
    (void)destructor;
    for (unsigned i = 0; i < KEYS; i++)
        if (!keys[i].used) {
            keys[i].used = true;
            keys[i].value = NULL;
            *key = i;
            return 0;
        }
    return EAGAIN;
}

int pthread_key_delete(pthread_key_t key)
{
    if (key >= KEYS || !keys[key].used)
        return EINVAL;
    keys[key].used = false;
    return 0;
}

/* musl's header has a macro of these two names. */
#undef pthread_getspecific
void *pthread_getspecific(pthread_key_t key)
{
    return key < KEYS && keys[key].used ? (void *)keys[key].value : NULL;
}

int pthread_setspecific(pthread_key_t key, const void *value)
{
    if (key >= KEYS || !keys[key].used)
        return EINVAL;
    keys[key].value = value;
    return 0;
}

int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attr,
                   void *(*start)(void *), void *restrict arg)
{
    (void)thread, (void)attr, (void)start, (void)arg;
    return EAGAIN;
}

void pthread_exit(void *result)
{
    (void)result;
    exit(0); /* the last thread has ended */
}

pthread_t pthread_self(void) { return (pthread_t)1; }

#undef pthread_equal
int pthread_equal(pthread_t a, pthread_t b) { return a == b; }

int pthread_join(pthread_t t, void **result)
{
    (void)t, (void)result;
    return EDEADLK;
}
int pthread_detach(pthread_t t)
{
    (void)t;
    return 0;
}
int pthread_cancel(pthread_t t)
{
    (void)t;
    return ENOSYS;
}
int pthread_setcancelstate(int state, int *old)
{
    (void)state;
    if (old)
        *old = PTHREAD_CANCEL_ENABLE;
    return 0;
}
int pthread_setname_np(pthread_t t, const char *name)
{
    (void)t, (void)name;
    return 0;
}
int pthread_atfork(void (*a)(void), void (*b)(void), void (*c)(void))
{
    (void)a, (void)b, (void)c;
    return 0; /* fork never succeeds */
}

int sched_yield(void) { return 0; }
int sched_setaffinity(pid_t pid, size_t len, const cpu_set_t *set)
{
    (void)pid;
    /* There is one processor to run on. */
    return errno_result(len && *(const unsigned char *)set & 1 ? 0 : -EINVAL);
}
int sched_getaffinity(pid_t pid, size_t len, cpu_set_t *set)
{
    (void)pid;
    memset(set, 0, len);
    if (len)
        *(unsigned char *)set = 1;
    return 0;
}

int sem_init(sem_t *s, int shared, unsigned value)
{
    (void)shared;
    *(unsigned *)s = value;
    return 0;
}
int sem_destroy(sem_t *s)
{
    (void)s;
    return 0;
}
int sem_post(sem_t *s)
{
    ++*(unsigned *)s;
    return 0;
}
int sem_trywait(sem_t *s)
{
    if (!*(unsigned *)s)
        return errno_result(-EAGAIN);
    --*(unsigned *)s;
    return 0;
}
int sem_wait(sem_t *s) { return sem_trywait(s) ? errno_result(-EDEADLK) : 0; }
int sem_getvalue(sem_t *restrict s, int *restrict value)
{
    *value = *(unsigned *)s;
    return 0;
}
sem_t *sem_open(const char *name, int flags, ...)
{
    (void)name, (void)flags;
    return errno_result(-ENOSYS), SEM_FAILED;
}
int sem_close(sem_t *s)
{
    (void)s;
    return errno_result(-EINVAL);
}
int sem_unlink(const char *name)
{
    (void)name;
    return errno_result(-ENOSYS);
}
