extension Tensor {
    /// Reads a `.npy` file of float32, or of float64, which is rounded to fp32.
    ///
    /// The elements must be little-endian and in C order, as `numpy.save` writes them by default. Throws ``TensorError``
    /// when the file cannot be read, is malformed, or holds something else.
    public init(npy path: String) throws(TensorError) {
        let content = try NpyContent(path: path, oneOf: [Float.self, Double.self])
        let shape = content.header.shape
        if content.header.descriptor == Double.npyDescriptor {
            self.init(shape: shape, elements: content.elements(as: Double.self).map { Float($0) })
        } else if let view = Tensor(shape: shape, viewing: content.storage, byteOffset: content.dataOffset) {
            self = view
        } else {
            // The header's length leaves the elements unaligned: legal, but NumPy does not write it.
            self.init(shape: shape, elements: content.elements(as: Float.self))
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
