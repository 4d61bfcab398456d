// Functions of the C and C++ libraries in an older version than the newest of this machine, so that programs start where only that is.
//
// Debian 12 has glibc 2.36 and the C++ library of GCC 12. But for these, programs need glibc 2.34 and the library of GCC 11, which RHEL 9
// has. Both versions are in the libraries of Debian 12. hypot differs in rounding and errno, and nothing that is compared comes of it;
// wait differs in a declaration.
//
// cluster/link-static gives the linker `--wrap=NAME` for each __wrap_NAME in here. Compile it with -fexceptions: waiting may throw.

#if defined(__x86_64__)

#define OLDER(version, result, name, parameters, arguments)                \
    __asm__(".symver older_" #name ", " #name "@" version);                \
    extern result older_##name parameters;                                 \
    result __wrap_##name parameters;                                       \
    result __wrap_##name parameters { return older_##name arguments; }

OLDER("GLIBC_2.2.5", double, hypot, (double x, double y), (x, y))
OLDER("GLIBC_2.2.5", float, hypotf, (float x, float y), (x, y))

// std::condition_variable::wait(std::unique_lock<std::mutex> &)
OLDER("GLIBCXX_3.4.11", void, _ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE, (void *self, void *lock), (self, lock))

#endif
