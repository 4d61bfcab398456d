import Crypto

/// A SHA-256 value: 32 bytes that name some content.
public struct SHA256Digest: Sendable, Hashable, CustomStringConvertible {
    /// Bytes of a digest.
    public static let byteCount = Crypto.SHA256.byteCount
    /// The 32 bytes.
    public let bytes: [UInt8]

    /// Takes the 32 bytes of a digest; nil for any other count.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Crypto.SHA256.byteCount else { return nil }
        self.bytes = Array(bytes)
    }

    /// Reads 64 hexadecimal digits, as `sha256sum` prints them; nil for anything else.
    public init?(hex: String) {
        let digits = hex.utf8.map { Character(UnicodeScalar($0)).hexDigitValue }
        guard digits.count == 2 * Crypto.SHA256.byteCount else { return nil }
        var bytes: [UInt8] = []
        for pair in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[pair], let low = digits[pair + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        self.bytes = bytes
    }

    /// The digest of `content`.
    public init(of content: UnsafeRawBufferPointer) {
        bytes = Array(Crypto.SHA256.hash(data: content))
    }

    /// The digest of `content`.
    public init(of content: some Collection<UInt8>) {
        var hasher = SHA256Hasher()
        hasher.update(Array(content))
        self = hasher.finalize()
    }

    /// 64 lower-case hexadecimal digits.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.count)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// SHA-256 over content that arrives in pieces.
public struct SHA256Hasher: Sendable {
    private var state = Crypto.SHA256()

    /// Starts with no content.
    public init() {}

    /// Appends bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { state.update(bufferPointer: bytes) }

    /// Appends bytes.
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    /// Appends the UTF-8 bytes of `text`.
    public mutating func update(_ text: String) { update(Array(text.utf8)) }

    /// The digest of everything appended so far.
    public func finalize() -> SHA256Digest {
        guard let digest = SHA256Digest(bytes: Array(state.finalize())) else {
            preconditionFailure("SHA-256 has 32 bytes")
        }
        return digest
    }
}
