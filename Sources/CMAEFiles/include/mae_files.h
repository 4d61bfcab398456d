/* Mapped files that are cut short: a fault of the memory becomes something that can be asked for. */
#ifndef MAE_FILES_H
#define MAE_FILES_H

#include <stdbool.h>
#include <stddef.h>

#pragma clang assume_nonnull begin

/* A mapping that is watched. */
typedef struct mae_mapping mae_mapping;

/* Watches the mapping of `size` bytes at `start`, which begins on a page: where the file has no bytes, or the disk gives none, zeros
   are read from then on. NULL when memory is short. */
mae_mapping *_Nullable mae_watch_mapping(const void *start, size_t size);

/* Whether zeros were read in place of bytes of the file. May be asked on any thread. */
bool mae_mapping_is_lost(const mae_mapping *mapping);

/* Ends the watching: before the mapping itself ends, when no thread reads it any more. */
void mae_unwatch_mapping(mae_mapping *mapping);

#pragma clang assume_nonnull end

#endif
