/// From the samples of a PNG file to red, green and blue, as Pillow's `convert("RGB")` does it.
///
/// Alpha is dropped, not blended. Gray of 16 bits is cut off at 255, other samples of 16 bits lose their lower byte.
struct PNGColors {
    /// Color types of the format, by their numbers there.
    enum Kind: UInt8 {
        case gray = 0
        case rgb = 2
        case palette = 3
        case grayAlpha = 4
        case rgbAlpha = 6

        /// Samples of a pixel.
        var channels: Int {
            switch self {
            case .gray, .palette: 1
            case .grayAlpha: 2
            case .rgb: 3
            case .rgbAlpha: 4
            }
        }

        var hasAlpha: Bool { self == .grayAlpha || self == .rgbAlpha }
    }

    private let header: PNGDecoder.Header
    /// Red, green and blue of each color; empty unless pixels are numbers of colors.
    private let palette: [UInt8]

    init(_ header: PNGDecoder.Header, palette: [UInt8]) { (self.header, self.palette) = (header, palette) }

    /// Bytes of a row, which begins with a byte of its own.
    private var rowBytes: Int { (header.width * header.pixelBits + 7) / 8 }

    /// Three samples for each pixel.
    ///
    /// Throws for a pixel of a color that the palette does not have, and for other bytes than the header promises.
    func rgb(_ raw: [UInt8]) throws(PictureProblem) -> [UInt8] {
        guard raw.count == rowBytes * header.height else {
            throw PictureProblem("was decoded to \(raw.count) bytes in place of \(rowBytes * header.height)")
        }
        if header.colors == .rgb, header.depth == 8 { return raw }
        let isColored = header.colors == .rgb || header.colors == .rgbAlpha
        var output: [UInt8] = []
        output.reserveCapacity(header.width * header.height * Picture.channels)
        for row in 0..<header.height {
            let start = row * rowBytes
            for pixel in 0..<header.width {
                let first = pixel * header.colors.channels
                if header.colors == .palette {
                    let color = Int(sample(raw, start, first)) * Picture.channels
                    guard color < palette.count else {
                        throw PictureProblem(
                            "has a pixel of color \(color / Picture.channels), but a palette of "
                                + "\(palette.count / Picture.channels). Save the picture again")
                    }
                    output += palette[color..<color + Picture.channels]
                } else if isColored {
                    for channel in 0..<Picture.channels { output.append(tone(sample(raw, start, first + channel))) }
                } else {
                    let tone = tone(sample(raw, start, first))
                    for _ in 0..<Picture.channels { output.append(tone) }
                }
            }
        }
        return output
    }

    /// The sample number `index` of the row that begins at byte `start`.
    private func sample(_ raw: [UInt8], _ start: Int, _ index: Int) -> UInt16 {
        switch header.depth {
        case 16:
            let byte = start + index * 2
            let pair = (UInt16(raw[byte]), UInt16(raw[byte + 1]))
            return Self.isLittleEndian ? pair.1 << 8 | pair.0 : pair.0 << 8 | pair.1
        case 8: return UInt16(raw[start + index])
        default:
            // The first pixel is in the highest bits.
            let bit = index * header.depth
            let shift = 8 - header.depth - bit % 8
            return UInt16(raw[start + bit / 8] >> shift) & ((1 << header.depth) - 1)
        }
    }

    private func tone(_ sample: UInt16) -> UInt8 {
        switch header.depth {
        case 16: header.colors == .gray ? UInt8(min(sample, 255)) : UInt8(sample >> 8)
        case 8: UInt8(truncatingIfNeeded: sample)
        default: UInt8(truncatingIfNeeded: sample * (255 / ((1 << header.depth) - 1)))
        }
    }

    private static let isLittleEndian = UInt16(1).littleEndian == 1
}
