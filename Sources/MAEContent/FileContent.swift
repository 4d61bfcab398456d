import MAETensor

/// What a file holds: its size and the SHA-256 of each of its chunks.
///
/// Any chunk can be verified by itself, on any thread, and all of them together are the whole file.
public struct FileContent: Sendable, Hashable {
    /// Most bytes of a file that is read: one of more was never a checkpoint, and its list of chunks alone would fill memory.
    public static let maximumSize = 1 << 40
    /// Bytes of a chunk; only the last one of a file may have fewer.
    public static let chunkSize = 1 << 20

    /// Size of the file in bytes.
    public let size: Int
    /// SHA-256 of each chunk, in the order of the file; none for an empty file.
    public let chunks: [SHA256Digest]
    /// The name of the content: SHA-256 of the chunks' digests, joined.
    public let digest: SHA256Digest

    /// Takes the chunks' digests; nil when their number does not fit the size, or that is over ``maximumSize``.
    public init?(size: Int, chunks: [SHA256Digest]) {
        guard (0...Self.maximumSize).contains(size), chunks.count == Self.chunkCount(size: size) else { return nil }
        self.size = size
        self.chunks = chunks
        var hasher = SHA256Hasher()
        for chunk in chunks { chunk.withUnsafeBytes { hasher.update($0) } }
        digest = hasher.finalize()
    }

    /// Chunks that a file of `size` bytes has.
    public static func chunkCount(size: Int) -> Int { size / chunkSize + (size % chunkSize == 0 ? 0 : 1) }

    /// The bytes of the file that chunk `index` holds.
    public func range(ofChunk index: Int) -> Range<Int> {
        index * Self.chunkSize..<min((index + 1) * Self.chunkSize, size)
    }
}

extension FileContent: Codable {
    private enum CodingKeys: String, CodingKey {
        case size, chunks
    }

    /// Reads size and chunks.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let size = try container.decode(Int.self, forKey: .size)
        guard let content = FileContent(size: size, chunks: try container.decode([SHA256Digest].self, forKey: .chunks))
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .chunks, in: container, debugDescription: "not as many chunks as the size has")
        }
        self = content
    }

    /// Writes size and chunks.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(size, forKey: .size)
        try container.encode(chunks, forKey: .chunks)
    }
}
