/// What a file holds, told by its first bytes and never by its name.
package enum ContentKind: Sendable, Equatable {
    case empty
    case zip
    /// A pickle of protocol 2 or later, or the legacy magic number in an older one.
    case pickle
    case safetensors
    /// Something known that holds no checkpoint: its name, and what to do with it.
    case other(name: String, remedy: String)
    case unknown

    /// Looks at the first bytes of `bytes`.
    package init(of bytes: ByteView) {
        if bytes.count == 0 {
            self = .empty
        } else if Self.looksLikeSafetensors(bytes) {
            // First: the length that it begins with may have the bytes of any short mark, such as 80 0E or 1F 8B.
            self = .safetensors
        } else if bytes.has([0x50, 0x4B, 0x03, 0x04]) || bytes.has([0x50, 0x4B, 0x05, 0x06]) {
            self = .zip
        } else if let known = Self.others.first(where: { bytes.has($0.magic, at: $0.offset) }) {
            self = .other(name: known.name, remedy: known.remedy)
        } else if bytes.has(Array("L\(LegacyMagic.decimal)".utf8)) || Self.looksLikePickle(bytes) {
            self = .pickle
        } else if let text = TextContent(bytes) {
            self = .other(name: text.description, remedy: text.remedy)
        } else {
            self = .unknown
        }
    }

    private static func looksLikePickle(_ bytes: ByteView) -> Bool {
        bytes.has([PickleOpcode.proto.rawValue])
            && bytes.load(at: 1, as: UInt8.self).map { (1...16).contains($0) } ?? true
    }

    private static func looksLikeSafetensors(_ bytes: ByteView) -> Bool {
        guard let length = bytes.load(at: 0, as: UInt64.self) else { return false }
        return length > 1 && length < 1 << 32 && bytes.has([UInt8(ascii: "{")], at: 8)
    }

    private static let unpack = "Unpack it and load what is inside."
    private static let wrongFile = "Name the checkpoint itself."

    private static let others: [(magic: [UInt8], offset: Int, name: String, remedy: String)] = [
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], 0, "a 7z archive", unpack),
        ([0x1F, 0x8B], 0, "gzip data", unpack),
        ([0x28, 0xB5, 0x2F, 0xFD], 0, "zstd data", unpack),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], 0, "xz data", unpack),
        (Array("BZh".utf8), 0, "bzip2 data", unpack),
        (Array("Rar!".utf8), 0, "a RAR archive", unpack),
        (
            Array("ustar".utf8), 257, "a tar archive",
            "Unpack it and load what is inside; if PyTorch before 0.1.10 wrote it, save it again with a newer one."
        ),
        ([0x89, 0x50, 0x4E, 0x47], 0, "a PNG image", wrongFile),
        ([0xFF, 0xD8, 0xFF], 0, "a JPEG image", wrongFile),
        ([0x89, 0x48, 0x44, 0x46], 0, "an HDF5 file", "Export the weights from PyTorch with torch.save."),
        ([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], 0, "a NumPy array", wrongFile),
        (Array("GGUF".utf8), 0, "a GGUF file", "Name the checkpoint it was converted from."),
        ([0x00, 0x05, 0x16, 0x07], 0, "a file of macOS with the attributes of another", wrongFile),
    ]
}

/// The number at the start of a legacy file of torch.save.
enum LegacyMagic {
    /// In decimal digits, as protocol 0 writes it.
    static let decimal = "119547037146038801333356"
    /// In little-endian two's complement, as later protocols write it.
    static let bytes: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
}
