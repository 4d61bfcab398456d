import MAETensor
import TestSupport
import Testing

@Suite("SHA-256 of several contents at once")
struct SHA256LanesTests {
    /// A content that is being hashed, and how far.
    private struct Progress {
        let content: [UInt8]
        var done = 0
        var blocksLeft: Int { (content.count - done) / SHA256Lanes.blockSize }
    }

    /// The digests of `contents`, whatever lane each comes into, and in whatever company: a lane that is done takes the next.
    private func digests(_ contents: [[UInt8]], lanes count: Int) -> [SHA256Digest?] {
        var lanes = SHA256Lanes(count: count)
        var digests = [SHA256Digest?](repeating: nil, count: contents.count)
        var places = [Int?](repeating: nil, count: count)
        var progress = contents.map { Progress(content: $0) }
        var next = 0
        repeat {
            for lane in places.indices where places[lane] == nil && next < contents.count {
                lanes.start(lane)
                places[lane] = next
                next += 1
            }
            let active = places.compactMap(\.self)
            // Now and then less than there is, so that contents come in several parts.
            let blocks = min(active.map { progress[$0].blocksLeft }.min() ?? 0, 3)
            let buffers = places.map { place in
                place.map { Array(progress[$0].content[progress[$0].done...]) + [0] }
            }
            withPointers(to: buffers) { lanes.update($0, blockCount: blocks) }
            for lane in places.indices {
                guard let place = places[lane] else { continue }
                progress[place].done += blocks * SHA256Lanes.blockSize
                guard progress[place].blocksLeft == 0 else { continue }
                let end = Array(progress[place].content[progress[place].done...])
                digests[place] = end.withUnsafeBytes { lanes.finish(lane, end: $0) }
                places[lane] = nil
            }
        } while places.contains { $0 != nil } || next < contents.count
        return digests
    }

    /// Calls `body` with the addresses of all buffers at once.
    private func withPointers(
        to buffers: [[UInt8]?], _ pointers: [UnsafeRawPointer?] = [], _ body: ([UnsafeRawPointer?]) -> Void
    ) {
        guard let first = buffers.first else { return body(pointers) }
        guard let first else { return withPointers(to: Array(buffers.dropFirst()), pointers + [nil], body) }
        first.withUnsafeBytes { withPointers(to: Array(buffers.dropFirst()), pointers + [$0.baseAddress], body) }
    }

    @Test(
        "there are several lanes here", .enabled(if: SHA256Lanes.best > 1, "no AVX-512: one lane is all that is tested")
    )
    func hasLanes() { #expect(SHA256Lanes.best == 16) }

    @Test(
        "has the digests of one after the other, for all lengths about the ends of blocks",
        arguments: [1, SHA256Lanes.best])
    func sameDigests(lanes: Int) {
        var random = SplitMix(seed: 7)
        let lengths = Array(0...130) + [1000, 191, 4096, 64, 5000, 3]
        let contents = lengths.map { length in (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) } }
        #expect(digests(contents, lanes: lanes) == contents.map { SHA256Digest(of: $0) })
    }

    @Test("elements are counted and made canonical in place, NaN alone", arguments: [1, 15, 16, 17, 1000])
    func canonicalizes(count: Int) {
        var elements = (0..<count).map(Float.init)
        elements[0] = Float(bitPattern: 0xFFC0_1234)
        elements[count - 1] = count > 1 ? -.infinity : elements[0]
        let expected = Tensor(shape: [count], elements: elements)
        let found = elements.withUnsafeMutableBufferPointer { Tensor.canonicalize($0) }
        #expect(found == min(count, 2))
        #expect(elements[0].bitPattern == Tensor.canonicalNaN.bitPattern)
        #expect(elements.withUnsafeBytes { SHA256Digest(of: $0) } == expected.digest())
        #expect(count == 1 || elements[count - 1] == -.infinity)
    }
}
