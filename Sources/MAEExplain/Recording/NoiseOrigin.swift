import MAEModel
import MAERecording
import MAETensor
import TorchRandom

/// Where the noise of a recorded call came from, as far as the seed of its generator tells.
struct NoiseOrigin: Sendable {
    /// The seed and the number of the draw, counted from 0; nil where no draw of the seeds that are tried gives it.
    private(set) var draw: (seed: UInt64, number: Int, isAfterImages: Bool)?
    /// The noise itself, kept or drawn once more; nil where it is not known.
    private(set) var noise: Tensor?
    /// The seed after which `torch.randn` gives the images; nil where it gives others.
    private(set) var imagesSeed: UInt64?

    /// Most elements that are drawn to look for a call's images: 1024 images of 224 × 224 pixels in three channels.
    private static let mostElements = 1 << 28

    /// Looks for the noise and the images of a call among the first draws after its seeds.
    init(_ call: Recording.Call, of recording: Recording, seeds: [UInt64], draws: Int) throws {
        guard let value = call.masking?.noise, value.shape.count == 2 else { return }
        noise = try recording.tensor(of: value)
        guard let digest = value.sha256, call.masking?.isNoiseGiven != true else { return }
        let input = call.modules.first?.inputs.first { $0.shape.count == 4 }
        let own = call.generators["cpu"]?.seed
        var tried: Set<UInt64> = []
        for seed in [own].compactMap(\.self) + seeds where tried.insert(seed).inserted {
            for images in [input, nil] {
                var generator = TorchGenerator(seed: seed)
                if let images {
                    guard images.shape.reduce(1, *) <= Self.mostElements else { continue }
                    if generator.randn(images.shape).digest() == images.sha256 { imagesSeed = seed }
                }
                guard value.shape.reduce(1, *) <= Self.mostElements else { return }
                for number in 0..<draws {
                    let drawn = generator.rand(value.shape)
                    guard drawn.digest() == digest else { continue }
                    draw = (seed, number, images != nil)
                    noise = drawn
                    return
                }
            }
        }
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
