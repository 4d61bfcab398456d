import MAEEngine
import MAEVerify

/// What PyTorch would show when the models run one after the other, as the thread's script runs them.
public struct ScriptPrediction: Sendable {
    /// Number of images.
    public let images: Int
    /// Each two models.
    public let pairs: [PredictedPair]
    /// How much the order of the tokens changes the mean over them, measured on ``roundingImages`` images.
    public let rounding: Double
    /// Number of images that ``rounding`` was measured on.
    public let roundingImages: Int

    /// What each call of the script gives: model `i` is masked by draw `i`.
    let calls: [BatchResult]
}

extension ScriptPrediction {
    /// Images that show what the order of tokens does: the largest of several thousand roundings hardly grows with more.
    private static let mostRoundingImages = 2

    /// Runs the models in the order of `calls`, which holds the index of a model for each call.
    init(_ models: [GivenModel], calls: [Int], images: Int, _ predictor: OutputPredictor) throws {
        self.images = images
        let ratios = models.map(\.computedRatio)
        let own = try calls.enumerated().map { draw, index in
            try predictor.result(group: models[index].group, images: images, draw: draw, maskRatio: ratios[index])
        }
        let shared = try calls.map { index in
            try predictor.result(group: models[index].group, images: images, draw: 0, maskRatio: ratios[index])
        }
        // Models that compute the same need not be run for it.
        let isOneGroup = Set(calls.map { models[$0].group }).count == 1
        let whole =
            try isOneGroup
            ? []
            : calls.map { index in
                try predictor.result(group: models[index].group, images: images, draw: 0, maskRatio: 0)
            }
        roundingImages = min(images, Self.mostRoundingImages)
        rounding = try Self.rounding(group: models[calls[0]].group, images: roundingImages, predictor)
        self.calls = own
        var pairs: [PredictedPair] = []
        for left in calls.indices {
            for right in calls.indices.dropFirst(left + 1) {
                let sameGroup = models[calls[left]].group == models[calls[right]].group
                let nothingMasked = [left, right].allSatisfy { own[$0].selection.kept == own[$0].selection.patches }
                pairs.append(
                    PredictedPair(
                        left: left, right: right,
                        asTheyRun: sameGroup && nothingMasked
                            ? .rounding(rounding)
                            : PredictedDifference(own[left].output.pooled, own[right].output.pooled),
                        sameMask: PredictedDifference(shared[left].output.pooled, shared[right].output.pooled),
                        unmasked: sameGroup
                            ? .rounding(rounding)
                            : PredictedDifference(whole[left].output.pooled, whole[right].output.pooled)))
            }
        }
        self.pairs = pairs
    }

    /// The largest difference between means over the same tokens, computed in two random orders.
    private static func rounding(group: Int, images: Int, _ predictor: OutputPredictor) throws -> Double {
        let results = try (0...1).map { draw in
            try predictor.result(group: group, images: images, draw: draw, maskRatio: 0, order: .noise)
        }
        return DifferenceMetrics(of: .pooled, results[0].output.pooled, results[1].output.pooled, rtol: 0)?.maximum ?? 0
    }
}
