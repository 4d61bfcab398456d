import Glibc
import MAEFiles

/// The right to write to a store, held by one process at a time.
///
/// It is an advisory lock of the kernel on `mae.lock`, so it ends with the process, however that ends.
final class StoreLock: Sendable {
    private let file: LockedFile

    init(directory: String) throws(StoreError) {
        let path = directory + "/mae.lock"
        do throws(FileError) {
            guard let file = try LockedFile(path, .exclusive, for: .writing, mode: 0o666) else {
                throw FileError(path, .system(EWOULDBLOCK))
            }
            self.file = file
            // For the message below only; the lock does not depend on it.
            let text = Array("\(getpid())\n".utf8)
            try file.resize(0)
            try text.span.bytes.withUnsafeBytes { bytes throws(FileError) in try file.write(bytes, at: 0) }
        } catch {
            guard error.problem == .system(EWOULDBLOCK) else { throw StoreError(error, "the store cannot be locked") }
            throw StoreError(
                .inUse, path: directory,
                "another mae-coord\(Self.holder(path)) is using this store: wait for it, or give this run a --store of "
                    + "its own")
        }
    }

    private static func holder(_ path: String) -> String {
        guard let bytes = try? RegularFile(path, followsLink: false).bytes(limit: 20) else { return "" }
        return Int(String(decoding: bytes.prefix { $0 != 10 }, as: UTF8.self)).map { " (process \($0))" } ?? ""
    }
}
