import MAECompute
import MAETensor

/// The training loss of MAE: mean squared error over the pixels of removed patches (He and others, 2021).
///
/// Follows `ViTMAEForPreTraining.forward_loss`. With nothing removed it is 0 / 0, a NaN, as in PyTorch.
public enum ReconstructionLoss {
    /// Added to a patch's variance before its square root, as PyTorch does.
    private static let varianceOffset: Float = 1e-6

    /// The loss of a batch.
    ///
    /// - Parameters:
    ///   - images: (B, C, height, width).
    ///   - logits: (B, N, patch height · patch width · C), pixels before channels.
    ///   - mask: (B, N), 1 where a patch was removed.
    ///   - normalizesPixels: `norm_pix_loss`: patches are brought to zero mean and unit (unbiased) variance first.
    public static func value(
        images: Tensor, logits: Tensor, mask: Tensor, geometry: PatchGeometry, normalizesPixels: Bool
    ) -> Float {
        let pixels = geometry.patchPixels
        let errors = images.withUnsafeElements { images in
            logits.withUnsafeElements { logits in
                (0..<mask.count).map { patch in
                    var target = patchPixels(images, patch: patch, geometry)
                    if normalizesPixels { normalize(&target) }
                    let sum = CanonicalOrder.sum(count: pixels) { index, lane in
                        let difference = logits[patch * pixels + index] - target[index]
                        return CanonicalMath.fma(difference, difference, lane)
                    }
                    return sum / Float(pixels)
                }
            }
        }
        let removed = mask.elements
        let total = CanonicalOrder.sum(count: errors.count) { CanonicalMath.fma(errors[$0], removed[$0], $1) }
        return total / CanonicalOrder.sum(count: removed.count) { $1 + removed[$0] }
    }

    /// Pixels of one patch in the order row, column, channel: PyTorch's `patchify`.
    private static func patchPixels(
        _ images: UnsafeBufferPointer<Float>, patch: Int, _ geometry: PatchGeometry
    ) -> [Float] {
        let image = patch / geometry.patchCount * geometry.imagePixels
        let top = patch % geometry.patchCount / geometry.gridWidth * geometry.patchHeight
        let left = patch % geometry.gridWidth * geometry.patchWidth
        var pixels: [Float] = []
        pixels.reserveCapacity(geometry.patchPixels)
        for y in top..<top + geometry.patchHeight {
            for x in left..<left + geometry.patchWidth {
                for channel in 0..<geometry.channels {
                    pixels.append(images[image + (channel * geometry.imageHeight + y) * geometry.imageWidth + x])
                }
            }
        }
        return pixels
    }

    private static func normalize(_ pixels: inout [Float]) {
        let values = pixels
        let mean = CanonicalOrder.sum(count: values.count) { $1 + values[$0] } / Float(values.count)
        let squares = CanonicalOrder.sum(count: values.count) { index, lane in
            let difference = values[index] - mean
            return CanonicalMath.fma(difference, difference, lane)
        }
        let deviation = (squares / Float(values.count - 1) + varianceOffset).squareRoot()
        for index in pixels.indices { pixels[index] = (values[index] - mean) / deviation }
    }
}
