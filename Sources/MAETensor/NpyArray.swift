/// An element type that `.npy` files are read and written with.
///
/// Little-endian machines only: the bytes of a file are the bytes in memory.
public protocol NpyElement: BitwiseCopyable, Sendable {
    /// NumPy's name of the type.
    static var npyDescriptor: String { get }
}

extension NpyElement {
    /// Bytes an element takes in the file.
    static var npyByteWidth: Int { MemoryLayout<Self>.size }
}

extension Float: NpyElement {
    /// NumPy's float32.
    public static var npyDescriptor: String { "<f4" }
}

extension Float16: NpyElement {
    /// NumPy's float16.
    public static var npyDescriptor: String { "<f2" }
}

extension Double: NpyElement {
    /// NumPy's float64.
    public static var npyDescriptor: String { "<f8" }
}

extension Int64: NpyElement {
    /// NumPy's int64, PyTorch's type of indices.
    public static var npyDescriptor: String { "<i8" }
}

/// A row-major array as a `.npy` file holds it, for what is no ``Tensor``: indices, and float64 results.
public struct NpyArray<Element: NpyElement>: Sendable {
    /// Extent of each dimension, outermost first; empty for a scalar.
    public let shape: [Int]
    /// All elements in row-major order.
    public let elements: [Element]

    /// An array of the given elements, whose count must equal the product of `shape`.
    public init(shape: [Int], elements: [Element]) {
        precondition(Tensor.checkedElementCount(of: shape) == elements.count, "elements do not fill shape \(shape)")
        self.shape = shape
        self.elements = elements
    }

    /// Reads a `.npy` file whose elements are of exactly this type, in C order.
    ///
    /// Throws ``TensorError`` when the file cannot be read, is malformed, or holds something else.
    public init(npy path: String) throws(TensorError) {
        let content = try NpyContent(path: path, oneOf: [Element.self])
        shape = content.header.shape
        elements = try content.elements(as: Element.self, 0..<content.count)
    }

    /// Writes the file that `numpy.save` would write, replacing one at `path` only when the new one is whole.
    public func writeNpy(to path: String) throws(TensorError) {
        let header = NpyHeader(descriptor: Element.npyDescriptor, isFortranOrder: false, shape: shape)
        try elements.span.bytes.withUnsafeBytes { bytes throws(TensorError) in
            try NpyFile.write(header: header, elements: bytes, to: path)
        }
    }
}
