import Glibc

/// Programs that were installed together with this one.
enum OwnProgram {
    /// The program `name` in the folder of the running one.
    ///
    /// - Throws: ``LocalWorkerError`` when it is not there.
    static func path(_ name: String) throws(LocalWorkerError) -> String {
        guard let resolved = realpath("/proc/self/exe", nil) else {
            throw LocalWorkerError(
                "/proc/self/exe", "does not lead to this program, so \(name) is not found: is /proc mounted?")
        }
        defer { free(resolved) }
        let own = String(cString: resolved)
        let folder = own.prefix(upTo: own.lastIndex(of: "/") ?? own.startIndex)
        let path = folder + "/" + name
        guard access(path, X_OK) == 0 else {
            throw LocalWorkerError(
                path,
                "is not there, or may not be run: --local starts the \(name) next to mae-coord; put it there, or start "
                    + "workers yourself and leave --local out")
        }
        return path
    }
}
