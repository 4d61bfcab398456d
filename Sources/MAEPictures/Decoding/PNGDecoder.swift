import CSpng

/// PNG files, decoded by libspng.
///
/// libspng reports errors by return codes and never jumps over Swift frames. It only looks at the bytes of the file inside of the
/// calls, all of which are made while the buffer is alive; the context is freed on every way out.
enum PNGDecoder {
    /// What comes before the pixels.
    struct Header {
        let width: Int, height: Int
        let depth: Int
        let colors: PNGColors.Kind

        /// Bits of a pixel as it is stored.
        var pixelBits: Int { depth * colors.channels }
        /// `640 × 480 PNG, 16 bits, alpha dropped`: what is unusual is named.
        var words: String {
            "\(width) × \(height) PNG" + (colors == .gray || colors == .grayAlpha ? ", gray" : "")
                + (colors == .palette ? ", palette" : "") + (depth == 16 ? ", 16 bits" : "")
                + (colors.hasAlpha ? ", alpha dropped" : "")
        }
    }

    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// The header of a file, whose pixels are not decoded.
    static func header(_ file: UnsafeRawBufferPointer) throws(PictureProblem) -> Header {
        try withContext(file) { context throws(PictureProblem) in try header(context, fileBytes: file.count) }
    }

    /// The picture of a file.
    static func decode(_ file: UnsafeRawBufferPointer) throws(PictureProblem) -> (picture: Picture, words: String) {
        try withContext(file) { context throws(PictureProblem) in
            let header = try header(context, fileBytes: file.count)
            var size = 0
            try require(spng_decoded_image_size(context, storedFormat, &size))
            var raw = [UInt8](repeating: 0, count: size)
            // `raw` has room for the bytes that libspng asked for, and its length goes with it.
            try require(
                raw.withUnsafeMutableBytes { spng_decode_image(context, $0.baseAddress, $0.count, storedFormat, 0) })
            let palette = header.colors == .palette ? try palette(context) : []
            let samples = try PNGColors(header, palette: palette).rgb(raw)
            return (Picture(width: header.width, height: header.height, samples: samples), header.words)
        }
    }

    /// Samples as they are stored, of 16 bits in the byte order of this machine.
    private static let storedFormat = Int32(bitPattern: SPNG_FMT_PNG.rawValue)
    /// Bytes of one chunk that is not pixels, and of all of them: profiles and texts, which are of no use here.
    private static let chunkBytes = 16 << 20
    /// Deflate makes no more than 1032 bytes of one.
    private static let largestExpansion = 1032

    private static func withContext<Value>(
        _ file: UnsafeRawBufferPointer, _ body: (OpaquePointer) throws(PictureProblem) -> Value
    ) throws(PictureProblem) -> Value {
        guard let context = spng_ctx_new(0) else { throw PictureProblem("cannot be decoded: there is no memory") }
        defer { spng_ctx_free(context) }
        try require(spng_set_image_limits(context, UInt32(Int32.max), UInt32(Int32.max)))
        try require(spng_set_chunk_limits(context, chunkBytes, chunkBytes))
        try require(spng_set_png_buffer(context, file.baseAddress, file.count))
        return try body(context)
    }

    private static func header(_ context: OpaquePointer, fileBytes: Int) throws(PictureProblem) -> Header {
        var stored = spng_ihdr()
        try require(spng_get_ihdr(context, &stored))
        guard let colors = PNGColors.Kind(rawValue: stored.color_type) else {
            throw PictureProblem("has color type \(stored.color_type), which PNG does not have")
        }
        let header = Header(
            width: Int(stored.width), height: Int(stored.height), depth: Int(stored.bit_depth), colors: colors)
        try PictureLimits.requirePixels(header.width, header.height)
        // A header that promises more than the file can hold is not believed, and no memory is taken for it.
        guard header.width * header.height * header.pixelBits / 8 / largestExpansion <= fileBytes else {
            throw PictureProblem(
                "says that it has \(header.width) × \(header.height) pixels, more than its \(fileBytes) bytes can hold: it is "
                    + "cut short or damaged")
        }
        return header
    }

    private static func palette(_ context: OpaquePointer) throws(PictureProblem) -> [UInt8] {
        var palette = spng_plte()
        try require(spng_get_plte(context, &palette))
        // The entries are a C array of 256 inside of the structure, which is copied while it is alive.
        return withUnsafeBytes(of: palette.entries) { entries in
            let count = min(Int(palette.n_entries), entries.count / MemoryLayout<spng_plte_entry>.stride)
            return (0..<count).flatMap { index in
                let entry = entries.loadUnaligned(
                    fromByteOffset: index * MemoryLayout<spng_plte_entry>.stride, as: spng_plte_entry.self)
                return [entry.red, entry.green, entry.blue]
            }
        }
    }

    private static func require(_ code: Int32) throws(PictureProblem) {
        guard code != 0 else { return }
        throw PictureProblem(
            "is damaged or cut short (libspng: \(String(cString: spng_strerror(code)))). Fetch or save the picture again"
        )
    }
}
