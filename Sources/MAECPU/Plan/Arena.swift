import MAECompute

/// The memory of an executable: its buffers, and scratch for each thread.
struct Arena: @unchecked Sendable {
    // Sendable: within a run, steps hand disjoint rows to threads; an executable serves one run at a time.

    private let memory: MappedMemory
    private let offsets: [Int]
    private let scratchOffset: Int
    private let scratchStride: Int

    /// Reserves what `plan` needs, and `scratchCount` elements for each thread.
    init(_ plan: ArenaPlan, scratchCount: Int, threadCount: Int) throws(ComputeError) {
        // Threads' scratch starts on pages of its own.
        let page = 1024
        offsets = plan.offsets
        scratchOffset = plan.count.roundedUp(toMultipleOf: page)
        scratchStride = scratchCount.roundedUp(toMultipleOf: page)
        memory = try MappedMemory(count: scratchOffset + scratchStride * threadCount)
    }

    /// First element of a buffer.
    subscript(_ buffer: BufferID) -> UnsafeMutablePointer<Float> { memory.base + offsets[buffer.index] }

    /// Scratch of one thread.
    func scratch(of worker: Int) -> UnsafeMutablePointer<Float> {
        memory.base + scratchOffset + worker * scratchStride
    }
}
