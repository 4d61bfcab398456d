import MAETensor

/// A tensor as it travels: a frame of little-endian fp32 elements and its shape.
public struct TensorPayload: Sendable, Equatable {
    /// Which tensor this is.
    public let name: TensorName
    /// Extent of each dimension, outermost first.
    public let shape: [Int]
    /// The elements in row-major order; four bytes for each.
    public let bytes: [UInt8]

    /// Takes the elements of `tensor`.
    public init(_ name: TensorName, _ tensor: Tensor) {
        self.name = name
        shape = tensor.shape
        bytes = tensor.withUnsafeElements { Array(UnsafeRawBufferPointer($0)) }
    }

    /// Takes bytes that are known to fill the shape.
    init(name: TensorName, shape: [Int], bytes: [UInt8]) {
        self.name = name
        self.shape = shape
        self.bytes = bytes
    }

    /// The elements as a tensor.
    public func tensor() -> Tensor {
        Tensor(shape: shape) { elements in
            bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(elements).copyMemory(from: $0) }
        }
    }
}
