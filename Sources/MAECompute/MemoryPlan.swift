/// Where pieces of memory lie in one block; pieces that are never needed together share places.
package struct MemoryPlan: Sendable {
    /// A piece of memory.
    package struct Piece: Sendable {
        /// Elements.
        package let count: Int
        /// The operations during which its contents matter, by position; nil for one that is never used.
        package let life: ClosedRange<Int>?

        /// A piece of `count` elements that is needed during `life`.
        package init(count: Int, life: ClosedRange<Int>?) {
            self.count = count
            self.life = life
        }
    }

    /// Offset of each piece, in elements; 0 for those that are empty or never used.
    package let offsets: [Int]
    /// Elements in all.
    package let count: Int

    /// Places the largest pieces first, each at the lowest offset that is free during its life.
    ///
    /// Offsets are multiples of `granularity` elements.
    package init(_ pieces: [Piece], granularity: Int) {
        let sizes = pieces.map { ($0.count + granularity - 1) / granularity * granularity }
        var offsets = [Int](repeating: 0, count: pieces.count)
        var placed: [Int] = []
        var end = 0
        for piece in pieces.indices.sorted(by: { sizes[$0] > sizes[$1] }) {
            let size = sizes[piece]
            guard let life = pieces[piece].life, size > 0 else { continue }
            var offset = 0
            for other in placed {
                guard let otherLife = pieces[other].life, otherLife.overlaps(life) else { continue }
                if offsets[other] < offset + size { offset = max(offset, offsets[other] + sizes[other]) }
            }
            offsets[piece] = offset
            end = max(end, offset + size)
            let position = placed.firstIndex { offsets[$0] > offset } ?? placed.endIndex
            placed.insert(piece, at: position)
        }
        self.offsets = offsets
        count = end
    }
}

extension Program {
    /// For each buffer, the operations during which its contents matter, by position; nil for one that is never used.
    ///
    /// Position −1 is the time before the first operation, ``Program/operations``' count the time after the last.
    package var bufferLives: [ClosedRange<Int>?] {
        var lives = [ClosedRange<Int>?](repeating: nil, count: buffers.count)
        func use(_ buffer: BufferID, at position: Int) {
            let life = lives[buffer.index] ?? position...position
            lives[buffer.index] = min(life.lowerBound, position)...max(life.upperBound, position)
        }
        for buffer in inputs { use(buffer, at: -1) }
        for (position, operation) in operations.enumerated() {
            for buffer in operation.inputs + [operation.output] { use(buffer, at: position) }
        }
        for tap in taps { use(tap.buffer, at: tap.position - 1) }
        for buffer in outputs { use(buffer, at: operations.count) }
        return lives
    }
}
