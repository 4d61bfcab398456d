import MAECompute

/// The memory of an executable: its buffers, and scratch for each thread.
struct Arena: @unchecked Sendable {
    // Sendable: within a run, steps hand disjoint rows to threads; an executable serves one run at a time.

    /// Where buffers and scratch lie; in elements.
    struct Extent {
        fileprivate let offsets: [Int]
        fileprivate let strides: [Int]
        fileprivate let scratchOffset: Int
        fileprivate let scratchStride: Int
        fileprivate let count: Int

        /// The extent of the buffers of `program`, and of what its `steps` need for each thread.
        init(_ program: Program, steps: [any Step], threadCount: Int) {
            let plan = ArenaPlan(program)
            // Threads' scratch starts on pages of its own.
            let page = 1024
            offsets = plan.offsets
            strides = plan.strides
            scratchOffset = plan.count.roundedUp(toMultipleOf: page)
            scratchStride = (steps.map(\.scratchCount).max() ?? 0).roundedUp(toMultipleOf: page)
            count = scratchOffset + scratchStride * threadCount
        }

        var byteCount: Int { count * MemoryLayout<Float>.stride }
    }

    private let memory: MappedMemory
    private let extent: Extent

    /// Reserves memory.
    init(_ extent: Extent) throws(ComputeError) {
        self.extent = extent
        memory = try MappedMemory(count: extent.count)
    }

    /// First element of a buffer.
    subscript(_ buffer: BufferID) -> UnsafeMutablePointer<Float> { memory.base + extent.offsets[buffer.index] }

    /// Elements from one row of a buffer to the next: its columns, or a little more.
    func stride(_ buffer: BufferID) -> Int { extent.strides[buffer.index] }

    /// First element of a row of a buffer.
    func row(_ row: Int, of buffer: BufferID) -> UnsafeMutablePointer<Float> {
        self[buffer] + row * stride(buffer)
    }

    /// Fills a buffer of `shape` with `elements`, row by row.
    func fill(_ buffer: BufferID, _ shape: MatrixShape, from elements: UnsafeBufferPointer<Float>) {
        guard let source = elements.baseAddress else { return }
        for row in 0..<shape.rows {
            self.row(row, of: buffer).update(from: source + row * shape.columns, count: shape.columns)
        }
    }

    /// Copies a buffer of `shape` to `elements`, row by row; they may be uninitialized.
    func copy(_ buffer: BufferID, _ shape: MatrixShape, to elements: UnsafeMutableBufferPointer<Float>) {
        guard let target = elements.baseAddress else { return }
        for row in 0..<shape.rows {
            (target + row * shape.columns).initialize(from: self.row(row, of: buffer), count: shape.columns)
        }
    }

    /// Scratch of one thread.
    func scratch(of worker: Int) -> UnsafeMutablePointer<Float> {
        memory.base + extent.scratchOffset + worker * extent.scratchStride
    }
}
