extension Tensor {
    /// Reads a `.npy` file of float32, of float16, which is widened, or of float64, which is rounded to fp32.
    ///
    /// The elements must be little-endian, in C order, as `numpy.save` writes them by default, or in Fortran order. Throws
    /// ``TensorError`` when the file cannot be read, is malformed, or holds something else.
    public init(npy path: String) throws(TensorError) {
        let content = try NpyContent(path: path, oneOf: Self.npyElements, readsFortranOrder: true)
        try self.init(whole: content)
    }

    /// As ``init(npy:)``, of a file that is in memory; `path` is for messages.
    package init(npyBytes storage: TensorStorage, path: String) throws(TensorError) {
        try self.init(
            whole: NpyContent(NpyInput(storage, path: path), oneOf: Self.npyElements, readsFortranOrder: true))
    }

    /// The number of elements that the head of a `.npy` file announces; nil for bytes that are no such file.
    package static func npyElementCount(_ bytes: UnsafeRawBufferPointer) -> Int? {
        (try? NpyHeader.parse(bytes)).flatMap { checkedElementCount(of: $0.header.shape) }
    }

    /// Reads some rows of such a file in C order, which are those of its first dimension, and no element of the others.
    ///
    /// Throws ``TensorError`` as ``init(npy:)`` does, and when the file does not have all of `rows`.
    public init(npy path: String, rows: Range<Int>) throws(TensorError) {
        let content = try NpyContent(path: path, oneOf: Self.npyElements)
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

    /// The shape of the tensor in such a file in C order, whose elements are not read.
    ///
    /// Throws ``TensorError`` as ``init(npy:)`` does.
    public static func shape(ofNpy path: String) throws(TensorError) -> [Int] {
        try NpyContent(path: path, oneOf: npyElements).header.shape
    }

    private static let npyElements: [any NpyElement.Type] = [Float.self, Double.self, Float16.self]

    private init(whole content: NpyContent) throws(TensorError) {
        let header = content.header
        // Elements in Fortran order are those of the array with its dimensions reversed, in C order.
        let shape = header.isFortranOrder ? header.shape.reversed() : header.shape
        let tensor = try Tensor(content, shape, 0..<content.count)
        self = header.isFortranOrder ? tensor.transposed : tensor
    }

    private init(_ content: NpyContent, _ shape: [Int], _ range: Range<Int>) throws(TensorError) {
        if content.header.descriptor == Double.npyDescriptor {
            self.init(shape: shape, elements: try content.elements(as: Double.self, range).map { Float($0) })
        } else if content.header.descriptor == Float16.npyDescriptor {
            self.init(shape: shape, elements: try content.elements(as: Float16.self, range).map { Float($0) })
        } else if let view = Tensor(shape: shape, viewing: try content.storage(range), byteOffset: 0) {
            self = view
        } else {
            preconditionFailure("memory of a storage's own is aligned, and as many elements were read as the shape has")
        }
    }

    /// The same array with its dimensions in reverse.
    private var transposed: Tensor {
        let reversedShape: [Int] = shape.reversed()
        return Tensor(shape: reversedShape) { output in
            withUnsafeElements { input in
                for position in 0..<count {
                    // The index in this tensor, innermost first, is that in the other one, outermost first.
                    var (rest, place) = (position, 0)
                    var stride = count
                    for extent in reversedShape {
                        stride /= extent
                        place += rest % extent * stride
                        rest /= extent
                    }
                    output.initializeElement(at: place, to: input[position])
                }
            }
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
