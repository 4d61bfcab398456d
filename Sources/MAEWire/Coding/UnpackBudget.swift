import CMAEWire
import CProtobufC

/// The memory that protobuf-c takes for one header, which it has no limits for: it goes with the budget, all of it at once.
final class UnpackBudget {
    private let memory = Arena()
    private var remaining: Int

    /// Room for unpacking a header of `headerBytes`.
    init(headerBytes: Int) {
        remaining = WireLimits.unpackedBytesBase + headerBytes * WireLimits.unpackedBytesPerHeaderByte
    }

    /// Calls `body` with an allocator that fails when the budget is spent; what it gave is there until `body` returns.
    ///
    /// What is unpacked need not be freed.
    func withAllocator<Result>(
        _ body: (UnsafeMutablePointer<ProtobufCAllocator>) throws(WireError) -> Result
    ) throws(WireError) -> Result {
        // The allocator refers to this budget, which is there until `body` has returned: no reference is counted for each field.
        var allocator = ProtobufCAllocator(
            alloc: { budget, size in
                budget.flatMap {
                    Unmanaged<UnpackBudget>.fromOpaque($0)._withUnsafeGuaranteedRef { $0.allocate(size) }
                }
            },
            free: { _, _ in }, allocator_data: Unmanaged.passUnretained(self).toOpaque())
        defer { withExtendedLifetime(self) {} }
        return try withUnsafeMutablePointer(to: &allocator, body)
    }

    /// Memory for a part of the message; nil where the budget does not suffice.
    private func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
        guard byteCount <= remaining else { return nil }
        remaining -= byteCount
        return memory.allocate(byteCount)
    }
}
