import MAEFiles
import MAETensor

/// The file of a picture: what kind it is, and its pixels.
///
/// Its content decides, whatever its name says, as in Pillow.
struct PictureFile: Sendable {
    /// Kinds that are read.
    enum Format: String, Sendable, CaseIterable {
        case jpeg = "JPEG"
        case png = "PNG"

        fileprivate var signature: [UInt8] { self == .jpeg ? JPEGDecoder.signature : PNGDecoder.signature }
    }

    let path: String
    let format: Format

    private static let extensions: Set<String> = ["png", "jpg", "jpeg"]

    /// Whether a file of this name is taken for a picture.
    static func isNamed(_ name: String) -> Bool {
        // `._cat.jpg` is what macOS keeps of cat.jpg on foreign disks.
        guard !name.hasPrefix("."), let dot = name.lastIndex(of: ".") else { return false }
        return extensions.contains(name[name.index(after: dot)...].lowercased())
    }

    /// Looks at how the file at `path` begins.
    ///
    /// - Throws: `TensorError` for what cannot be read or is neither PNG nor JPEG.
    init(path: String) throws(TensorError) {
        self.path = path
        let longest = PNGDecoder.signature.count
        let head: [UInt8]
        do throws(FileError) {
            let file = try RegularFile(path)
            var bytes = [UInt8](repeating: 0, count: min(longest, file.size))
            var span = bytes.mutableSpan
            try span.withUnsafeMutableBytes { buffer throws(FileError) in try file.read(buffer) }
            head = bytes
        } catch { throw Self.error(error) }
        guard let format = Format.allCases.first(where: { head.starts(with: $0.signature) }) else {
            let beginning = head.map { String($0, radix: 16, uppercase: true) }.joined(separator: " ")
            throw TensorError(
                .malformedFile, path: path,
                head.isEmpty
                    ? "is empty. Fetch or save the picture again"
                    : "is neither PNG nor JPEG, nor named .npy: it begins with \(beginning) (hexadecimal). Save it as one of them"
            )
        }
        self.format = format
    }

    /// Width and height in pixels, from the header.
    ///
    /// - Throws: `TensorError` as ``decode()`` does, for what its header shows.
    func size() throws(TensorError) -> (width: Int, height: Int) {
        try read { bytes throws(PictureProblem) in
            switch format {
            case .png:
                let header = try PNGDecoder.header(bytes)
                return (header.width, header.height)
            case .jpeg:
                let header = try JPEGDecoder.header(bytes)
                return (header.width, header.height)
            }
        }
    }

    /// The pixels, and what the file is in words: `640 × 480 JPEG`.
    ///
    /// - Throws: `TensorError` for what cannot be read, is damaged or cut short, or has more than ``PictureLimits`` allow.
    func decode() throws(TensorError) -> (picture: Picture, words: String) {
        try read { bytes throws(PictureProblem) in
            switch format {
            case .png: try PNGDecoder.decode(bytes)
            case .jpeg: try JPEGDecoder.decode(bytes)
            }
        }
    }

    private func read<Value>(
        _ body: (UnsafeRawBufferPointer) throws(PictureProblem) -> Value
    ) throws(TensorError) -> Value {
        let bytes: [UInt8]
        do throws(FileError) { bytes = try RegularFile(path).bytes(limit: PictureLimits.fileBytes) } catch {
            throw Self.error(error)
        }
        do throws(PictureProblem) {
            return try bytes.span.withUnsafeBytes { bytes throws(PictureProblem) in try body(bytes) }
        } catch { throw TensorError(.malformedFile, path: path, error.message) }
    }

    private static func error(_ error: FileError) -> TensorError {
        TensorError(
            .unreadableFile, path: error.path, "cannot be read: \(error.reason). \(error.remedyForReading)")
    }
}
