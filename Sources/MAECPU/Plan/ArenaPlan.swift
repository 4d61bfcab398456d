import CMAEKernels
import MAECompute

/// Where each buffer of a program lies in one piece of memory; buffers that are never alive together share places.
struct ArenaPlan {
    /// Offset of each buffer, in elements.
    let offsets: [Int]
    /// Elements from one row of each buffer to the next.
    let strides: [Int]
    /// Elements in all.
    let count: Int

    /// Offsets are multiples of this many elements, so that rows of a vector's width never share a cache line.
    private static let granularity = Int(MAE_ALIGNMENT) / MemoryLayout<Float>.stride

    /// Rows of whole kilobytes lie one cache line farther apart than they are wide: of rows at such distances, many compete
    /// for the same few places of a cache.
    private static func stride(columns: Int) -> Int {
        columns >= 1024 && columns % 256 == 0 ? columns + granularity : columns
    }

    /// Places all buffers of `program`.
    init(_ program: Program) {
        let strides = program.buffers.map { Self.stride(columns: $0.columns) }
        let pieces = zip(zip(program.buffers, strides), program.bufferLives).map { buffer, life in
            MemoryPlan.Piece(count: buffer.0.rows * buffer.1, life: life)
        }
        let plan = MemoryPlan(pieces, granularity: Self.granularity)
        offsets = plan.offsets
        self.strides = strides
        count = plan.count
    }
}
