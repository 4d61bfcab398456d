import MAETensor

/// A tensor as it lies in a file: element type, shape and strides over bytes that are mapped or were decoded.
///
/// Every element lies inside ``storage``: creation checks it, so nothing read through this type can leave its file.
public struct CheckpointTensor: Sendable {
    /// Most dimensions a tensor may have, as in PyTorch.
    public static let maximumRank = 64

    /// Most elements a tensor may have beyond those its storage holds (a broadcast, with stride 0): 1 GiB of fp32.
    public static let expandedElementBudget = 1 << 28

    /// Type of the elements in the file.
    public let dtype: DType
    /// Extent of each dimension, outermost first; empty for a scalar.
    public let shape: [Int]
    /// Elements from one index of a dimension to the next; never negative.
    public let strides: [Int]
    /// The bytes that the tensor looks at.
    public let storage: TensorStorage
    /// Where element [0, 0, …] lies in ``storage``, in bytes.
    public let byteOffset: Int
    /// The file and record the bytes come from, for messages.
    public let location: CheckpointLocation
    /// Number of elements: the product of ``shape``.
    public let count: Int
    /// What the elements are multiplied with when they are read: masks of pruned weights, each of the same shape.
    package var masks: [CheckpointTensor] = []
    /// Elements from the first to the last one in ``storage``; 0 when there is none.
    package let elementSpan: Int

    /// Describes a tensor after checking that every element lies inside `storage`.
    ///
    /// `strides` and nil: row-major. Throws ``CheckpointError/Code/malformedTensor`` for negative or overflowing numbers,
    /// more than ``maximumRank`` dimensions or elements outside the storage, and ``CheckpointError/Code/overBudget`` for
    /// a broadcast over ``expandedElementBudget``.
    public init(
        dtype: DType, shape: [Int], strides: [Int]? = nil, storage: TensorStorage, byteOffset: Int,
        location: CheckpointLocation
    ) throws(CheckpointError) {
        guard shape.count <= Self.maximumRank else {
            throw CheckpointError(
                .malformedTensor, at: location,
                "a tensor of \(shape.count) dimensions; PyTorch has at most \(Self.maximumRank). The file is damaged.")
        }
        guard let count = Tensor.checkedElementCount(of: shape) else {
            throw CheckpointError(
                .malformedTensor, at: location, "shape \(shape) has no element count. The file is damaged.")
        }
        let strides = strides ?? Self.rowMajorStrides(of: shape)
        guard strides.count == shape.count, strides.allSatisfy({ $0 >= 0 }) else {
            throw CheckpointError(
                .malformedTensor, at: location, "strides \(strides) do not fit shape \(shape). The file is damaged.")
        }
        let room = storage.bytes.count
        guard byteOffset >= 0, byteOffset <= room,
            let span = Self.span(shape: shape, strides: strides, count: count),
            span <= (room - byteOffset) / dtype.byteWidth
        else {
            throw CheckpointError(
                .malformedTensor, at: location,
                "shape \(shape) with strides \(strides) at byte \(byteOffset) reaches outside a storage of \(room) bytes "
                    + "(\(dtype.rawValue)). The file is cut off or damaged; fetch or save it again.")
        }
        guard count <= max(Self.expandedElementBudget, room / dtype.byteWidth) else {
            throw CheckpointError(
                .overBudget, at: location,
                "a broadcast to \(count) elements over a storage of \(room) bytes; save the tensor unexpanded.")
        }
        self.dtype = dtype
        self.shape = shape
        self.strides = strides
        self.storage = storage
        self.byteOffset = byteOffset
        self.location = location
        self.count = count
        elementSpan = span
    }

    /// Bytes of all elements, each counted as often as it is read.
    ///
    /// No overflow: a storage or ``expandedElementBudget`` holds them.
    package var byteCount: Int { count * dtype.byteWidth }

    /// The bytes from the first element to the last.
    package var elementBytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: storage.bytes[byteOffset..<byteOffset + elementSpan * dtype.byteWidth])
    }

    /// Whether the elements lie in row-major order without gaps.
    public var isContiguous: Bool {
        var expected = 1
        for (extent, stride) in zip(shape, strides).reversed() {
            if count == 0 { return true }
            if extent != 1, stride != expected { return false }
            expected *= extent
        }
        return true
    }

    /// Says that the elements are not needed for now: see ``TensorStorage/relinquish(_:)``.
    package func relinquish() {
        storage.relinquish(byteOffset..<byteOffset + elementSpan * dtype.byteWidth)
    }

    /// The strides of a row-major tensor without gaps; `shape` must have an element count.
    package static func rowMajorStrides(of shape: [Int]) -> [Int] {
        var strides: [Int] = []
        var stride = 1
        for extent in shape.reversed() {
            strides.append(stride)
            // Zero extents count as one, as in PyTorch, so that the product of the others could overflow.
            stride = stride.multipliedReportingOverflow(by: max(extent, 1)).partialValue & Int.max
        }
        return strides.reversed()
    }

    /// One more than the index of the last element, or nil on overflow; 0 when there is no element.
    private static func span(shape: [Int], strides: [Int], count: Int) -> Int? {
        guard count > 0 else { return 0 }
        var last = 0
        for (extent, stride) in zip(shape, strides) {
            let (step, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
            let (sum, overflowInSum) = last.addingReportingOverflow(step)
            guard !overflow, !overflowInSum else { return nil }
            last = sum
        }
        return last < Int.max ? last + 1 : nil
    }
}
