import MAEContent
import MAETensor

/// Worker to coordinator: tell me which files the checkpoint of this digest consists of.
public struct ManifestRequest: Sendable, Equatable {
    /// Digest of the manifest.
    public var digest: SHA256Digest

    /// Asks for a manifest.
    public init(digest: SHA256Digest) { self.digest = digest }
}

/// Worker to coordinator: send me a chunk of a file.
public struct ChunkRequest: Sendable, Hashable {
    /// Digest of the file's content.
    public var file: SHA256Digest
    /// Which chunk.
    public var index: Int

    /// Asks for a chunk.
    public init(file: SHA256Digest, index: Int) {
        self.file = file
        self.index = index
    }
}

/// Coordinator to worker: a chunk that was asked for.
///
/// Nothing here says whether the bytes are right: the manifest has the digest that they must have.
public struct Chunk: Sendable, Equatable {
    /// Digest of the file's content.
    public var file: SHA256Digest
    /// Which chunk.
    public var index: Int
    /// Its bytes, at most ``WireLimits/chunkBytes``.
    public var bytes: [UInt8]

    /// A chunk; leave `bytes` empty to send only its header by ``Envelope/header()``, followed by the bytes.
    public init(file: SHA256Digest, index: Int, bytes: [UInt8] = []) {
        self.file = file
        self.index = index
        self.bytes = bytes
    }
}
