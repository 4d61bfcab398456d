#include "allocation_counting.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>

static atomic_bool is_counting;
static atomic_size_t allocations;

void allocation_counting_start(void) {
    atomic_store(&allocations, 0);
    atomic_store(&is_counting, true);
}

size_t allocation_counting_stop(void) {
    atomic_store(&is_counting, false);
    return atomic_load(&allocations);
}

/* ThreadSanitizer brings functions of its own for these, and nothing is counted under it. */
#if !__has_feature(thread_sanitizer)

/* glibc's own names for what is defined below. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static void count_allocation(void) {
    if (atomic_load_explicit(&is_counting, memory_order_relaxed)) atomic_fetch_add(&allocations, 1);
}

void *malloc(size_t size) {
    count_allocation();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    count_allocation();
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
    count_allocation();
    return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
    count_allocation();
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count_allocation();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    count_allocation();
    void *result = __libc_memalign(alignment, size);
    if (!result) return ENOMEM;
    *memory = result;
    return 0;
}

#endif
