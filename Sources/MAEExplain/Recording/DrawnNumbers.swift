import MAETensor
import TorchRandom

/// What `torch.randn` and `torch.rand` give after seeds, by digest, each drawn once: calls of one recording mostly share them.
///
/// A recording says how large its images and noise are, and how often it drew: a file that claims too much must not keep
/// the reader busy. So all draws together have a budget, and what is beyond it is not looked for.
final class DrawnNumbers {
    private struct Start: Hashable {
        let seed: UInt64
        /// The images that are drawn first; nil for none.
        let images: [Int]?
    }

    private struct Key: Hashable {
        let start: Start
        let shape: [Int]
    }

    private struct Sequence {
        var generator: TorchGenerator
        var numbers: [SHA256Digest: Int] = [:]
        var count = 0
    }

    /// Elements that may still be drawn.
    private(set) var budget: Int
    private var starts: [Start: (digest: SHA256Digest?, generator: TorchGenerator)] = [:]
    private var sequences: [Key: Sequence] = [:]

    /// A command's draws: 2²⁷ elements, three batches of 256 images of ViT-MAE.
    init(budget: Int = 1 << 27) { self.budget = budget }

    /// The digest of images of a shape that are drawn first after a seed; nil beyond the budget.
    func images(after seed: UInt64, _ shape: [Int]) -> SHA256Digest? {
        start(Start(seed: seed, images: shape))?.digest
    }

    /// Which of the first `draws` draws has a digest, after a seed and, where `images` are given, those; nil for none.
    func number(of digest: SHA256Digest, after seed: UInt64, images: [Int]?, shape: [Int], draws: Int) -> Int? {
        let start = Start(seed: seed, images: images)
        let key = Key(start: start, shape: shape)
        guard var sequence = sequences[key] ?? self.start(start).map({ Sequence(generator: $0.generator) }) else {
            return nil
        }
        defer { sequences[key] = sequence }
        while sequence.numbers[digest] == nil, sequence.count < draws, spend(shape) {
            let drawn = sequence.generator.rand(shape).digest()
            if sequence.numbers[drawn] == nil { sequence.numbers[drawn] = sequence.count }
            sequence.count += 1
        }
        return sequence.numbers[digest].flatMap { $0 < draws ? $0 : nil }
    }

    /// Draw `number` itself; nil beyond the budget.
    func noise(_ number: Int, after seed: UInt64, images: [Int]?, shape: [Int]) -> Tensor? {
        guard var generator = start(Start(seed: seed, images: images))?.generator else { return nil }
        for _ in 0..<number {
            guard spend(shape) else { return nil }
            _ = generator.rand(shape)
        }
        return spend(shape) ? generator.rand(shape) : nil
    }

    private func start(_ start: Start) -> (digest: SHA256Digest?, generator: TorchGenerator)? {
        if let known = starts[start] { return known }
        var generator = TorchGenerator(seed: start.seed)
        var digest: SHA256Digest?
        if let images = start.images {
            guard spend(images) else { return nil }
            digest = generator.randn(images).digest()
        } else {
            guard spend([]) else { return nil }
        }
        starts[start] = (digest, generator)
        return (digest, generator)
    }

    /// Takes the elements of a shape out of the budget; a small draw counts for what it costs to begin one.
    private func spend(_ shape: [Int]) -> Bool {
        guard let count = Tensor.checkedElementCount(of: shape), max(count, 1024) <= budget else { return false }
        budget -= max(count, 1024)
        return true
    }
}
