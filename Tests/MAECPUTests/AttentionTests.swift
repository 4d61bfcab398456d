import ComputeTestSupport
import MAECompute
import MAETensor
import TestSupport
import Testing

@testable import MAECPU

@Suite("Attention has the reference's bits")
struct AttentionTests {
    @Test(
        "at every token count round tiles and blocks",
        arguments: [(1, 8), (2, 64), (11, 5), (12, 16), (13, 17), (31, 32), (33, 64), (50, 80), (129, 48), (197, 64)])
    func sizes(tokens: Int, width: Int) throws {
        var random = SplitMix(seed: UInt64(tokens * 1000 + width))
        let example = self.attention(random.matrix(2 * tokens, 3 * 3 * width), images: 2, heads: 3, scale: 0.37)
        #expect(try example.disagreeing(emulated: tokens < 100).isEmpty)
    }

    @Test("with heads wider than a block of the contract")
    func wideHeads() throws {
        var random = SplitMix(seed: 20)
        #expect(try attention(random.matrix(14, 3 * 300), images: 1, heads: 1, scale: 0.06).disagreeing().isEmpty)
    }

    @Test("when scores are infinite, NaN or far apart")
    func specialValues() throws {
        var random = SplitMix(seed: 21)
        var elements = random.matrix(4 * 18, 3 * 2 * 16).elements
        elements[0] = .nan
        elements[18 * 96 + 40] = .infinity
        for index in 2 * 18 * 96..<3 * 18 * 96 { elements[index] *= 60 }
        for index in 3 * 18 * 96..<4 * 18 * 96 { elements[index] *= 1e-22 }
        let qkv = Tensor(shape: [4 * 18, 96], elements: elements)
        #expect(try attention(qkv, images: 4, heads: 2, scale: 0.25).disagreeing().isEmpty)
    }

    @Test("whether images come together or one by one")
    func batchSplit() throws {
        var random = SplitMix(seed: 22)
        let qkv = random.matrix(3 * 40, 3 * 4 * 16)
        let backend = try CPUBackend(threads: 2)
        let together = try attention(qkv, images: 3, heads: 4, scale: 0.25).run(on: backend)[0]
        for image in 0..<3 {
            let rows = image * 40..<(image + 1) * 40
            let alone = try attention(qkv.rows(rows), images: 1, heads: 4, scale: 0.25).run(on: backend)[0]
            #expect(alone.hasSameBits(as: together.rows(rows)))
        }
    }

    private func attention(_ qkv: Tensor, images: Int, heads: Int, scale: Float) -> Case {
        var example = Case()
        let input = example.input(qkv)
        example.output(rows: qkv.shape[0], columns: qkv.shape[1] / 3) {
            .attention(qkv: input, images: images, heads: heads, scale: scale, output: $0)
        }
        return example
    }
}
