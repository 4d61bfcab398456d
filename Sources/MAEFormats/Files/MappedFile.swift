import Glibc
import MAETensor
import SystemPackage

/// A regular file seen as memory: opened read-only, mapped whole, unmapped when the last user of ``storage`` goes.
///
/// Pages are read when they are first touched, so opening takes the same time whatever the size. The file must not be
/// truncated while it is mapped: touching a page past the new end kills the process (`SIGBUS`). Replacing it by a rename,
/// as every writer here does, is safe.
public final class MappedFile: Sendable {
    /// The path the file was opened by.
    public let path: String
    /// The bytes of the file, which live as long as this storage does; tensors may view into it.
    public let storage: TensorStorage

    /// Opens and maps the file at `path`.
    ///
    /// Throws ``CheckpointError/Code/unreadableFile`` when it is missing, may not be read, or is not a regular file. A
    /// file of no bytes is legal here.
    public init(path: String) throws(CheckpointError) {
        self.path = path
        do {
            // Without O_NONBLOCK, opening a named pipe would wait for a writer.
            let file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec, .nonBlocking])
            // Closing a descriptor that was only read from loses nothing, and the mapping outlives it.
            defer { try? file.close() }
            let mapping = try Mapping(of: file)
            storage = TensorStorage(borrowing: mapping.bytes, from: mapping)
        } catch let error as Errno {
            if error == .noSuchFileOrDirectory, let link = DanglingLink(onTheWayTo: path) {
                throw link.error(reading: path)
            }
            throw CheckpointError(
                .unreadableFile, path: path, "cannot be read: \(error). \(Self.remedy(for: error, path))")
        } catch {
            throw CheckpointError(.unreadableFile, path: path, "cannot be read: \(error)")
        }
    }

    /// All bytes of the file, read with bounds checks.
    package var contents: ByteView { ByteView(storage) }

    /// Calls `body` with all bytes of the file; the pointer is valid only inside the call.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(storage) {} }
        return try body(storage.bytes)
    }

    /// Size of the file in bytes, when it was opened.
    public var size: Int { storage.bytes.count }

    private static func remedy(for error: Errno, _ path: String) -> String {
        switch error {
        case .noSuchFileOrDirectory: MissingFile.remedy(for: path)
        case .permissionDenied: "Give this user the right to read it."
        case .isDirectory: "Name a file inside it, or load it as a hub directory."
        case .invalidArgument: "Name a regular file: pipes, sockets and devices cannot be mapped."
        default: "Check the file system it lies on."
        }
    }
}

/// One memory mapping and its end.
private final class Mapping: RereadableBytes, @unchecked Sendable {
    // Sendable: `bytes` is set once, mapped read-only, and unmapped only when nobody refers to the mapping any more.
    let bytes: UnsafeRawBufferPointer

    init(of file: FileDescriptor) throws {
        var status = stat()
        guard fstat(file.rawValue, &status) == 0 else { throw Errno(rawValue: errno) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw Errno.isDirectory
        default: throw Errno.invalidArgument
        }
        guard status.st_size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        let size = Int(status.st_size)
        guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, file.rawValue, 0), address != MAP_FAILED else {
            throw Errno(rawValue: errno)
        }
        bytes = UnsafeRawBufferPointer(start: address, count: size)
    }

    /// Takes the pages out of this process; they stay in the system's cache of the file.
    func relinquish(_ part: UnsafeRawBufferPointer) {
        guard let first = part.baseAddress, !part.isEmpty else { return }
        // Whole pages, those included that are shared with what lies beside: nobody writes to them, so nothing is lost.
        let page = sysconf(Int32(_SC_PAGESIZE))
        let start = Int(bitPattern: first) / page * page
        let count = Int(bitPattern: first) + part.count - start
        // Advice: where it is refused, the pages only stay.
        _ = madvise(UnsafeMutableRawPointer(bitPattern: start), count, MADV_DONTNEED)
    }

    deinit {
        if let address = bytes.baseAddress {
            let result = munmap(UnsafeMutableRawPointer(mutating: address), bytes.count)
            precondition(result == 0, "a mapping of our own can be unmapped")
        }
    }
}
