import Glibc
import SystemPackage

/// A file that appears under its name only when it is whole.
///
/// The bytes go to a file of another name in the same folder, which is flushed to disk and renamed at the end, and
/// removed when anything fails. A crash leaves the old file, or none, never half of the new one.
package struct AtomicFile: ~Copyable {
    private let path: String
    private let temporaryPath: FilePath
    private let descriptor: FileDescriptor
    private var buffer: [UInt8] = []
    /// Bytes written so far.
    package private(set) var count = 0

    private static let bufferSize = 1 << 20

    /// Writes a file at `path` through `body`, which may replace an existing file.
    ///
    /// Throws ``CheckpointError/Code/unwritableFile`` when the system refuses, and whatever `body` throws.
    package static func write(
        to path: String, _ body: (inout AtomicFile) throws(CheckpointError) -> Void
    ) throws(CheckpointError) {
        var file = try AtomicFile(path: path)
        do {
            try body(&file)
            try file.commit()
        } catch {
            file.abandon()
            throw error
        }
    }

    private init(path: String) throws(CheckpointError) {
        self.path = path
        // Two writers of one name must not share a temporary file.
        temporaryPath = FilePath(path + ".\(getpid())-\(UInt32.random(in: 0...UInt32.max)).part")
        do {
            descriptor = try FileDescriptor.open(
                temporaryPath, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupReadWrite, .otherReadWrite])
        } catch {
            throw Self.unwritable(path, error)
        }
    }

    /// Appends bytes.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
        if buffer.count + bytes.count <= Self.bufferSize {
            buffer.append(contentsOf: bytes)
        } else {
            try flush()
            try write(bytes)
        }
        count += bytes.count
    }

    /// Appends bytes.
    package mutating func append(_ bytes: [UInt8]) throws(CheckpointError) {
        if buffer.count + bytes.count > Self.bufferSize { try flush() }
        buffer += bytes
        count += bytes.count
    }

    private mutating func flush() throws(CheckpointError) {
        let pending = buffer
        buffer.removeAll(keepingCapacity: true)
        try pending.span.bytes.withUnsafeBytes { bytes throws(CheckpointError) in try write(bytes) }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError) {
        do {
            try descriptor.writeAll(bytes)
        } catch {
            throw Self.unwritable(path, error)
        }
    }

    private mutating func commit() throws(CheckpointError) {
        try flush()
        guard fsync(descriptor.rawValue) == 0,
            temporaryPath.withPlatformString({ from in path.withPlatformString { rename(from, $0) } }) == 0
        else { throw Self.unwritable(path, Errno(rawValue: errno)) }
        // The bytes are on disk and the name is set: an error of close has nothing left to report.
        try? descriptor.close()
    }

    private func abandon() {
        // The first error is the one to report; what cannot be removed stays as a .part file.
        try? descriptor.close()
        _ = temporaryPath.withPlatformString { unlink($0) }
    }

    private static func unwritable(_ path: String, _ error: any Error) -> CheckpointError {
        let remedy =
            switch error as? Errno {
            case .noSpace: "Free some space on the disk."
            case .permissionDenied, .readOnlyFileSystem: "Choose a folder this user may write to."
            case .noSuchFileOrDirectory: "Make the folder first."
            case .isDirectory: "Name a file, not a folder."
            default: "Check the file system it lies on."
            }
        return CheckpointError(.unwritableFile, path: path, "cannot be written: \(error). \(remedy)")
    }
}
