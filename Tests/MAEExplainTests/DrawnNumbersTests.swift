import MAETensor
import TestSupport
import Testing
import TorchRandom

@testable import MAEExplain

@Suite("Draws that a recording asks for")
struct DrawnNumbersTests {
    @Test("a draw is found by its digest, after images too, and drawn again")
    func findsDraws() throws {
        var generator = TorchGenerator(seed: 7)
        let images = generator.randn([2, 1, 8, 8])
        _ = generator.rand([2, 16])
        let second = generator.rand([2, 16])
        let drawn = DrawnNumbers()
        #expect(drawn.images(after: 7, images.shape) == images.digest())
        let number = drawn.number(
            of: second.digest(), after: 7, images: images.shape, shape: second.shape, draws: 4)
        #expect(number == 1)
        #expect(drawn.noise(1, after: 7, images: images.shape, shape: second.shape)?.digest() == second.digest())
        // The same draws are not made once more.
        let budget = drawn.budget
        #expect(
            drawn.number(of: second.digest(), after: 7, images: images.shape, shape: second.shape, draws: 4) == 1)
        #expect(drawn.budget == budget)
    }

    @Test("all draws together have a budget, and one that is beyond it is not begun")
    func keepsBudget() throws {
        let digest = TorchGenerator.first([4]).digest()
        let drawn = DrawnNumbers(budget: 10_000)
        #expect(drawn.number(of: digest, after: 1, images: nil, shape: [1 << 14, 1 << 14], draws: 9) == nil)
        #expect(drawn.images(after: 1, [1 << 14, 1 << 14, 1, 1]) == nil)
        #expect(drawn.budget > 8_000)
        // However small, a draw costs something, and so do seeds.
        for seed in 0..<100 as Range<UInt64> {
            _ = drawn.number(of: digest, after: 1000 + seed, images: nil, shape: [2], draws: 1 << 20)
        }
        #expect(drawn.budget < 1024)
    }

    @Test("a command's draws end below 2^27 elements, whatever recordings claim")
    func boundsCommand() throws {
        let folder = try TemporaryDirectory()
        var file = try RecordingFile(RecordingSite.path("base-bare.safetensors"))
        file.set("calls.0.mae", to: nil)
        let images: [String: Any] = [
            "name": "0", "shape": [1 << 14, 1, 1 << 7, 1 << 7], "dtype": "float32",
            "sha256": String(repeating: "1", count: 64),
        ]
        file.set("calls.0.modules.0.inputs.0", to: images)
        let path = try folder.write("a.safetensors", file.bytes())
        let explanation = try RecordingSite.explain(paths: [RecordingSite.path("base-bare.safetensors"), path])
        #expect(explanation.recordingPairs.first?.input == .differs)
        // Nor are they called equal, though the outputs are.
        #expect(
            explanation.sentence.hasPrefix("Nothing differs: weights and every module's"), "\(explanation.sentence)")
    }
}

extension TorchGenerator {
    /// What is drawn first after seed 0.
    fileprivate static func first(_ shape: [Int]) -> Tensor {
        var generator = TorchGenerator(seed: 0)
        return generator.rand(shape)
    }
}
