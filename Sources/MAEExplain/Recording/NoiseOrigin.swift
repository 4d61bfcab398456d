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

    /// Looks for the noise and the images of a call among the first draws after its seeds, as far as `drawn` has elements left.
    init(
        _ call: Recording.Call, of recording: Recording, seeds: [UInt64], draws: Int, _ drawn: DrawnNumbers
    ) throws {
        if let order = call.masking?.idsRestore { noise = try Self.ranks(order, recording) }
        let shapes = RecordedShapes(call, recording.model(of: call))
        let value = call.masking?.noise.flatMap { shapes.canBeNoise($0.shape) ? $0 : nil }
        if let value, let kept = try recording.tensor(of: value) { noise = kept }
        let input = call.modules.first?.inputs.first { shapes.canBeImages($0.shape) && $0.sha256 != nil }
        let own = call.generators["cpu"]?.seed
        var tried: Set<UInt64> = []
        for seed in [own].compactMap(\.self) + seeds where tried.insert(seed).inserted {
            for images in [input, nil] {
                if let images, imagesSeed == nil, drawn.images(after: seed, images.shape) == images.sha256 {
                    imagesSeed = seed
                }
                // Noise that was an argument may be of any generator.
                guard draw == nil, call.masking?.isNoiseGiven != true, let value, let digest = value.sha256,
                    let number = drawn.number(
                        of: digest, after: seed, images: images?.shape, shape: value.shape, draws: draws)
                else { continue }
                draw = (seed, number, images != nil)
                // What was kept, or its order, does as well.
                if noise == nil {
                    noise = drawn.noise(number, after: seed, images: images?.shape, shape: value.shape)
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
