import CMAEFiles
import Glibc
import Synchronization

/// The bytes of an open file as memory, mapped read-only, until the last user of this object goes.
///
/// Pages are read when they are first touched, so mapping takes the same time whatever the size. Where the file is cut short
/// meanwhile, or its disk fails, zeros are read and ``isLost`` is true from then on: ask before anything that comes of the bytes
/// is used. Replacing the file by a rename changes nothing here.
public final class MappedBytes: @unchecked Sendable {
    // Sendable: `bytes` is set once, mapped read-only, and unmapped only when no reference to the mapping is left.

    /// All bytes that the file had when it was opened.
    public let bytes: UnsafeRawBufferPointer
    private let file: RegularFile
    private let watch: OpaquePointer?
    /// Whether a read of the file did not give all bytes.
    private let isShort = Atomic<Bool>(false)

    /// Maps `file` whole; one without bytes is no memory.
    ///
    /// - Throws: ``FileError``, as for more bytes than there are addresses.
    public init(_ file: RegularFile) throws(FileError) {
        self.file = file
        guard file.size > 0 else {
            (bytes, watch) = (UnsafeRawBufferPointer(start: nil, count: 0), nil)
            return
        }
        guard let address = try file.map() else { throw FileError(file.path, .system(ENOMEM)) }
        guard let watch = mae_watch_mapping(address, file.size) else {
            munmap(address, file.size)
            throw FileError(file.path, .system(ENOMEM))
        }
        bytes = UnsafeRawBufferPointer(start: address, count: file.size)
        self.watch = watch
    }

    /// Whether some of the bytes could not be read, and are zeros.
    public var isLost: Bool {
        isShort.load(ordering: .sequentiallyConsistent) || watch.map(mae_mapping_is_lost) ?? false
    }

    /// Whether some of the bytes could not be read, or the file was written to since it was opened.
    public var isChanged: Bool { isLost || file.isChanged }

    /// Takes the pages of `part`, which is of ``bytes``, out of this process; they stay in the system's cache of the file.
    public func relinquish(_ part: UnsafeRawBufferPointer) {
        guard let first = part.baseAddress, !part.isEmpty else { return }
        // Whole pages, those included that are shared with what is next to it: none is written to, so nothing is lost.
        let page = sysconf(Int32(_SC_PAGESIZE))
        let start = Int(bitPattern: first) / page * page
        let count = Int(bitPattern: first) + part.count - start
        // Advice: where it is refused, the pages only stay.
        _ = madvise(UnsafeMutableRawPointer(bitPattern: start), count, MADV_DONTNEED)
    }

    /// Reads `part`, which is of ``bytes``, from the file to the start of `buffer`, which is as long or longer; no page of the
    /// mapping is taken into this process for it.
    ///
    /// Where the file is cut short meanwhile, or its disk fails, zeros are read and ``isLost`` is true from then on.
    public func copy(_ part: UnsafeRawBufferPointer, to buffer: UnsafeMutableRawBufferPointer) {
        guard let first = part.baseAddress, let start = bytes.baseAddress, !part.isEmpty else { return }
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<part.count])
        do throws(FileError) {
            try file.read(target, at: first - start)
        } catch {
            target.initializeMemory(as: UInt8.self, repeating: 0)
            isShort.store(true, ordering: .sequentiallyConsistent)
        }
    }

    deinit {
        guard let watch else { return }
        mae_unwatch_mapping(watch)
        let result = munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        precondition(result == 0, "a mapping of our own can be unmapped")
    }
}
