import MAEText
import MAECheckpoint
import MAEEngine
import MAEModel
import MAETensor
import MAEVerify

/// Finds out which model, draw and mask ratio an output came from, by computing the candidates.
struct OutputRecognition {
    let models: [GivenModel]
    let predictor: OutputPredictor
    /// Number of images that were given; nil for drawn ones, of which there are as many as an output has.
    let pixelCount: Int?
    /// Draws that are tried.
    let draws: Int

    /// Differences up to this come from the order of fp32 sums; layer norms of ViT-MAE base differ by some 1e-6.
    static let roundingLimit = 5e-5
    /// Differences up to this come from a type of fewer bits: TF32 and fp16 leave some 1e-3, bf16 some 1e-2.
    static let reducedLimit = 0.05
    /// A match in fewer bits must be this much closer than every other candidate.
    static let reducedMargin = 4.0

    /// A try: what it would be, and how far from it the output is.
    private struct Match {
        var group: Int
        var draw: Int?
        var maskRatio: Double
        var kept: Int
        var patches: Int
        var reduction: RecognizedOutput.Reduction
        var distance: Double
    }

    /// What became of an output.
    enum Answer {
        case recognized(RecognizedOutput)
        case unrecognized(UnrecognizedOutput)
    }

    /// Recognizes one output, or says why not.
    func recognize(_ output: RecordedOutput, at index: Int) throws -> Answer {
        guard output.values.isFinite else {
            return .unrecognized(
                UnrecognizedOutput(output: index, reason: "it holds NaN or infinite values", closest: nil))
        }
        let fitting = groups.filter { $0.checkpoint.configuration.values.encoder.hiddenSize == output.hidden }
        guard !fitting.isEmpty else {
            let sizes = Set(groups.map { $0.checkpoint.configuration.values.encoder.hiddenSize }).sorted()
            return .unrecognized(
                UnrecognizedOutput(
                    output: index,
                    reason: "its vectors have \(output.hidden) elements, and the models' "
                        + NumberText.list(sizes.map(String.init)),
                    closest: nil))
        }
        guard output.images <= ExplainRequest.mostImages, pixelCount.map({ $0 == output.images }) ?? true else {
            return .unrecognized(
                UnrecognizedOutput(
                    output: index,
                    reason: "it has \(output.images) images, and "
                        + (pixelCount.map { "\($0) are given" } ?? "at most \(ExplainRequest.mostImages) are computed"),
                    closest: nil))
        }
        var best: Match?
        var second = Double.infinity
        for model in fitting {
            for ratio in ratios(output, model) {
                for draw in 0..<draws {
                    guard let match = try match(output, model, ratio, draw) else { continue }
                    if match.distance <= Self.roundingLimit { return .recognized(recognized(match, .rounding, index)) }
                    if match.distance < best?.distance ?? .infinity {
                        (second, best) = (best?.distance ?? .infinity, match)
                    } else {
                        second = min(second, match.distance)
                    }
                }
            }
        }
        if let best, best.distance <= Self.reducedLimit, best.distance * Self.reducedMargin <= second {
            return .recognized(recognized(best, .reduced, index))
        }
        return .unrecognized(unrecognized(output, fitting, best, index))
    }

    /// The first model of each group.
    private var groups: [GivenModel] {
        var seen: Set<Int> = []
        return models.filter { seen.insert($0.group).inserted }
    }

    /// Ratios worth trying: for whole outputs the one that leaves as many tokens, for vectors those that are usual here.
    private func ratios(_ output: RecordedOutput, _ model: GivenModel) -> [Double] {
        let configuration = model.checkpoint.configuration.values
        let own = models.filter { $0.group == model.group }.map(\.computedRatio)
        var seen: Set<Int> = []
        let usual = (own + [0, ViTMAEConfiguration().maskRatio]).filter {
            seen.insert(configuration.keptCount(maskRatio: $0)).inserted
        }
        guard let tokens = output.tokens else { return usual }
        let kept = tokens - 1
        guard (0...configuration.patchCount).contains(kept) else { return [] }
        if let known = usual.first(where: { configuration.keptCount(maskRatio: $0) == kept }) { return [known] }
        // In the middle of those that keep as many, so that no rounding leads out of them.
        return [max(0, (Double(configuration.patchCount - kept) - 0.5) / Double(configuration.patchCount))]
    }

    private func match(
        _ output: RecordedOutput, _ model: GivenModel, _ ratio: Double, _ draw: Int
    ) throws -> Match? {
        let configuration = model.checkpoint.configuration.values
        let kept = configuration.keptCount(maskRatio: ratio)
        let keepsAll = kept == configuration.patchCount
        // Which draw it was changes nothing but the order where every patch is kept.
        let result = try predictor.result(
            group: model.group, images: output.images, draw: keepsAll ? 0 : draw, maskRatio: ratio)
        guard output.form == .tokens else {
            if keepsAll, draw > 0 { return nil }
            let mean = distance(output.values, result.output.pooled)
            let cls = distance(output.values, result.output.layernorm.firstTokens)
            return Match(
                group: model.group, draw: keepsAll ? nil : draw, maskRatio: ratio, kept: kept,
                patches: configuration.patchCount, reduction: mean <= cls ? .mean : .cls, distance: min(mean, cls))
        }
        let selection =
            try keepsAll
            ? predictor.selection(group: model.group, images: output.images, draw: draw, kept: kept) : result.selection
        return Match(
            group: model.group, draw: draw, maskRatio: ratio, kept: kept, patches: configuration.patchCount,
            reduction: .none, distance: distance(output.values, selection.inNoiseOrder(result.output.layernorm)))
    }

    private func distance(_ values: Tensor, _ computed: Tensor) -> Double {
        DifferenceMetrics(of: .layernorm, values, computed, rtol: 0)?.maximum ?? .infinity
    }

    private func recognized(
        _ match: Match, _ precision: RecognizedOutput.Precision, _ index: Int
    ) -> RecognizedOutput {
        RecognizedOutput(
            output: index, group: match.group, draw: match.draw, maskRatio: match.maskRatio, kept: match.kept,
            patches: match.patches, reduction: match.reduction, distance: match.distance, precision: precision)
    }

    private func unrecognized(
        _ output: RecordedOutput, _ fitting: [GivenModel], _ best: Match?, _ index: Int
    ) -> UnrecognizedOutput {
        let patches = fitting.map { $0.checkpoint.configuration.values.patchCount }
        let reason: String
        if let tokens = output.tokens, !patches.contains(where: { tokens <= $0 + 1 }) {
            reason = "it has \(tokens) tokens, and the models' images have \(patches[0]) patches"
        } else if let tokens = output.tokens, patches.contains(tokens) {
            reason =
                "it has as many rows as an image has patches and none for CLS, as the decoder's prediction has; outputs of "
                + "the encoder are looked for"
        } else {
            reason =
                "none of the first \(draws) draws of these models gives it: other images or another seed (--seed, --images), "
                + "more forward calls before it (--draws), another mask_ratio, training mode, a GPU (whose generator draws other noise), or a model that is not here"
        }
        return UnrecognizedOutput(output: index, reason: reason, closest: best?.distance)
    }
}

extension Tensor {
    /// The CLS token of each image, (B, H) of (B, T, H).
    fileprivate var firstTokens: Tensor {
        let (images, tokens, hidden) = (shape[0], shape[1], shape[2])
        return Tensor(shape: [images, hidden]) { output in
            withUnsafeElements { input in
                for image in 0..<images {
                    for column in 0..<hidden {
                        output.initializeElement(
                            at: image * hidden + column, to: input[image * tokens * hidden + column])
                    }
                }
            }
        }
    }
}
