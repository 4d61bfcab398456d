import MAEFiles

/// A regular file that is open for reading, and known to be as it was when it was opened.
public final class ReadableFile: Sendable {
    private let file: RegularFile

    /// Opens the file at `path`.
    public init(_ path: String) throws(ContentError) {
        do { file = try RegularFile(path) } catch { throw ContentError(.unreadable, error, "cannot be opened") }
    }

    /// The path it was opened by.
    public var path: String { file.path }
    /// What it was when it was opened.
    public var identity: FileIdentity { file.identity }
    /// Size in bytes when it was opened.
    public var size: Int { file.size }

    /// Fills `buffer` with the bytes from `offset` on.
    ///
    /// Throws ``ContentError/Code/changed`` when the file ends before.
    public func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(ContentError) {
        do { try file.read(buffer, at: offset) } catch {
            throw error.problem == .truncated
                ? ContentError(changedAt: path) : ContentError(.unreadable, error, "cannot be read")
        }
    }

    /// Throws ``ContentError/Code/changed`` when the file was written to since it was opened.
    public func requireUnchanged() throws(ContentError) {
        guard !file.isChanged else { throw ContentError(changedAt: path) }
    }
}
