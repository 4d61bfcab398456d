#include "mae_curl.h"

#include <dlfcn.h>

/* Numbers of libcurl's interface, which are the same in every release of libcurl.so.4 (curl.h). */
enum {
    GLOBAL_DEFAULT = 3,
    URL = 10002,
    POST_FIELDS = 10015,
    USER_AGENT = 10018,
    HTTP_HEADER = 10023,
    FOLLOW_LOCATION = 52,
    POST_FIELD_SIZE = 60,
    NO_SIGNAL = 99,
    TIMEOUT_MS = 155,
    PROTOCOLS = 181,
    WRITE_FUNCTION = 20011,
    RESPONSE_CODE = 0x200002,
};
enum { HTTP = 1, HTTPS = 2 };

static struct {
    int (*global_init)(long);
    void *(*init)(void);
    int (*setopt)(void *, int, ...);
    int (*perform)(void *);
    int (*getinfo)(void *, int, ...);
    void (*cleanup)(void *);
    const char *(*strerror)(int);
    void *(*append)(void *, const char *);
    void (*free_all)(void *);
} curl;

bool mae_curl_load(const char *library) {
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return false;
#define FIND(field, name) (*(void **)&curl.field = dlsym(handle, name))
    return FIND(global_init, "curl_global_init") && FIND(init, "curl_easy_init") && FIND(setopt, "curl_easy_setopt") &&
           FIND(perform, "curl_easy_perform") && FIND(getinfo, "curl_easy_getinfo") &&
           FIND(cleanup, "curl_easy_cleanup") && FIND(strerror, "curl_easy_strerror") &&
           FIND(append, "curl_slist_append") && FIND(free_all, "curl_slist_free_all") &&
           curl.global_init(GLOBAL_DEFAULT) == 0;
#undef FIND
}

static size_t drop(char *bytes, size_t size, size_t count, void *unused) {
    (void)bytes, (void)unused;
    return size * count;
}

const char *mae_curl_post(const char *url, const char *text, size_t size, long timeout_milliseconds, long *status) {
    void *handle = curl.init();
    if (!handle) return "no memory";
    void *headers = curl.append(NULL, "Content-Type: text/plain; charset=utf-8");
    /* Else some releases wait a second for the server to say that it wants the text. */
    if (headers) curl.append(headers, "Expect:");
    int code = curl.setopt(handle, URL, url);
    /* What cannot be set must not be left out: without the limits the request would be another one. */
    if (!code) code = curl.setopt(handle, PROTOCOLS, (long)(HTTP | HTTPS));
    if (!code) code = curl.setopt(handle, FOLLOW_LOCATION, 0L);
    if (!code) code = curl.setopt(handle, NO_SIGNAL, 1L);
    if (!code) code = curl.setopt(handle, TIMEOUT_MS, timeout_milliseconds);
    if (!code) code = curl.setopt(handle, USER_AGENT, "mae-coord");
    if (!code) code = curl.setopt(handle, HTTP_HEADER, headers);
    if (!code) code = curl.setopt(handle, POST_FIELDS, text);
    if (!code) code = curl.setopt(handle, POST_FIELD_SIZE, (long)size);
    if (!code) code = curl.setopt(handle, WRITE_FUNCTION, drop);
    if (!code) code = curl.perform(handle);
    if (!code) code = curl.getinfo(handle, RESPONSE_CODE, status);
    curl.free_all(headers);
    curl.cleanup(handle);
    return code ? curl.strerror(code) : NULL;
}
