import CMAEWire
import CProtobufC

/// The memory that protobuf-c takes for one header, which it has no limits for: it goes with the budget, all of it at once.
struct UnpackBudget {
    private let memory = Arena()
    private var remaining: Int

    /// Room for unpacking a header of `headerBytes`.
    init(headerBytes: Int) {
        remaining = WireLimits.unpackedBytesBase + headerBytes * WireLimits.unpackedBytesPerHeaderByte
    }

    /// Calls `body` with an allocator that fails when the budget is spent; what it gave is there until `body` returns.
    ///
    /// What is unpacked need not be freed.
    mutating func withAllocator<Result>(
        _ body: (UnsafeMutablePointer<ProtobufCAllocator>) throws(WireError) -> Result
    ) throws(WireError) -> Result {
        // The allocator carries a pointer to this budget and is used only while the pointer is valid.
        try withUnsafeMutablePointer(to: &self) { budget throws(WireError) in
            var allocator = ProtobufCAllocator(
                alloc: { data, size in
                    guard let budget = data?.assumingMemoryBound(to: UnpackBudget.self),
                        size <= budget.pointee.remaining
                    else { return nil }
                    budget.pointee.remaining -= size
                    return budget.pointee.memory.allocate(size)
                },
                free: { _, _ in }, allocator_data: budget)
            return try withUnsafeMutablePointer(to: &allocator, body)
        }
    }
}
