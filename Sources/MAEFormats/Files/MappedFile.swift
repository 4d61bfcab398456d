import Glibc
import MAEFiles
import MAETensor

/// A regular file seen as memory: opened read-only, mapped whole, unmapped when the last user of ``storage`` goes.
///
/// Pages are read when they are first touched, so opening takes the same time whatever the size. Of a file that is cut short
/// while it is mapped, the missing bytes are zeros: call ``requireWhole()`` or ``requireUnchanged()`` before anything that comes
/// of its bytes is used. Replacing it by a rename, as every writer here does, changes nothing.
public final class MappedFile: Sendable {
    /// The path the file was opened by.
    public let path: String
    /// The bytes of the file, which live as long as this storage does; tensors may view into it.
    public let storage: TensorStorage
    private let mapping: MappedBytes

    /// Opens and maps the file at `path`.
    ///
    /// Throws ``CheckpointError/Code/unreadableFile`` when it is missing, may not be read, or is not a regular file. A
    /// file of no bytes is legal here.
    public init(path: String) throws(CheckpointError) {
        self.path = path
        do throws(FileError) {
            mapping = try MappedBytes(RegularFile(path))
            storage = TensorStorage(borrowing: mapping.bytes, from: mapping)
        } catch {
            if error.problem == .system(ENOENT), let link = DanglingLink(onTheWayTo: path) {
                throw link.error(reading: path)
            }
            throw CheckpointError(.unreadableFile, path: path, "cannot be read: \(Self.explanation(of: error))")
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

    /// Throws ``CheckpointError/Code/contradiction`` when bytes that were read were not there any more; takes no time.
    package func requireWhole() throws(CheckpointError) {
        if mapping.isLost { throw changed }
    }

    /// Throws ``CheckpointError/Code/contradiction`` when bytes that were read were not there any more, or the file was
    /// written to since it was opened.
    package func requireUnchanged() throws(CheckpointError) {
        if mapping.isChanged { throw changed }
    }

    /// What `body` makes of the file, unless the file changed meanwhile: then neither its result nor its error means anything.
    package func read<Result>(_ body: () throws(CheckpointError) -> Result) throws(CheckpointError) -> Result {
        do throws(CheckpointError) {
            let result = try body()
            try requireUnchanged()
            return result
        } catch {
            try requireUnchanged()
            throw error
        }
    }

    private var changed: CheckpointError {
        CheckpointError(
            .contradiction, path: path,
            "changed while it was read: it was cut short or written to, or its disk failed. Let the program that writes it "
                + "end, and load it again.")
    }

    private static func explanation(of error: FileError) -> String {
        switch error.problem {
        case .system(ENOENT): "\(error.reason). \(MissingFile.remedy(for: error.path))"
        case .system(EACCES): "\(error.reason). Give this user the right to read it."
        case .system(ENOMEM): "\(error.reason): it has more bytes than can be mapped. Name a checkpoint."
        case .notRegular where FileSystem.isDirectory(error.path):
            "Is a directory. Name a file inside it, or load it as a hub directory."
        case .notRegular: "\(error.reason). Name a regular file: pipes, sockets and devices cannot be mapped."
        default: "\(error.reason). Check the file system that it is on."
        }
    }
}

extension MappedBytes: RereadableBytes {}
