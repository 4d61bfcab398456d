/* What the C library and the compiler offer to threads, and Swift's Glibc module leaves out. */
#ifndef MAE_THREADS_H
#define MAE_THREADS_H

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

#pragma clang assume_nonnull begin

/* Tells the processor that this is a waiting loop: it gives way to the other thread of its core and saves power. */
static inline void mae_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}

/* The processors that the calling thread may run on; false on a machine with more of them than the set holds. */
bool mae_get_affinity(cpu_set_t *set);

/* Lets a thread run on the processors of `set` only; false when the system does not allow it. */
bool mae_set_affinity(pthread_t thread, const cpu_set_t *set);

/* Gives the calling thread a name of at most 15 bytes, which /proc and debuggers show. */
void mae_name_thread(const char *name);

#pragma clang assume_nonnull end

#endif
