import CZlib

/// A picture of 8 bits for each of red, green and blue, and the PNG file of it.
package struct PNGImage: Sendable, Hashable {
    /// Pixels in a row, and rows.
    package let width: Int, height: Int
    /// Red, green and blue of each pixel, row by row from the top.
    package let samples: [UInt8]

    private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// A picture of at least one pixel, and at most 65,535 in a row or column; `samples` has three for each.
    package init(width: Int, height: Int, samples: [UInt8]) {
        precondition(
            (1...65_535).contains(width) && (1...65_535).contains(height) && samples.count == 3 * width * height,
            "three samples for each pixel")
        (self.width, self.height, self.samples) = (width, height, samples)
    }

    /// The bytes of the file; nil where zlib has no memory.
    package var file: [UInt8]? {
        // A byte before each row names its filter: none.
        var rows: [UInt8] = []
        rows.reserveCapacity(samples.count + height)
        for row in 0..<height {
            rows.append(0)
            rows += samples[row * width * 3..<(row + 1) * width * 3]
        }
        guard let compressed = Self.compressed(rows) else { return nil }
        // 8 bits a sample, color type 2 (RGB), deflate, adaptive filters, no interlacing.
        let header = Self.bigEndian(width) + Self.bigEndian(height) + [8, 2, 0, 0, 0]
        return Self.signature + Self.chunk("IHDR", header) + Self.chunk("IDAT", compressed) + Self.chunk("IEND", [])
    }

    private static func compressed(_ bytes: [UInt8]) -> [UInt8]? {
        var size = compressBound(uLong(bytes.count))
        var output = [UInt8](repeating: 0, count: Int(size))
        guard compress2(&output, &size, bytes, uLong(bytes.count), Z_DEFAULT_COMPRESSION) == Z_OK else { return nil }
        return Array(output.prefix(Int(size)))
    }

    /// Length, type, content, and the checksum of the last two.
    private static func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
        let checked = Array(type.utf8) + content
        let checksum = checked.withUnsafeBytes { CRC32.of($0) }
        return bigEndian(content.count) + checked + bigEndian(Int(checksum))
    }

    private static func bigEndian(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }
}
