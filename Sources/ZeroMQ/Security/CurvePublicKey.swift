/// The public half of a key pair for CURVE, by which a peer is known.
public struct CurvePublicKey: Sendable, Hashable, CustomStringConvertible {
    /// Bytes of a key.
    static let length = 32

    /// The 32 bytes.
    let bytes: [UInt8]

    /// A key from its 32 bytes; nil for any other count.
    init?(bytes: [UInt8]) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }

    /// A key from the 40 characters of its Z85 text; nil when they are no such text.
    public init?(z85 text: some Collection<UInt8>) {
        guard let bytes = Z85.decode(text) else { return nil }
        self.init(bytes: bytes)
    }

    /// The 40 characters of the Z85 text.
    public var description: String { String(decoding: Z85.encode(bytes), as: UTF8.self) }

    /// What ``Message/userID`` holds when the sender has proved that it has this key's secret half: the Z85 text.
    public var userID: [UInt8] { Z85.encode(bytes) }
}
