/* Between the program and the C library, for tests: calls that do less than they are asked for, and clocks that jump.
   FAULTS_SHORT=1: read and write of files take at most a few bytes, and are interrupted in between.
   FAULTS_WALL=N: each look at the wall clock is N seconds further off than the last, in turns before and behind.
   FAULTS_UPTIME=N: each look at another clock is N seconds further on than the last. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static _Atomic unsigned calls;

static size_t shortened(int fd, size_t count) {
    struct stat file;
    if (getenv("FAULTS_SHORT") == NULL || count == 0 || fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) return count;
    unsigned call = ++calls;
    if (call % 5 == 0) return 0;
    size_t most = 1 + call % 13 * 7;
    return count < most ? count : most;
}

#define SHORT(name, buffer)                                                                 \
    ssize_t name(int fd, buffer bytes, size_t count) {                                      \
        static ssize_t (*real)(int, buffer, size_t);                                        \
        if (real == NULL) real = (ssize_t (*)(int, buffer, size_t))dlsym(RTLD_NEXT, #name); \
        size_t length = shortened(fd, count);                                               \
        if (length == 0 && count > 0) { errno = EINTR; return -1; }                         \
        return real(fd, bytes, length);                                                     \
    }

SHORT(read, void *)
SHORT(write, const void *)

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    static _Atomic unsigned looks;
    if (real == NULL) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(clock, time);
    const char *step = getenv(clock == CLOCK_REALTIME ? "FAULTS_WALL" : "FAULTS_UPTIME");
    if (step == NULL) return result;
    long jump = atol(step) * (long)++looks;
    time->tv_sec += clock == CLOCK_REALTIME && looks % 2 == 0 ? -jump : jump;
    return result;
}
