import MAEVerify

/// What PyTorch would show when the models run one after the other, as the thread's script runs them.
public struct ScriptPrediction: Sendable {
    /// Number of images.
    public let images: Int
    /// Each two models.
    public let pairs: [PredictedPair]
    /// How much the order of the tokens changes the mean over them, measured on ``roundingImages`` images; nil where no
    /// model gives finite outputs.
    public let rounding: Double?
    /// Number of images that ``rounding`` was measured on.
    public let roundingImages: Int

    /// What each call of the script gives: model `i` is masked by draw `i`.
    let calls: [PredictedOutput]
}

extension ScriptPrediction {
    /// Images that show what the order of tokens does: the largest of several thousand roundings hardly grows with more.
    private static let mostRoundingImages = 2

    /// Runs the models in the order of `calls`, which holds the index of a model for each call.
    init(_ models: [GivenModel], calls: [Int], images: Int, _ predictor: OutputPredictor) throws {
        self.images = images
        let ratios = calls.map { models[$0].computedRatio }
        let own = try calls.enumerated().map { draw, index in
            try predictor.result(group: models[index].group, images: images, draw: .call(draw), maskRatio: ratios[draw])
        }
        let shared = try calls.enumerated().map { draw, index in
            try predictor.result(group: models[index].group, images: images, draw: .call(0), maskRatio: ratios[draw])
        }
        // Models that compute the same need not be run for it.
        let isOneGroup = Set(calls.map { models[$0].group }).count == 1
        let whole =
            try isOneGroup
            ? []
            : calls.map { index in
                try predictor.result(group: models[index].group, images: images, draw: .call(0), maskRatio: 0)
            }
        let fewImages = min(images, Self.mostRoundingImages)
        roundingImages = fewImages
        let finite = calls.indices.first { own[$0].pooled.isFinite }
        rounding = try finite.flatMap {
            try Self.rounding(group: models[calls[$0]].group, images: fewImages, predictor)
        }
        self.calls = own
        let ordered = rounding.map(PredictedDifference.rounding) ?? .notFinite
        var pairs: [PredictedPair] = []
        for left in calls.indices {
            for right in calls.indices.dropFirst(left + 1) {
                let sameGroup = models[calls[left]].group == models[calls[right]].group
                let nothingMasked = [left, right].allSatisfy { own[$0].selection.kept == own[$0].selection.patches }
                let isFinite = [left, right].allSatisfy { own[$0].pooled.isFinite }
                let isWholeFinite =
                    isFinite && [left, right].allSatisfy { whole.isEmpty || whole[$0].pooled.isFinite }
                pairs.append(
                    PredictedPair(
                        left: left, right: right,
                        asTheyRun: sameGroup && nothingMasked && isFinite
                            ? ordered : PredictedDifference(own[left].pooled, own[right].pooled),
                        sameMask: shared[left].selection.patches == shared[right].selection.patches
                            ? PredictedDifference(shared[left].pooled, shared[right].pooled) : .incomparable,
                        unmasked: sameGroup
                            ? (isWholeFinite ? ordered : .notFinite)
                            : PredictedDifference(whole[left].pooled, whole[right].pooled),
                        shares: sameGroup || own[left].selection.ascending == own[right].selection.ascending
                            ? nil
                            : try DifferenceShares(
                                (models[calls[left]].group, .call(left), ratios[left]),
                                (models[calls[right]].group, .call(right), ratios[right]), images: images, predictor)))
            }
        }
        self.pairs = pairs
    }

    /// The largest difference between means over the same tokens, computed in two random orders; nil when they are not
    /// finite.
    private static func rounding(group: Int, images: Int, _ predictor: OutputPredictor) throws -> Double? {
        let means = try (0...1).map { draw in
            try predictor.result(group: group, images: images, draw: .call(draw), maskRatio: 0, order: .noise).pooled
        }
        guard means.allSatisfy(\.isFinite) else { return nil }
        return DifferenceMetrics(of: .pooled, means[0], means[1], rtol: 0)?.maximum
    }
}
