import Glibc

/// How many files this process may have open at once.
public enum OpenFiles {
    /// What a process needs besides: its store, sockets and reports.
    private static let reserve = 64

    /// Sees to it that `count` files more may be open, where need be by raising the limit as far as this user may.
    ///
    /// - Returns: nil when they may, and else the limit that there would have to be, and the one that there is.
    public static func makeRoom(for count: Int) -> (needed: Int, limit: Int)? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
        let needed = openCount + count + reserve
        if needed <= Int(clamping: limit.rlim_cur) { return nil }
        guard needed <= Int(clamping: limit.rlim_max) else { return (needed, Int(clamping: limit.rlim_max)) }
        limit.rlim_cur = rlim_t(needed)
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            return (needed, Int(clamping: limit.rlim_cur))
        }
        return nil
    }

    /// Files that are open now; 0 where the system does not tell.
    private static var openCount: Int {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        return count
    }
}
