import MAECompute

/// Places tensors in few large blocks.
struct ParameterLayout {
    /// Where a tensor lies.
    struct Place {
        let block: Int
        let offset: Int
        let byteCount: Int
    }

    /// Bytes of each block.
    private(set) var blockSizes: [Int] = []
    private let blockBytes: Int
    private let alignment: Int
    private let range: Int

    init(_ limits: PhysicalDevice.Limits) {
        blockBytes = min(256 << 20, limits.allocation)
        alignment = limits.alignment
        range = limits.storageRange
    }

    /// A place for `count` fp32 elements.
    mutating func place(_ count: Int) throws(ComputeError) -> Place {
        // A shader is never given an empty buffer.
        let bytes = max(count, 1) * MemoryLayout<Float>.stride
        guard bytes <= range else {
            throw ComputeError(
                .unsupportedDevice,
                "a weight of \(bytes) bytes is larger than what the Vulkan device's shaders can see (\(range)): use "
                    + "--backend cpu")
        }
        let end = blockSizes.last.map { ($0 + alignment - 1) / alignment * alignment } ?? 0
        if blockSizes.isEmpty || end + bytes > blockBytes {
            blockSizes.append(bytes)
            return Place(block: blockSizes.count - 1, offset: 0, byteCount: bytes)
        }
        blockSizes[blockSizes.count - 1] = end + bytes
        return Place(block: blockSizes.count - 1, offset: end, byteCount: bytes)
    }
}
