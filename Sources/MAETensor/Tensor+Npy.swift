extension Tensor {
    /// Reads a `.npy` file of float32, or of float64, which is rounded to fp32.
    ///
    /// The elements must be little-endian and in C order, as `numpy.save` writes them by default. Throws ``TensorError``
    /// when the file cannot be read, is malformed, or holds something else.
    public init(npy path: String) throws(TensorError) {
        let content = try Self.content(path)
        try self.init(content, content.header.shape, 0..<content.count)
    }

    /// Reads some rows of such a file, which are those of its first dimension, and no element of the others.
    ///
    /// Throws ``TensorError`` as ``init(npy:)`` does, and when the file does not have all of `rows`.
    public init(npy path: String, rows: Range<Int>) throws(TensorError) {
        let content = try Self.content(path)
        guard let rowCount = content.header.shape.first, rows.upperBound <= rowCount else {
            throw TensorError(
                .malformedFile, path: path,
                "has shape \(content.header.shape), which lacks some of the rows \(rows). Give a file that has them.")
        }
        let width = content.count / max(rowCount, 1)
        try self.init(
            content, [rows.count] + content.header.shape.dropFirst(),
            rows.lowerBound * width..<rows.upperBound * width)
    }

    /// The shape of the tensor in such a file, whose elements are not read.
    ///
    /// Throws ``TensorError`` as ``init(npy:)`` does.
    public static func shape(ofNpy path: String) throws(TensorError) -> [Int] { try content(path).header.shape }

    private static func content(_ path: String) throws(TensorError) -> NpyContent {
        try NpyContent(path: path, oneOf: [Float.self, Double.self])
    }

    private init(_ content: NpyContent, _ shape: [Int], _ range: Range<Int>) throws(TensorError) {
        if content.header.descriptor == Double.npyDescriptor {
            self.init(shape: shape, elements: try content.elements(as: Double.self, range).map { Float($0) })
        } else if let view = Tensor(shape: shape, viewing: try content.storage(range), byteOffset: 0) {
            self = view
        } else {
            preconditionFailure("memory of a storage's own is aligned, and as many elements were read as the shape has")
        }
    }

    /// Writes the file that `numpy.save` would write, replacing one at `path` only when the new one is whole.
    ///
    /// Format version 1.0, little-endian float32, C order.
    public func writeNpy(to path: String) throws(TensorError) {
        let header = NpyHeader(descriptor: Float.npyDescriptor, isFortranOrder: false, shape: shape)
        try withUnsafeElements { elements throws(TensorError) in
            try NpyFile.write(header: header, elements: UnsafeRawBufferPointer(elements), to: path)
        }
    }
}
