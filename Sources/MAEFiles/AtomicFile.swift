import Glibc

/// A file that appears under its name only when it is whole.
///
/// The bytes go to a file of another name in the same folder, which takes the name at the end, and is removed when anything
/// fails. A crash leaves the old file, or none, never half of the new one. A link of that name is replaced, not followed; what
/// is neither a file nor a link is left alone.
///
/// `Failure` is the error of the room that writes, made from a ``FileError``.
public struct AtomicFile<Failure: Error>: ~Copyable {
    private let options: AtomicFileOptions
    private let failure: (FileError) -> Failure
    private let temporary: TemporaryFile
    private var buffer: [UInt8] = []
    /// Bytes written so far.
    public private(set) var count = 0

    private static var bufferSize: Int { 1 << 20 }

    /// Writes the file at `path` through `body`.
    ///
    /// - Throws: what `failure` makes of a ``FileError`` when the system refuses, and whatever `body` throws. The old file is
    ///   there still, except when its folder could not be made durable.
    public static func write(
        to path: String, _ options: AtomicFileOptions = AtomicFileOptions(),
        failure: @escaping (FileError) -> Failure,
        _ body: (inout AtomicFile) throws(Failure) -> Void
    ) throws(Failure) {
        let temporary: TemporaryFile
        do { temporary = try TemporaryFile(for: path, mode: options.mode) } catch { throw failure(error) }
        var file = AtomicFile(options, temporary, failure)
        try body(&file)
        try file.commit()
    }

    private init(
        _ options: AtomicFileOptions, _ temporary: TemporaryFile, _ failure: @escaping (FileError) -> Failure
    ) {
        self.options = options
        self.temporary = temporary
        self.failure = failure
    }

    /// Appends bytes.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        if buffer.count + bytes.count <= Self.bufferSize {
            buffer.append(contentsOf: bytes)
        } else {
            try flush()
            try write(bytes)
        }
        count += bytes.count
    }

    /// Appends bytes.
    public mutating func append(_ bytes: [UInt8]) throws(Failure) {
        try bytes.span.bytes.withUnsafeBytes { bytes throws(Failure) in try append(bytes) }
    }

    private mutating func flush() throws(Failure) {
        let pending = buffer
        buffer.removeAll(keepingCapacity: true)
        try pending.span.bytes.withUnsafeBytes { bytes throws(Failure) in try write(bytes) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        do { try temporary.append(bytes) } catch { throw failure(error) }
    }

    private mutating func commit() throws(Failure) {
        try flush()
        do { try temporary.moveToTarget(options) } catch { throw failure(error) }
    }
}

extension AtomicFile where Failure == FileError {
    /// Makes `bytes` the content of the file at `path`.
    public static func write(
        _ bytes: some Collection<UInt8>, to path: String, _ options: AtomicFileOptions = AtomicFileOptions()
    ) throws(FileError) {
        let file = try TemporaryFile(for: path, mode: options.mode)
        // Without a buffer: of a secret, no copy stays in memory.
        let bytes = Array(bytes)
        try bytes.span.bytes.withUnsafeBytes { bytes throws(FileError) in try file.append(bytes) }
        try file.moveToTarget(options)
    }

    /// Finds out whether the file at `path` could be written, and leaves it as it is.
    public static func probe(_ path: String) throws(FileError) {
        _ = try TemporaryFile(for: path, mode: 0o600)
    }
}

/// How a file is written whole.
public struct AtomicFileOptions: Sendable, Hashable {
    /// What is still there after a power cut.
    public enum Durability: Sendable, Hashable {
        /// The old file, the new one or an empty one: for what can be made again.
        case none
        /// The old file or the new one.
        case content
        /// The new one, once writing has returned.
        case contentAndName
    }

    /// What becomes of a file that is there already.
    public enum Existing: Sendable, Hashable {
        /// It is replaced.
        case replaced
        /// It stays, and writing fails with `EEXIST`.
        case kept
    }

    /// What is still there after a power cut.
    public var durability: Durability
    /// What becomes of a file that is there already.
    public var existing: Existing
    /// Permissions, less what the process's umask takes away.
    public var mode: mode_t

    /// Replaces a file, which survives a power cut, and may be read by all whom the umask lets.
    public init(durability: Durability = .content, existing: Existing = .replaced, mode: mode_t = 0o666) {
        self.durability = durability
        self.existing = existing
        self.mode = mode
    }
}
