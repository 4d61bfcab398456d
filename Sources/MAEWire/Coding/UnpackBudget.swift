import CMAEWire
import CProtobufC
import Glibc

/// Bounds the memory that protobuf-c takes for one header: it has no limits of its own.
struct UnpackBudget {
    private var remaining: Int

    /// Room for unpacking a header of `headerBytes`.
    init(headerBytes: Int) {
        remaining = WireLimits.unpackedBytesBase + headerBytes * WireLimits.unpackedBytesPerHeaderByte
    }

    /// Calls `body` with an allocator that fails when the budget is spent.
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
                    return malloc(size)
                },
                free: { _, pointer in free(pointer) },
                allocator_data: budget)
            return try withUnsafeMutablePointer(to: &allocator, body)
        }
    }
}
