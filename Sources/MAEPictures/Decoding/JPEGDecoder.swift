import CTurboJPEG

/// JPEG files, decoded by libjpeg-turbo through its TurboJPEG interface.
///
/// TurboJPEG catches the long jumps of libjpeg inside of each call and reports errors by return codes. The bytes of the file and
/// of the picture are alive during the calls, whose lengths go with them; the handle is freed on every way out.
enum JPEGDecoder {
    /// What comes before the pixels.
    struct Header {
        let width: Int, height: Int
        /// Whether it has four inks in place of three colors.
        let isCMYK: Bool
        let isGray: Bool
        /// How the camera was held, from EXIF; nil where nothing is said of it.
        let orientation: Int?

        /// `640 × 480 JPEG, CMYK`: what is unusual is named.
        var words: String {
            let isTurned = orientation.map { $0 != 1 } ?? false
            return "\(width) × \(height) JPEG" + (isCMYK ? ", CMYK" : "") + (isGray ? ", gray" : "")
                + (isTurned ? ", EXIF orientation not applied" : "")
        }
    }

    static let signature: [UInt8] = [0xFF, 0xD8, 0xFF]

    /// The header of a file, whose pixels are not decoded.
    static func header(_ file: UnsafeRawBufferPointer) throws(PictureProblem) -> Header {
        try withHandle { handle throws(PictureProblem) in try header(handle, file) }
    }

    /// The picture of a file.
    static func decode(_ file: UnsafeRawBufferPointer) throws(PictureProblem) -> (picture: Picture, words: String) {
        try withHandle { handle throws(PictureProblem) in
            let header = try header(handle, file)
            let channels = header.isCMYK ? 4 : Picture.channels
            let format = header.isCMYK ? TJPF_CMYK : TJPF_RGB
            var samples = [UInt8](repeating: 0, count: header.width * header.height * channels)
            // Rows lie one behind the other (pitch 0), so all of them are inside of `samples`.
            let code = samples.withUnsafeMutableBufferPointer { output in
                tjDecompress2(
                    handle, file.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt(file.count),
                    output.baseAddress, Int32(header.width), 0, Int32(header.height), Int32(format.rawValue), flags)
            }
            try require(code, handle)
            if header.isCMYK { samples = rgb(inks: samples) }
            return (Picture(width: header.width, height: header.height, samples: samples), header.words)
        }
    }

    /// As Pillow decodes: the accurate transform, and smooth enlargement of colors, which is the rule.
    ///
    /// More scans than a progressive picture has any use for would keep a processor busy for hours.
    private static let flags = TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS

    private static func withHandle<Value>(
        _ body: (tjhandle) throws(PictureProblem) -> Value
    ) throws(PictureProblem) -> Value {
        guard let handle = tjInitDecompress() else { throw PictureProblem("cannot be decoded: there is no memory") }
        defer { tjDestroy(handle) }
        return try body(handle)
    }

    private static func header(_ handle: tjhandle, _ file: UnsafeRawBufferPointer) throws(PictureProblem) -> Header {
        var width: Int32 = 0, height: Int32 = 0, subsampling: Int32 = 0, colors: Int32 = 0
        try require(
            tjDecompressHeader3(
                handle, file.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt(file.count), &width, &height,
                &subsampling, &colors), handle)
        try PictureLimits.requirePixels(Int(width), Int(height))
        let inks = [TJCS_CMYK, TJCS_YCCK].map { Int32($0.rawValue) }
        return Header(
            width: Int(width), height: Int(height), isCMYK: inks.contains(colors),
            isGray: colors == Int32(TJCS_GRAY.rawValue), orientation: EXIFOrientation.find(in: file))
    }

    /// Throws for warnings too: two decoders make different pixels of a damaged file.
    private static func require(_ code: Int32, _ handle: tjhandle) throws(PictureProblem) {
        guard code != 0 else { return }
        throw PictureProblem(
            "is damaged or cut short (libjpeg-turbo: \(String(cString: tjGetErrorStr2(handle)))). Fetch or save the "
                + "picture again")
    }

    /// Red, green and blue of cyan, magenta, yellow and black, which are stored inverted as Adobe does it; by Pillow's formula.
    private static func rgb(inks: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(inks.count / 4 * 3)
        for pixel in stride(from: 0, to: inks.count, by: 4) {
            // 255 less black, where black is 255 less what is stored.
            let light = Int(inks[pixel + 3])
            for channel in 0..<3 {
                let product = (255 - Int(inks[pixel + channel])) * light + 128
                output.append(UInt8(min(max(light - ((product >> 8) + product) >> 8, 0), 255)))
            }
        }
        return output
    }
}
