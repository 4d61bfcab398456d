import MAEVerify

/// What part weights and masks each have in the difference between two outputs that differ in both.
struct DifferenceShares {
    /// With the mask of the one for both: what the weights alone make.
    let weights: PredictedDifference
    /// With the weights of the one for both: what the masks alone make.
    let masks: PredictedDifference

    /// Computes both; nil where the models part images into different patches, or a mask is not known.
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
    }

    /// The shares in a difference between two recognized outputs.
    init?(_ one: RecognizedOutput, _ other: RecognizedOutput, images: Int, _ predictor: OutputPredictor) throws {
        try self.init(
            (one.group, one.noise, one.maskRatio), (other.group, other.noise, other.maskRatio), images: images,
            predictor)
    }

    /// Both in a sentence.
    var words: String {
        "Of that, the weights alone make \(weights.words) (one mask for both), and the masks alone \(masks.words) (one set "
            + "of weights for both), between the means over the tokens."
    }
}
