#define _GNU_SOURCE
#include "mae_files.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Records are used again and never freed, so that the handler can go through them at any time. */
struct mae_mapping {
    /* 0 while the record is vacant. */
    _Atomic(uintptr_t) start;
    _Atomic(uintptr_t) end;
    atomic_bool lost;
    struct mae_mapping *next;
};

static _Atomic(struct mae_mapping *) first;
static pthread_mutex_t writing = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t installing = PTHREAD_ONCE_INIT;
static struct sigaction previous;
static uintptr_t page_size;

/* A read faulted: puts zeros in place of the rest of the mapping and lets the read go on.
   Takes no lock, allocates nothing, and calls only what are plain system calls. A fault elsewhere is as if there were no handler. */
static void on_bus_error(int signal, siginfo_t *information, void *context) {
    (void)context;
    int error = errno;
    uintptr_t address = (uintptr_t)information->si_addr;
    bool is_fault = information->si_code > 0;
    for (struct mae_mapping *mapping = atomic_load(&first); is_fault && mapping; mapping = mapping->next) {
        uintptr_t start = atomic_load(&mapping->start);
        uintptr_t end = atomic_load(&mapping->end);
        /* The record may have been given to another mapping in between: its end is stored before its start. */
        if (atomic_load(&mapping->start) != start) continue;
        if (start == 0 || address < start || address >= end) continue;
        uintptr_t page = address & ~(page_size - 1);
        atomic_store(&mapping->lost, true);
        void *zeros = mmap((void *)page, end - page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        if (zeros == MAP_FAILED) break;
        errno = error;
        return;
    }
    sigaction(SIGBUS, &previous, NULL);
    /* A fault happens again by itself; what another process sent does not. */
    if (!is_fault) raise(signal);
    errno = error;
}

static void install(void) {
    page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
    struct sigaction action = {.sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous);
}

mae_mapping *mae_watch_mapping(const void *start, size_t size) {
    pthread_once(&installing, install);
    pthread_mutex_lock(&writing);
    struct mae_mapping *mapping = atomic_load(&first);
    while (mapping && atomic_load(&mapping->start) != 0) mapping = mapping->next;
    bool is_new = !mapping;
    if (is_new) mapping = calloc(1, sizeof *mapping);
    if (mapping) {
        uintptr_t address = (uintptr_t)start;
        atomic_store(&mapping->lost, false);
        atomic_store(&mapping->end, (address + size + page_size - 1) & ~(page_size - 1));
        atomic_store(&mapping->start, address);
        if (is_new) {
            mapping->next = atomic_load(&first);
            atomic_store(&first, mapping);
        }
    }
    pthread_mutex_unlock(&writing);
    return mapping;
}

bool mae_mapping_is_lost(const mae_mapping *mapping) { return atomic_load(&mapping->lost); }

void mae_unwatch_mapping(mae_mapping *mapping) {
    pthread_mutex_lock(&writing);
    atomic_store(&mapping->start, 0);
    pthread_mutex_unlock(&writing);
}
