/* The files of the forum thread, as PyTorch saved them for a tiny model. Tests/Reference/make_thread.py wrote them. */
#ifndef MAE_DEMO_H
#define MAE_DEMO_H

#include <stddef.h>

/* The zip archive with the files; `size` gets its number of bytes. */
const void *_Nonnull mae_demo_thread(size_t *_Nonnull size);

#endif
