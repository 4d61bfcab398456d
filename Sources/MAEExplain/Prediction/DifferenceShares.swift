import MAEVerify

/// What part models and masks each have in the difference between two outputs that differ in both.
struct DifferenceShares {
    /// With the mask of the one for both: what the weights and settings alone make.
    let weights: PredictedDifference
    /// With the model of the one for both: what the masks alone make.
    let masks: PredictedDifference
    /// What the models differ in.
    private let distinction: ModelDistinction

    /// Computes both; nil where the models part images into different patches, a mask is not known, or what they give is
    /// not finite.
    init?(
        _ left: (group: Int, draw: NoiseDraw?, ratio: Double), _ right: (group: Int, draw: NoiseDraw?, ratio: Double),
        images: Int, _ predictor: OutputPredictor
    ) throws {
        let configurations = [left.group, right.group].map { predictor.given($0).checkpoint.configuration.values }
        guard configurations[0].patchCount == configurations[1].patchCount else { return nil }
        func pooled(_ group: Int, _ mask: (group: Int, draw: NoiseDraw?, ratio: Double)) throws -> PredictedOutput {
            try predictor.result(group: group, images: images, draw: mask.draw ?? .call(0), maskRatio: mask.ratio)
        }
        let own = try pooled(left.group, left).pooled
        weights = PredictedDifference(own, try pooled(right.group, left).pooled)
        masks = PredictedDifference(own, try pooled(left.group, right).pooled)
        distinction = ModelDistinction(predictor.given(left.group), predictor.given(right.group))
        guard weights != .notFinite, masks != .notFinite else { return nil }
    }

    /// The shares in a difference between two recognized outputs.
    init?(_ one: RecognizedOutput, _ other: RecognizedOutput, images: Int, _ predictor: OutputPredictor) throws {
        try self.init(
            (one.group, one.noise, one.maskRatio), (other.group, other.noise, other.maskRatio), images: images,
            predictor)
    }

    /// Both in a sentence.
    var words: String {
        "Of that, the \(distinction.words) alone make \(weights.share) (one mask for both), and the masks alone "
            + "\(masks.share) (one model for both), between the means over the tokens."
    }
}

extension PredictedDifference {
    /// The difference as what something makes, to stand after "make".
    fileprivate var share: String { self == .equal ? "no difference" : words }
}
