import MAECheckpoint
import MAEEngine
import MAEModel
import MAETensor
import MAEText
import MAEVerify

/// Finds out which model, draw and mask ratio an output came from, by computing the candidates.
struct OutputRecognition {
    let models: [GivenModel]
    let predictor: OutputPredictor
    /// Number of images that were given; nil for drawn ones, of which there are as many as an output has.
    let pixelCount: Int?
    /// Draws that are tried.
    let draws: [NoiseDraw]
    /// What rounding leaves.
    let rounding: RoundingLimit

    /// No difference beyond this comes from the order of fp32 sums; layer norms of ViT-MAE base differ by some 1e-6.
    static let roundingLimit = 5e-5
    /// Differences up to this come from a type of fewer bits: TF32 and fp16 leave some 1e-3, bf16 some 1e-2.
    static let reducedLimit = 0.05
    /// A match must be this much closer than another candidate to be told from it.
    static let margin = 4.0
    /// As ``margin``, within ``roundingLimit``: the draws of a model that hardly looks at its patches are that near too.
    static let roundingMargin = 16.0

    /// Prepares for the models of a request; `calls` is the number of forward calls that are tried in any case.
    init(
        _ models: [GivenModel], _ predictor: OutputPredictor, _ request: ExplainRequest, calls: Int,
        _ rounding: RoundingLimit
    ) {
        self.rounding = rounding
        self.models = models
        self.predictor = predictor
        pixelCount = request.pixels?.shape.first
        // After images that were read, the first draw is that of a fresh generator already.
        let seeds = Set(request.pixels == nil ? [request.seed, 0] : [0]).sorted()
        draws =
            (0..<max(request.draws, calls)).map(NoiseDraw.call)
            + seeds.filter { request.pixels == nil || $0 != request.seed }.map(NoiseDraw.seed)
    }

    /// A try: what it would be, and how far from it the output is.
    private struct Match {
        var group: Int
        var draw: NoiseDraw?
        var maskRatio: Double
        var kept: Int
        var patches: Int
        var vectors: OutputVectors.Match?
        var distance: Double

        /// Whether two tries are the same computation, of whatever model.
        func isSameCall(as other: Match) -> Bool {
            // Where no patch is kept, no draw is seen.
            (kept, patches) == (other.kept, other.patches) && (draw == other.draw || kept == 0)
                && vectors?.reduction == other.vectors?.reduction
        }
    }

    /// What became of an output.
    enum Answer {
        case recognized(RecognizedOutput)
        case unrecognized(UnrecognizedOutput)
    }

    /// Recognizes one output, or says why not.
    func recognize(_ output: RecordedOutput, at index: Int) throws -> Answer {
        if let reason = reasonAgainst(output) {
            return .unrecognized(UnrecognizedOutput(output: index, reason: reason, closest: nil))
        }
        let fitting = fitting(output)
        var matches: [Match] = []
        for model in fitting {
            for ratio in ratios(output, model) {
                for draw in candidates(output, model, ratio) {
                    guard let match = try match(output, model, ratio, draw) else { continue }
                    if match.distance <= Self.roundingLimit, try isAlone(match, output, model) {
                        let same = [match] + (try sameCall(as: match, draw, output, fitting))
                        return .recognized(recognized(same, output, index))
                    }
                    matches.append(match)
                }
            }
        }
        let closest = matches.min { $0.distance < $1.distance }
        guard let closest, closest.distance <= Self.reducedLimit else {
            return .unrecognized(unrecognized(output, closest, index))
        }
        let rival = matches.filter { !$0.isSameCall(as: closest) }.min { $0.distance < $1.distance }
        let margin = closest.distance <= Self.roundingLimit ? Self.roundingMargin : Self.margin
        if let rival, closest.distance * margin >= rival.distance {
            return .unrecognized(
                UnrecognizedOutput(
                    output: index,
                    reason: "two candidates fit about equally: \(words(closest)), and \(words(rival))",
                    closest: closest.distance))
        }
        return .recognized(recognized(matches.filter { $0.isSameCall(as: closest) }, output, index))
    }

    /// What is tried of a model at a ratio: each draw, and where every patch is kept the tokens in no draw's order.
    private func candidates(_ output: RecordedOutput, _ model: GivenModel, _ ratio: Double) -> [NoiseDraw?] {
        let configuration = model.checkpoint.configuration.values
        let keepsAll = configuration.keptCount(maskRatio: ratio) == configuration.patchCount
        return keepsAll && output.form == .tokens ? [nil] + draws : draws
    }

    /// Whether another call of the model is so far off that a match is no accident of a model whose calls hardly differ.
    ///
    /// One other call shows it, and spares the rest: computing is what takes the time.
    private func isAlone(_ match: Match, _ output: RecordedOutput, _ model: GivenModel) throws -> Bool {
        let configuration = model.checkpoint.configuration.values
        let others = ratios(output, model).lazy.flatMap { ratio in draws.prefix(2).map { (ratio, $0) } }
        for (ratio, draw) in others
        where draw != match.draw || configuration.keptCount(maskRatio: ratio) != match.kept {
            guard let other = try self.match(output, model, ratio, draw), !other.isSameCall(as: match) else { continue }
            return match.distance * Self.roundingMargin < other.distance
        }
        return true
    }

    /// The same draw and ratio with the weights of the other models.
    private func sameCall(
        as match: Match, _ draw: NoiseDraw?, _ output: RecordedOutput, _ fitting: [GivenModel]
    ) throws -> [Match] {
        try fitting.filter {
            $0.group != match.group && $0.checkpoint.configuration.values.patchCount == match.patches
        }.compactMap { try self.match(output, $0, match.maskRatio, draw) }.filter { $0.isSameCall(as: match) }
    }

    /// Why no candidate has to be computed for an output; nil when some have.
    private func reasonAgainst(_ output: RecordedOutput) -> String? {
        if !output.values.isFinite { return "it holds NaN or infinite values" }
        if fitting(output).isEmpty {
            let sizes = Set(groups.map { $0.checkpoint.configuration.values.encoder.hiddenSize }).sorted()
            return "its vectors have \(output.hidden) elements, and the models' "
                + NumberText.list(sizes.map(String.init))
        }
        guard output.images <= ExplainRequest.mostImages, pixelCount.map({ $0 == output.images }) ?? true else {
            return "it has \(output.images) images, and "
                + (pixelCount.map { "\($0) are given" } ?? "at most \(ExplainRequest.mostImages) are computed")
        }
        return nil
    }

    /// The first model of each group.
    private var groups: [GivenModel] {
        var seen: Set<Int> = []
        return models.filter { seen.insert($0.group).inserted }
    }

    /// The models whose tokens are as long as those of an output, the first of each group.
    private func fitting(_ output: RecordedOutput) -> [GivenModel] {
        groups.filter { $0.checkpoint.configuration.values.encoder.hiddenSize == output.hidden }
    }

    /// Ratios worth trying: for whole outputs the one that leaves as many tokens, for vectors those that are usual here.
    private func ratios(_ output: RecordedOutput, _ model: GivenModel) -> [Double] {
        let configuration = model.checkpoint.configuration.values
        var seen: Set<Int> = []
        let usual = (models.filter { $0.group == model.group }.map(\.computedRatio) + Self.commonRatios).filter {
            seen.insert(configuration.keptCount(maskRatio: $0)).inserted
        }
        guard let tokens = output.tokens else { return usual }
        let kept = tokens - 1
        guard (0...configuration.patchCount).contains(kept) else { return [] }
        if let known = usual.first(where: { configuration.keptCount(maskRatio: $0) == kept }) { return [known] }
        return [configuration.shortestRatio(keeping: kept)]
    }

    /// Ratios that are tried without being stated anywhere.
    private static let commonRatios = [0, ViTMAEConfiguration().maskRatio]

    private func match(
        _ output: RecordedOutput, _ model: GivenModel, _ ratio: Double, _ draw: NoiseDraw?
    ) throws -> Match? {
        let configuration = model.checkpoint.configuration.values
        let kept = configuration.keptCount(maskRatio: ratio)
        let keepsAll = kept == configuration.patchCount
        if output.form == .vectors, keepsAll, draw != draws[0] { return nil }
        // Which draw it was changes nothing but the order where every patch is kept.
        let result = try predictor.result(
            group: model.group, images: output.images, draw: keepsAll ? draws[0] : draw ?? draws[0],
            maskRatio: ratio)
        var match = Match(
            group: model.group, draw: draw, maskRatio: ratio, kept: kept, patches: configuration.patchCount,
            distance: .infinity)
        if output.form == .vectors {
            let vectors = OutputVectors.match(output.values, result)
            match.vectors = vectors
            match.distance = vectors.distance
            if keepsAll { match.draw = nil }
        } else {
            let tokens: Tensor
            if let draw {
                let selection =
                    keepsAll
                    ? predictor.selection(group: model.group, images: output.images, draw: draw, kept: kept)
                    : result.selection
                tokens = selection.inNoiseOrder(result.layernorm)
            } else {
                tokens = result.layernorm
            }
            match.distance =
                DifferenceMetrics(of: .layernorm, output.values, tokens, rtol: 0)?.maximum ?? .infinity
        }
        return match
    }

    /// What an output is, given all tries that are the same computation with the weights of different models.
    private func recognized(
        _ same: [Match], _ output: RecordedOutput, _ index: Int
    ) -> RecognizedOutput {
        let sorted = same.sorted { $0.distance < $1.distance }
        let best = sorted[0]
        let reduction = best.vectors?.reduction ?? .none
        let limit = rounding.limit(
            output.values, isMean: reduction.isMean, tokens: best.kept + 1)
        let isStated = models.contains { $0.group == best.group && $0.keptCount == best.kept }
        return RecognizedOutput(
            output: index, group: best.group,
            rivals: sorted.dropFirst().filter { $0.distance <= best.distance * Self.margin }.map {
                RecognizedOutput.Rival(group: $0.group, distance: $0.distance)
            },
            noise: best.draw, maskRatio: best.maskRatio,
            isRatioDerived: !isStated && !Self.commonRatios.contains(best.maskRatio), kept: best.kept,
            patches: best.patches, reduction: reduction, isRestored: output.form == .tokens && best.draw == nil,
            isNormalized: best.vectors?.isNormalized ?? false, distance: best.distance,
            precision: best.distance <= limit ? .rounding : .reduced)
    }

    private func words(_ match: Match) -> String {
        let call = match.draw?.words ?? "any draw"
        let names = models.filter { $0.group == match.group }.map { "`\($0.label)`" }
        return "\(call) of \(NumberText.list(names)) at mask_ratio "
            + "\(predictor.given(match.group).checkpoint.configuration.values.text(ofRatio: match.maskRatio)) "
            + "(\(NumberText.short(match.distance)))"
    }

    private func unrecognized(_ output: RecordedOutput, _ closest: Match?, _ index: Int) -> UnrecognizedOutput {
        let known = reasonAgainstTokens(output)
        return UnrecognizedOutput(
            output: index, reason: known ?? reasonOfDraws(output),
            closest: closest.flatMap { $0.distance.isFinite ? $0.distance : nil }, triedDraws: known == nil)
    }

    /// Why no draw can give the tokens of an output; nil where nothing speaks against it.
    private func reasonAgainstTokens(_ output: RecordedOutput) -> String? {
        let fitting = fitting(output)
        let patches = fitting.map { $0.checkpoint.configuration.values.patchCount }
        if let tokens = output.tokens {
            if !patches.contains(where: { tokens <= $0 + 1 }) {
                return "it has \(tokens) tokens, and the models' images have \(patches[0]) patches"
            }
            if patches.contains(tokens) {
                return
                    "it has as many rows as an image has patches and none for CLS, as the decoder's prediction has; outputs of "
                    + "the encoder are looked for"
            }
            let norms = fitting.compactMap { FinalNorm(of: $0.checkpoint) }
            if norms.count == fitting.count, !norms.contains(where: { $0.gives(output.values) }) {
                return
                    "the final layer norm of these models gives no such tokens: it is a hidden state from before that norm "
                    + "(hidden_states; save last_hidden_state), another layer, or of other weights"
            }
        }
        return nil
    }

    /// Why no candidate is an output, as far as draws are concerned.
    private func reasonOfDraws(_ output: RecordedOutput) -> String {
        "none of the first \(draws.count { if case .call = $0 { true } else { false } }) draws of these models gives it: "
            + "other images or another seed (--seed, --images), more forward calls before it (--draws), another "
            + "mask_ratio, training mode, a GPU (whose generator draws other noise), or a model that is not here"
            + (output.form == .vectors ? ", or vectors made in another way (max pooling)" : "")
    }
}
