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

    /// Places the largest buffers first, each at the lowest offset that is free during its life.
    init(_ program: Program) {
        let lives = program.bufferLives
        let strides = program.buffers.map { Self.stride(columns: $0.columns) }
        let sizes = zip(program.buffers, strides).map { shape, stride in
            (shape.rows * stride).roundedUp(toMultipleOf: Self.granularity)
        }
        var offsets = [Int](repeating: 0, count: program.buffers.count)
        var placed: [Int] = []
        var end = 0
        let bySize = program.buffers.indices.sorted { sizes[$0] > sizes[$1] }
        for buffer in bySize {
            let size = sizes[buffer]
            guard let life = lives[buffer], size > 0 else { continue }
            var offset = 0
            for other in placed {
                guard let otherLife = lives[other], otherLife.overlaps(life) else { continue }
                if offsets[other] < offset + size { offset = max(offset, offsets[other] + sizes[other]) }
            }
            offsets[buffer] = offset
            end = max(end, offset + size)
            let position = placed.firstIndex { offsets[$0] > offset } ?? placed.endIndex
            placed.insert(buffer, at: position)
        }
        self.offsets = offsets
        self.strides = strides
        count = end
    }
}

extension Program {
    /// For each buffer, the operations during which its contents matter, by position; nil for one that is never used.
    ///
    /// Position −1 is the time before the first operation, ``Program/operations``' count the time after the last.
    fileprivate var bufferLives: [ClosedRange<Int>?] {
        var lives = [ClosedRange<Int>?](repeating: nil, count: buffers.count)
        func use(_ buffer: BufferID, at position: Int) {
            let life = lives[buffer.index] ?? position...position
            lives[buffer.index] = min(life.lowerBound, position)...max(life.upperBound, position)
        }
        for buffer in inputs { use(buffer, at: -1) }
        for (position, operation) in operations.enumerated() {
            for buffer in operation.buffers { use(buffer, at: position) }
        }
        for tap in taps { use(tap.buffer, at: tap.position - 1) }
        for buffer in outputs { use(buffer, at: operations.count) }
        return lives
    }
}

extension Operation {
    /// Every buffer the operation reads or writes.
    fileprivate var buffers: [BufferID] {
        switch self {
        case .gatherPatches(let images, _, _, let output): [images, output]
        case .linear(let input, _, _, let residual, let output): [input, output] + [residual].compactMap(\.self)
        case .layerNorm(let input, _, _, let output): [input, output]
        case .attention(let qkv, _, _, _, let output): [qkv, output]
        case .assembleTokens(let patches, _, _, _, _, let output): [patches, output]
        case .restoreTokens(let tokens, _, _, _, _, let output): [tokens, output]
        case .meanOverTokens(let tokens, _, let output): [tokens, output]
        case .dropLeadingTokens(let tokens, _, _, let output): [tokens, output]
        }
    }
}
