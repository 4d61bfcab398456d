#define _GNU_SOURCE
#include "mae_threads.h"

bool mae_get_affinity(cpu_set_t *set) {
    return sched_getaffinity(0, sizeof *set, set) == 0;
}

bool mae_set_affinity(pthread_t thread, const cpu_set_t *set) {
    return pthread_setaffinity_np(thread, sizeof *set, set) == 0;
}

void mae_name_thread(const char *name) {
    // Fails for longer names only.
    (void)pthread_setname_np(pthread_self(), name);
}
