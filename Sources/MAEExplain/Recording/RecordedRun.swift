import MAECheckpoint
import MAECompute
import MAEEngine
import MAEFormats
import MAEModel
import MAERecording
import MAETensor
import MAEVerify

/// A recorded call, computed again from a checkpoint with the same weights.
public struct RecordedRun: Sendable {
    /// The call.
    public let call: RecordedCallID
    /// Index of the model that was given.
    public let model: Int
    /// The largest difference of the final layer norms: PyTorch's from this engine's.
    public let difference: Double
    /// The same from double precision, over ``image`` alone: PyTorch's, and this engine's.
    public let fromDouble: Double, ownFromDouble: Double
    /// The image in which PyTorch and this engine differ most.
    public let image: Int
    /// Whether the difference is no more than fp32 rounding.
    public let isRounding: Bool

    /// Most calls that are computed again.
    static let most = 8

    /// Nil where images, noise or final layer norm are not known, or do not fit the model.
    init?(
        _ recorded: RecordedCall, _ given: Int, _ model: LoadedModel, _ rounding: RoundingLimit
    ) throws {
        let configuration = model.checkpoint.configuration.values
        let extents = [configuration.channelCount, configuration.imageSize.height, configuration.imageSize.width]
        guard let final = try recorded.finalTensor(), let noise = recorded.noise.noise, let kept = recorded.kept,
            let images = try recorded.inputTensor(), images.shape.count == 4,
            Array(images.shape.dropFirst()) == extents,
            noise.shape == [images.shape[0], configuration.patchCount], kept <= configuration.patchCount,
            final.shape == [images.shape[0], kept + 1, configuration.encoder.hiddenSize]
        else { return nil }
        var request = BatchRequest(
            seed: 0, pixels: .given(images), noise: .given(noise),
            maskRatio: kept == configuration.patchCount ? 0 : configuration.shortestRatio(keeping: kept))
        request.tokenOrder = .noise
        let result = try model.run(request)
        guard result.selection.kept == kept else { return nil }
        let own = result.selection.inNoiseOrder(result.output.layernorm)
        guard let metrics = DifferenceMetrics(of: .layernorm, final, own, rtol: 0) else { return nil }
        let worst = metrics.place?.first ?? 0
        let encoder = try Float64Encoder(configuration) { model.checkpoint.weight($0) }
        let one = PatchSelection(noise: noise.rows(worst..<worst + 1), keeping: kept, order: .noise)
        let exact = try encoder.run(images: images.rows(worst..<worst + 1), selection: one).layernorm
        call = recorded.id
        self.model = given
        image = worst
        difference = metrics.maximum
        fromDouble = final.rows(worst..<worst + 1).largestDistance(from: exact)
        ownFromDouble = own.rows(worst..<worst + 1).largestDistance(from: exact)
        isRounding = metrics.maximum <= rounding.limit(own, isMean: false, tokens: kept + 1)
    }
}

extension Tensor {
    /// The largest distance of an element from the one of double precision at its place; infinite where one is not finite.
    func largestDistance(from exact: [Double]) -> Double {
        precondition(exact.count == count, "one number an element")
        return withUnsafeElements { elements in
            zip(elements, exact).reduce(0) { largest, pair in
                let distance = abs(Double(pair.0) - pair.1)
                return distance.isNaN ? .infinity : Swift.max(largest, distance)
            }
        }
    }
}
