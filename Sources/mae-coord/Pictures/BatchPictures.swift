import MAECompute
import MAEEngine
import MAEFormats
import MAETensor

/// Pictures of the images of a batch: as they are, masked, and reconstructed by the decoder.
struct BatchPictures {
    /// The gray of a patch that was removed.
    private static let gray: UInt8 = 128
    /// What PyTorch adds to the variance of a patch before its square root.
    private static let varianceOffset = 1e-6

    private let result: BatchResult
    private let geometry: PatchGeometry
    private let scale: PixelScale
    /// Whether the decoder predicts patches of zero mean and unit variance: `norm_pix_loss`.
    private let normalizesPatches: Bool

    init(_ result: BatchResult, of model: LoadedModel, _ scale: PixelScale) {
        self.result = result
        self.scale = scale
        geometry = model.model.configuration.patchGeometry
        normalizesPatches = model.model.configuration.normalizesPixelLoss
    }

    /// Images in the batch.
    var count: Int { result.selection.images }

    /// The pixels of an image.
    func input(_ image: Int) -> PNGImage { picture(image) { value(image, $0) } }

    /// The same with gray in place of patches that were removed.
    func masked(_ image: Int) -> PNGImage { picture(image) { isRemoved(image, $0.patch) ? nil : value(image, $0) } }

    /// The same with the decoder's prediction in their place; nil where the decoder did not run.
    func reconstruction(_ image: Int) -> PNGImage? {
        guard let logits = result.output.logits else { return nil }
        let predicted = logits.rows(image..<image + 1).elements
        // Of a patch that was brought to zero mean and unit variance, the prediction is brought back by the figures of the original.
        let originals = (0..<geometry.patchCount).map { patch -> (mean: Double, deviation: Double) in
            normalizesPatches ? figures(image, patch) : (0, 1)
        }
        return picture(image) { place in
            guard isRemoved(image, place.patch) else { return value(image, place) }
            // Pixels of a patch before channels.
            let index = (place.patch * geometry.patchHeight * geometry.patchWidth + place.pixel) * geometry.channels
            let (mean, deviation) = originals[place.patch]
            return Double(predicted[index + place.channel]) * deviation + mean
        }
    }

    /// A pixel of one channel: its place in the image, and its patch with its place there.
    private struct Place {
        let channel: Int, y: Int, x: Int
        let patch: Int, pixel: Int
    }

    /// An image whose values `value` gives, gray where it gives none.
    ///
    /// Of other than three channels, all colors show the first.
    private func picture(_ image: Int, _ value: (Place) -> Double?) -> PNGImage {
        var samples: [UInt8] = []
        samples.reserveCapacity(3 * geometry.imageHeight * geometry.imageWidth)
        for y in 0..<geometry.imageHeight {
            for x in 0..<geometry.imageWidth {
                let patch = y / geometry.patchHeight * geometry.gridWidth + x / geometry.patchWidth
                let pixel = y % geometry.patchHeight * geometry.patchWidth + x % geometry.patchWidth
                for color in 0..<3 {
                    let channel = geometry.channels == 3 ? color : 0
                    let place = Place(channel: channel, y: y, x: x, patch: patch, pixel: pixel)
                    samples.append(value(place).map { scale.sample($0, channel: channel) } ?? Self.gray)
                }
            }
        }
        return PNGImage(width: geometry.imageWidth, height: geometry.imageHeight, samples: samples)
    }

    private func isRemoved(_ image: Int, _ patch: Int) -> Bool {
        result.selection.slots[image * geometry.patchCount + patch] < 0
    }

    private func value(_ image: Int, _ place: Place) -> Double {
        let row = (image * geometry.channels + place.channel) * geometry.imageHeight + place.y
        let index = row * geometry.imageWidth + place.x
        return result.input.images.withUnsafeElements { Double($0[index]) }
    }

    /// Mean and deviation of the pixels of a patch, over all channels, as the loss takes them.
    private func figures(_ image: Int, _ patch: Int) -> (mean: Double, deviation: Double) {
        let top = patch / geometry.gridWidth * geometry.patchHeight
        let left = patch % geometry.gridWidth * geometry.patchWidth
        var values: [Double] = []
        for channel in 0..<geometry.channels {
            for y in top..<top + geometry.patchHeight {
                for x in left..<left + geometry.patchWidth {
                    values.append(value(image, Place(channel: channel, y: y, x: x, patch: patch, pixel: 0)))
                }
            }
        }
        let mean = values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        // One pixel alone has no deviation.
        return (mean, (squares / Double(max(values.count - 1, 1)) + Self.varianceOffset).squareRoot())
    }
}
