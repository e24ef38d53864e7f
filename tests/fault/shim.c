// LD_PRELOAD: a wall clock that jumps, and a disk that is slow. The file $USHER_SHIM holds two numbers of 64 bits, which may
// change while the process runs: by how many nanoseconds CLOCK_REALTIME is ahead, and how many microseconds longer each
// sync takes. Other clocks are left alone.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const int64_t nothing[2];
static const volatile int64_t *said = nothing;
static int (*real_clock)(clockid_t, struct timespec *);
static int (*real_fsync)(int), (*real_fdatasync)(int);

__attribute__((constructor)) static void begin(void) {
  real_clock = dlsym(RTLD_NEXT, "clock_gettime");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  const char *name = getenv("USHER_SHIM");
  int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0)
    return;
  void *mapped = mmap(0, sizeof nothing, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  if (mapped != MAP_FAILED)
    said = mapped;
}

int clock_gettime(clockid_t which, struct timespec *now) {
  if (!real_clock)
    begin();
  int failed = real_clock(which, now);
  if (failed || (which != CLOCK_REALTIME && which != CLOCK_REALTIME_COARSE))
    return failed;
  const int64_t all = now->tv_sec * INT64_C(1000000000) + now->tv_nsec + said[0];
  now->tv_sec = all / 1000000000;
  now->tv_nsec = all % 1000000000;
  return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec fine;
  clock_gettime(CLOCK_REALTIME, &fine);
  now->tv_sec = fine.tv_sec;
  now->tv_usec = fine.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out) {
  struct timespec fine;
  clock_gettime(CLOCK_REALTIME, &fine);
  if (out)
    *out = fine.tv_sec;
  return fine.tv_sec;
}

static int slowly(int result) {
  const struct timespec nap = {said[1] / 1000000, said[1] % 1000000 * 1000};
  if (said[1] > 0)
    nanosleep(&nap, 0);
  return result;
}

int fsync(int file) { return slowly(real_fsync(file)); }
int fdatasync(int file) { return slowly(real_fdatasync(file)); }
