import MAETensor
import TestSupport
import Testing

@testable import TorchRandom

@Suite("PyTorch's generator")
struct TorchGeneratorTests {
    /// The code paths that this machine can run.
    static let instructions = TorchGenerator.Instructions.allCases.filter(\.isSupported)

    @Test("fresh draws of each size equal PyTorch's", arguments: instructions, ["rand", "randn"])
    func freshDraws(instructions: TorchGenerator.Instructions, kind: String) throws {
        let goldens = try RandomGoldens.load()
        for seed in goldens.seeds {
            let drawn = try goldens.sizes.map { size in
                var generator = TorchGenerator(seed: seed, instructions: instructions)
                return try generator.draw("\(kind) \(size)")
            }
            let expected = try Tensor(npy: Goldens.path("random/\(kind)-\(seed).npy"))
            expectSameBits(drawn.flatMap(\.elements), expected, "\(kind), seed \(seed)")
        }
    }

    @Test("draws that follow each other continue PyTorch's stream and keep its spare normal", arguments: instructions)
    func sequences(instructions: TorchGenerator.Instructions) throws {
        for sequence in try RandomGoldens.load().sequences {
            var generator = TorchGenerator(seed: sequence.seed, instructions: instructions)
            let drawn = try sequence.draws.map { try generator.draw($0) }
            let expected = try Tensor(npy: Goldens.path("random/sequence-\(sequence.name).npy"))
            expectSameBits(drawn.flatMap(\.elements), expected, "\(sequence.name)")
        }
    }

    @Test("large draws have the digests of PyTorch's", arguments: instructions)
    func largeDraws(instructions: TorchGenerator.Instructions) throws {
        for large in try RandomGoldens.load().large {
            var generator = TorchGenerator(seed: large.seed, instructions: instructions)
            for (step, digest) in zip(large.draws, large.sha256) {
                #expect(try generator.draw(step).digest().description == digest, "seed \(large.seed), \(step)")
            }
        }
    }

    @Test("the batch of the forum thread has the digest that PyTorch's AVX2 and AVX-512 machines agree on")
    func threadBatch() {
        var generator = TorchGenerator(seed: 42)
        let batch = generator.randn([8, 3, 224, 224])
        #expect(batch.shape == [8, 3, 224, 224])
        #expect(batch.digest().description == "a3cab72b0f92fed563c024b36ebf03728dcc8fbeff34acdbb218f38c81948acf")
    }

    @Test("all code paths give the same bits over many seeds and odd sizes")
    func pathsAgree() {
        for seed in UInt64(0)..<200 {
            let shape = [Int(seed) * 13 + 1]
            let drawn = Self.instructions.map { instructions in
                var generator = TorchGenerator(seed: seed, instructions: instructions)
                return (generator.randn(shape), generator.rand(shape))
            }
            #expect(drawn.allSatisfy { $0.0.hasSameBits(as: drawn[0].0) && $0.1.hasSameBits(as: drawn[0].1) })
        }
    }

    @Test("only the low 32 bits of a seed matter, as in PyTorch")
    func seedsWrap() {
        var low = TorchGenerator(seed: 5)
        var high = TorchGenerator(seed: 1 << 40 | 5)
        #expect(low.rand([8]).hasSameBits(as: high.rand([8])))
    }

    @Test("passing over noises leads to the one drawn next", arguments: [0, 1, 623, 624, 625, 1568, 5000])
    func skipping(count: Int) {
        var drawing = TorchGenerator(seed: 9)
        _ = drawing.randn([33])
        var skipping = drawing
        _ = drawing.rand([count])
        skipping.skipUniform(count: count)
        #expect(drawing.rand([700]).hasSameBits(as: skipping.rand([700])))
    }

    @Test("a copy draws its own stream")
    func copies() {
        var original = TorchGenerator(seed: 3)
        _ = original.randn([1])
        var copy = original
        let first = original.randn([40])
        #expect(copy.randn([40]).hasSameBits(as: first))
        #expect(original.randn([1]).hasSameBits(as: copy.randn([1])))
    }

    private func expectSameBits(_ drawn: [Float], _ expected: Tensor, _ comment: Comment) {
        #expect(Tensor(shape: expected.shape, elements: drawn).hasSameBits(as: expected), comment)
    }
}

extension TorchGenerator {
    /// Makes a draw written as `rand 16` or `randn 16`.
    fileprivate mutating func draw(_ step: String) throws -> Tensor {
        let words = step.split(separator: " ")
        let count = try #require(Int(words[1]))
        return words[0] == "rand" ? rand([count]) : randn([count])
    }
}
