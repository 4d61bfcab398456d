/// A decoded picture: 8 bits for each of red, green and blue, as `PIL.Image.open(…).convert("RGB")` has them.
struct Picture: Sendable, Hashable {
    /// Pixels in a row, and rows.
    let width: Int, height: Int
    /// Red, green and blue of each pixel, row by row from the top.
    let samples: [UInt8]

    /// Bytes of a pixel.
    static let channels = 3

    /// A picture; `samples` has three for each pixel.
    init(width: Int, height: Int, samples: [UInt8]) {
        precondition(samples.count == Self.channels * width * height, "three samples for each pixel")
        (self.width, self.height, self.samples) = (width, height, samples)
    }
}

/// Why a picture cannot be read or used, as the end of a sentence that begins with its file.
struct PictureProblem: Error, Hashable {
    let message: String

    init(_ message: String) { self.message = message }
}

/// What is taken from the file of a picture at most, before memory is taken for it.
enum PictureLimits {
    /// Bytes of a file.
    static let fileBytes = 256 << 20
    /// Pixels: as many as Pillow reads without warning of a decompression bomb.
    static let pixels = 89_478_485
    /// Pixels of a side, as many as a JPEG has: resizing takes memory for each of them.
    static let side = 65_535

    /// Throws for what has no pixel, or too many.
    static func requirePixels(_ width: Int, _ height: Int) throws(PictureProblem) {
        guard width > 0, height > 0 else { throw PictureProblem("has no pixels (\(width) × \(height))") }
        let (count, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, count <= pixels else {
            throw PictureProblem(
                "has \(width) × \(height) pixels; at most \(pixels) are decoded. Save it smaller, as the processor makes it "
                    + "smaller anyway")
        }
        guard max(width, height) <= side else {
            throw PictureProblem(
                "has \(width) × \(height) pixels; a side has \(side) at most. Cut it, or save it smaller")
        }
    }
}
