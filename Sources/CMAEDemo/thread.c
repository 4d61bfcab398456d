#include "mae_demo.h"

#include "generated/thread.h"

const void *mae_demo_thread(size_t *size) {
    *size = THREAD_ARCHIVE_SIZE;
    return thread_archive;
}
