/// A dense, row-major fp32 tensor that never changes.
///
/// Copies share the storage. Everything the engine computes with is one of these; other dtypes exist only in files.
public struct Tensor: Sendable {
    /// Extent of each dimension, outermost first; empty for a scalar.
    public let shape: [Int]
    private var storage: TensorStorage
    private let byteOffset: Int

    /// Number of elements: the product of ``shape``.
    public let count: Int

    /// Allocates a tensor and lets `body` write all its elements, in row-major order.
    public init(
        shape: [Int], initializingWith body: (UnsafeMutableBufferPointer<Float>) throws -> Void
    ) rethrows {
        let count = Self.elementCount(of: shape)
        self.shape = shape
        self.count = count
        byteOffset = 0
        storage = try TensorStorage(byteCount: count * MemoryLayout<Float>.stride) { raw in
            try body(raw.bindMemory(to: Float.self))
        }
    }

    /// A tensor of the given elements, in row-major order.
    ///
    /// `elements.count` must equal the product of `shape`.
    public init(shape: [Int], elements: some Collection<Float>) {
        precondition(elements.count == Self.elementCount(of: shape), "elements do not fill shape \(shape)")
        self.init(shape: shape) { buffer in
            _ = buffer.initialize(fromContentsOf: elements)
        }
    }

    /// A tensor whose elements all have one value.
    public init(shape: [Int], repeating value: Float) {
        self.init(shape: shape) { $0.initialize(repeating: value) }
    }

    /// Looks at fp32 elements that already lie in `storage`, without copying them.
    ///
    /// Returns nil when the elements would reach outside the storage, are not aligned to four bytes, or when the product
    /// of the shape overflows.
    public init?(shape: [Int], viewing storage: TensorStorage, byteOffset: Int) {
        guard let count = Self.checkedElementCount(of: shape), byteOffset >= 0 else { return nil }
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
        guard !overflow, byteOffset <= storage.bytes.count, byteCount <= storage.bytes.count - byteOffset else {
            return nil
        }
        let address = Int(bitPattern: storage.bytes.baseAddress) &+ byteOffset
        guard count == 0 || address % MemoryLayout<Float>.alignment == 0 else { return nil }
        self.shape = shape
        self.count = count
        self.storage = storage
        self.byteOffset = byteOffset
    }

    /// Replaces all elements: `body` writes them, in row-major order, into memory whose content is anything.
    ///
    /// That is the tensor's own memory when no other tensor uses it, and new memory otherwise: other tensors never change.
    public mutating func overwrite(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
        if byteOffset == 0, isKnownUniquelyReferenced(&storage),
            storage.overwrite(byteCount: count * MemoryLayout<Float>.stride, { body($0.bindMemory(to: Float.self)) })
        {
            return
        }
        self = Tensor(shape: shape, initializingWith: body)
    }

    /// The same elements under another shape of the same count.
    public func reshaped(to shape: [Int]) -> Tensor {
        precondition(Self.elementCount(of: shape) == count, "\(self.shape) cannot be seen as \(shape)")
        return Tensor(shape: shape, count: count, storage: storage, byteOffset: byteOffset)
    }

    /// Rows `range` along the first dimension, sharing the storage.
    public func rows(_ range: Range<Int>) -> Tensor {
        precondition(!shape.isEmpty && range.lowerBound >= 0 && range.upperBound <= shape[0], "rows outside the tensor")
        let rowCount = shape[0] == 0 ? 0 : count / shape[0]
        return Tensor(
            shape: [range.count] + shape.dropFirst(), count: range.count * rowCount, storage: storage,
            byteOffset: byteOffset + range.lowerBound * rowCount * MemoryLayout<Float>.stride)
    }

    /// Puts tensors one after the other along the first dimension; the other dimensions must be equal.
    public init(joiningRowsOf parts: [Tensor]) {
        precondition(
            !parts.isEmpty && parts.allSatisfy { $0.shape.dropFirst() == parts[0].shape.dropFirst() },
            "rows of one shape are joined")
        let rows = parts.map { $0.shape[0] }.reduce(0, +)
        self.init(shape: [rows] + parts[0].shape.dropFirst()) { output in
            var start = 0
            for part in parts {
                part.withUnsafeElements { elements in
                    _ = UnsafeMutableBufferPointer(rebasing: output[start..<start + part.count])
                        .initialize(fromContentsOf: elements)
                }
                start += part.count
            }
        }
    }

    private init(shape: [Int], count: Int, storage: TensorStorage, byteOffset: Int) {
        self.shape = shape
        self.count = count
        self.storage = storage
        self.byteOffset = byteOffset
    }

    /// Calls `body` with the elements in row-major order.
    ///
    /// The pointer is valid only inside the call.
    public func withUnsafeElements<Result, Failure: Error>(
        _ body: (UnsafeBufferPointer<Float>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(storage) {} }
        let raw = UnsafeRawBufferPointer(
            rebasing: storage.bytes[byteOffset..<byteOffset + count * MemoryLayout<Float>.stride])
        return try body(raw.assumingMemoryBound(to: Float.self))
    }

    /// The elements, copied into an array in row-major order.
    public var elements: [Float] { withUnsafeElements { Array($0) } }

    /// The product of `shape`, or nil when a dimension is negative or the product does not fit an `Int`.
    public static func checkedElementCount(of shape: [Int]) -> Int? {
        var count = 1
        for extent in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: extent)
            guard extent >= 0, !overflow else { return nil }
            count = product
        }
        return count
    }

    private static func elementCount(of shape: [Int]) -> Int {
        guard let count = checkedElementCount(of: shape) else {
            preconditionFailure("shape \(shape) has no element count")
        }
        return count
    }
}
