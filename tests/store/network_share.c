// What some network shares lack, for tests (LD_PRELOAD): files under NO_LOCKS cannot be locked (fcntl and flock answer
// LOCK_ERRNO, 37 unless set); files under NO_SHARED_MEMORY cannot be mapped.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int lies_under(int fd, const char *variable) {
    char link[64], path[4096];
    const char *folder = getenv(variable);
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = folder && *folder ? readlink(link, path, sizeof path - 1) : -1;
    if (length < 0) return 0;
    path[length] = 0;
    return strstr(path, folder) != NULL;
}

static int refuse_lock(void) {
    const char *given = getenv("LOCK_ERRNO");
    errno = given ? atoi(given) : ENOLCK;
    return -1;
}

#define FCNTL(name)                                                                                      \
    int name(int fd, int command, ...) {                                                                 \
        va_list rest;                                                                                    \
        va_start(rest, command);                                                                         \
        void *argument = va_arg(rest, void *);                                                           \
        va_end(rest);                                                                                    \
        int locks = command == F_SETLK || command == F_SETLKW || command == F_GETLK || command == F_OFD_SETLK; \
        if (locks && lies_under(fd, "NO_LOCKS")) return refuse_lock();                                   \
        static int (*real)(int, int, ...);                                                               \
        if (!real) real = dlsym(RTLD_NEXT, #name);                                                       \
        return real(fd, command, argument);                                                              \
    }
FCNTL(fcntl)
FCNTL(fcntl64)

int flock(int fd, int operation) {
    if (lies_under(fd, "NO_LOCKS") && !getenv("FLOCK_WORKS")) return refuse_lock();
    static int (*real)(int, int);
    if (!real) real = dlsym(RTLD_NEXT, "flock");
    return real(fd, operation);
}

#define MMAP(name, offset_type)                                                                          \
    void *name(void *place, size_t length, int protection, int flags, int fd, offset_type offset) {      \
        if (fd >= 0 && lies_under(fd, "NO_SHARED_MEMORY")) {                                             \
            errno = ENODEV;                                                                              \
            return MAP_FAILED;                                                                           \
        }                                                                                                \
        static void *(*real)(void *, size_t, int, int, int, offset_type);                                \
        if (!real) real = dlsym(RTLD_NEXT, #name);                                                       \
        return real(place, length, protection, flags, fd, offset);                                       \
    }
MMAP(mmap, off_t)
MMAP(mmap64, off64_t)
