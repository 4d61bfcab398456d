import Glibc

/// How many files and connections this process may have open at once.
public enum DescriptorLimit {
    /// Raises the limit to the most that the process may give itself.
    ///
    /// Usual is 1024, for the sake of old programs that use select(2), while a connection to each of a thousand workers takes
    /// more. Where it cannot be raised it stays, and what does not fit fails with a sentence that names `ulimit -n`.
    public static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max
        else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
