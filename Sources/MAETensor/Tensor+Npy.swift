extension Tensor {
    /// Reads a `.npy` file of float32, of float16, which is widened, or of float64, which is rounded to fp32.
    ///
    /// The elements must be little-endian, in C order, as `numpy.save` writes them by default, or in Fortran order. Throws
    /// ``TensorError`` when the file cannot be read, is malformed, or holds something else.
    public init(npy path: String) throws(TensorError) {
        self.init(try NpyContent(path: path, oneOf: Self.npyElements, readsFortranOrder: true))
    }

    /// As ``init(npy:)``, of a file that is in memory; `path` is for messages.
    package init(npyBytes storage: TensorStorage, path: String) throws(TensorError) {
        self.init(try NpyContent(storage, of: path, oneOf: Self.npyElements, readsFortranOrder: true))
    }

    /// The number of elements that the head of a `.npy` file announces; nil for bytes that are no such file.
    package static func npyElementCount(_ bytes: UnsafeRawBufferPointer) -> Int? {
        (try? NpyHeader.parse(bytes)).flatMap { checkedElementCount(of: $0.header.shape) }
    }

    private static let npyElements: [any NpyElement.Type] = [Float.self, Double.self, Float16.self]

    private init(_ content: NpyContent) {
        let header = content.header
        // Elements in Fortran order are those of the array with its dimensions turned round, in C order.
        let shape = header.isFortranOrder ? header.shape.reversed() : header.shape
        let tensor: Tensor
        if header.descriptor == Double.npyDescriptor {
            tensor = Tensor(shape: shape, elements: content.elements(as: Double.self).map { Float($0) })
        } else if header.descriptor == Float16.npyDescriptor {
            tensor = Tensor(shape: shape, elements: content.elements(as: Float16.self).map { Float($0) })
        } else if let view = Tensor(shape: shape, viewing: content.storage, byteOffset: content.dataOffset) {
            tensor = view
        } else {
            // The header's length leaves the elements unaligned: legal, but NumPy does not write it.
            tensor = Tensor(shape: shape, elements: content.elements(as: Float.self))
        }
        self = header.isFortranOrder ? tensor.turnedRound : tensor
    }

    /// The same array with its dimensions in reverse.
    private var turnedRound: Tensor {
        let turned: [Int] = shape.reversed()
        return Tensor(shape: turned) { output in
            withUnsafeElements { input in
                for position in 0..<count {
                    // The index in this tensor, innermost first, is that in the other one, outermost first.
                    var (rest, place) = (position, 0)
                    var stride = count
                    for extent in turned {
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
