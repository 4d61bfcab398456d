import MAERecording
import MAETensor
import TorchRandom

/// Where the noise and the images of a recorded call came from, as far as the seed of its generator tells.
struct NoiseOrigin: Sendable {
    /// The seed and the number of the draw, counted from 0; nil where no draw of the seeds that are tried gives it.
    private(set) var draw: (seed: UInt64, number: Int, isAfterImages: Bool)?
    /// The noise itself, kept or drawn once more, or numbers in the order that `ids_restore` has; nil where none is known.
    private(set) var noise: Tensor?
    /// The seed after which `torch.randn` gives the images; nil where it gives others.
    private(set) var imagesSeed: UInt64?

    /// Most elements that are drawn to look for a call's images or noise: 1 GiB as fp32.
    private static let mostElements = 1 << 28

    /// Looks for the noise and the images of a call among the first draws after its seeds.
    init(
        _ call: Recording.Call, of recording: Recording, seeds: [UInt64], draws: Int, _ drawn: DrawnImages
    ) throws {
        if let order = call.masking?.idsRestore { noise = try Self.ranks(order, recording) }
        let value = call.masking?.noise.flatMap { $0.shape.count == 2 ? $0 : nil }
        if let value, let kept = try recording.tensor(of: value) { noise = kept }
        let input = call.modules.first?.inputs.first { $0.shape.count == 4 && $0.sha256 != nil }
        let own = call.generators["cpu"]?.seed
        var tried: Set<UInt64> = []
        for seed in [own].compactMap(\.self) + seeds where tried.insert(seed).inserted {
            for images in [input, nil] where (images?.shape.reduce(1, *) ?? 0) <= Self.mostElements {
                var generator = TorchGenerator(seed: seed)
                if let images {
                    let after = drawn.after(seed, images.shape)
                    if after.digest == images.sha256, imagesSeed == nil { imagesSeed = seed }
                    generator = after.generator
                }
                // Noise that was an argument may be of any generator.
                guard draw == nil, call.masking?.isNoiseGiven != true, let value, let digest = value.sha256,
                    value.shape.reduce(1, *) <= Self.mostElements
                else { continue }
                for number in 0..<draws {
                    let candidate = generator.rand(value.shape)
                    guard candidate.digest() == digest else { continue }
                    draw = (seed, number, images != nil)
                    noise = candidate
                    break
                }
            }
            if draw != nil, imagesSeed != nil { return }
        }
    }

    /// The place of each patch in the order of the noise, as numbers that give the same order; nil where it is not known.
    private static func ranks(_ order: Recording.Value, _ recording: Recording) throws -> Tensor? {
        guard order.shape.count == 2, let ranks = try recording.integers(of: order) else { return nil }
        let patches = order.shape[1]
        // fp32 holds each of them exactly.
        guard (1...1 << 24).contains(patches),
            stride(from: 0, to: ranks.count, by: patches).allSatisfy({
                ranks[$0..<$0 + patches].sorted() == (0..<Int64(patches)).map { $0 }
            })
        else { return nil }
        return Tensor(shape: order.shape, elements: ranks.map { Float($0) })
    }

    /// The draw in words: the `second` after `torch.manual_seed(42)`; nil where it is not known.
    var origin: (ordinal: String, start: String)? {
        draw.map { draw in
            let ordinals = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"]
            return (
                draw.number < ordinals.count ? ordinals[draw.number] : "\(draw.number + 1)th",
                "torch.manual_seed(\(draw.seed))" + (draw.isAfterImages ? " and the images" : "")
            )
        }
    }
}

/// What `torch.randn` gives after a seed, by digest: calls of one recording mostly have images of one shape.
final class DrawnImages {
    private struct Key: Hashable {
        let seed: UInt64
        let shape: [Int]
    }

    private var known: [Key: (digest: SHA256Digest, generator: TorchGenerator)] = [:]

    /// The digest of images of a shape that are drawn first after a seed, and the generator as it is then.
    func after(_ seed: UInt64, _ shape: [Int]) -> (digest: SHA256Digest, generator: TorchGenerator) {
        let key = Key(seed: seed, shape: shape)
        if let found = known[key] { return found }
        var generator = TorchGenerator(seed: seed)
        let digest = generator.randn(shape).digest()
        known[key] = (digest, generator)
        return (digest, generator)
    }
}
