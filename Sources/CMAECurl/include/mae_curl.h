/* The few functions of libcurl that we call, found at run time: a machine without it runs everything but pings.
 * libcurl's options are variadic, which Swift cannot call; here they have types. */
#ifndef MAE_CURL_H
#define MAE_CURL_H

#include <stdbool.h>
#include <stddef.h>

/* Loads the library of this name, for the life of the process; false where it, or one of its functions, is not there.
 * To be called before there are other threads. */
bool mae_curl_load(const char *_Nonnull library);

/* Posts `size` bytes of text to `url` over http or https, follows no redirection, and drops what the server answers but its
 * status. Returns nil when there was an answer, else what went wrong, without the URL. mae_curl_load was successful before. */
const char *_Nullable mae_curl_post(
    const char *_Nonnull url, const char *_Nonnull text, size_t size, long timeout_milliseconds, long *_Nonnull status);

#endif
