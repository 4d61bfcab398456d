import Glibc

/// The right to write to a store, held by one process at a time.
///
/// It is an advisory lock of the kernel on `mae.lock`, so it ends with the process, however that ends.
final class StoreLock: Sendable {
    private let descriptor: Int32

    init(directory: String) throws {
        let path = directory + "/mae.lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Folders.failure(path, errno, "the store cannot be locked") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let holder = Self.holder(descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else { throw Folders.failure(path, code, "the store cannot be locked") }
            throw StoreError(
                .inUse, path: directory,
                "another mae-coord\(holder) is using this store: wait for it, or give this run a --store of its own")
        }
        // For the message above only; the lock does not depend on it.
        let text = Array("\(getpid())\n".utf8)
        ftruncate(descriptor, 0)
        _ = pwrite(descriptor, text, text.count, 0)
    }

    deinit { close(descriptor) }

    private static func holder(_ descriptor: Int32) -> String {
        var buffer = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return "" }
        let number = String(decoding: buffer.prefix(count).prefix { $0 != 10 }, as: UTF8.self)
        return Int(number).map { " (process \($0))" } ?? ""
    }
}
