import MAEFiles

extension LockedFile {
    /// A file of the cache under a lock; nil when another process holds it or there is no such file.
    static func ofCache(_ path: String, _ sharing: Sharing, for access: Access) throws(ContentError) -> LockedFile? {
        do { return try LockedFile(path, sharing, for: access, mode: 0o600) } catch {
            throw ContentError(.unwritable, error, "cannot be locked in the cache")
        }
    }

    /// A file of the cache under a lock that was waited for.
    static func ofCache(waitingFor path: String) throws(ContentError) -> LockedFile {
        do { return try LockedFile(waitingFor: path, mode: 0o600) } catch {
            throw ContentError(.unwritable, error, "cannot be locked in the cache")
        }
    }
}
