import MAECheckpoint
import MAEDomain
import MAEFiles
import MAEFormats
import MAEText
import MAEVerify

extension Explanation {
    /// Models that remove different shares of the patches.
    ///
    /// Ratios are the same when they keep as many patches, whatever their digits.
    var maskRatiosDiffer: [Finding] {
        let counts = Set(models.map { $0.checkpoint.configuration.values.patchCount }).sorted()
        let parted = Dictionary(grouping: models.indices) { index in
            counts.map { models[index].keptCount(ofPatches: $0) }
        }.values
        guard parted.count > 1 else { return [] }
        let sides = parted.sorted { ($0.count, $1[0]) > ($1.count, $0[0]) }
        let values = sides.map { indices in
            "\(models[indices[0]].ratioText) for \(namesWithOrigins(indices, .maskRatio))"
        }
        let silent = models.filter { !$0.states(.maskRatio) && $0.givenMaskRatio == nil }
        let guesses =
            silent.isEmpty
            ? ""
            : " \(NumberText.list(silent.map { "`\($0.label)`" })) \(silent.count == 1 ? "does" : "do") not say which: give "
                + "FILE@mask_ratio=R for what your program sets."
        return [
            Finding(
                code: .maskRatioDiffers, severity: .error,
                sentence:
                    "The mask ratio is not the same, so the encoder sees different patches: \(NumberText.list(values)).",
                evidence: sides.map { indices in
                    let model = models[indices[0]]
                    return
                        "mask_ratio \(model.ratioText) leaves \(NumberText.count(model.keptCount + 1, "token")), CLS included."
                }
                    + shares { prediction, pair in
                        prediction.calls[pair.left].selection.kept != prediction.calls[pair.right].selection.kept
                    },
                remedy: "Set one ratio for all, after loading." + guesses,
                python: PythonRemedy.maskRatio(models[sides[0][0]].computedRatio))
        ]
    }

    /// Models of one value with where each has it from: "`a` and `b` (its config.json)".
    private func namesWithOrigins(_ indices: [Int], _ field: ConfigurationKey) -> String {
        var origins: [(words: String, labels: [String])] = []
        for index in indices {
            let (origin, label) = (models[index].stated(field).origin, "`\(models[index].label)`")
            if let known = origins.firstIndex(where: { $0.words == origin }) {
                origins[known].labels.append(label)
            } else {
                origins.append((origin, [label]))
            }
        }
        return NumberText.list(origins.map { "\(NumberText.list($0.labels)) (\($0.words))" })
    }

    /// What weights and masks each have in the first predicted pair that has both, as evidence.
    func shares(_ isMeant: (ScriptPrediction, PredictedPair) -> Bool = { _, _ in true }) -> [String] {
        guard let prediction,
            let pair = prediction.pairs.first(where: { $0.shares != nil && isMeant(prediction, $0) }),
            // What is not finite, or has nothing to compare, has no parts.
            case .differs = pair.asTheyRun, let shares = pair.shares
        else { return [] }
        let names = [pair.left, pair.right].map { "`\(callLabels[$0])`" }
        return ["\(names[0]) and \(names[1]) differ by \(pair.asTheyRun.words) as they run. \(shares.words)"]
    }

    /// Settings that the encoder computes with and that are not the same.
    var settingsDiffer: [Finding] {
        ConfigurationKey.allCases.compactMap { field in
            guard field != .maskRatio, field.decidesEncoder else { return nil }
            let parted = Dictionary(grouping: models.indices) { models[$0].checkpoint.configuration.values[field] }
            guard parted.count > 1 else { return nil }
            let values = parted.values.sorted { $0[0] < $1[0] }.map { indices in
                "\(models[indices[0]].stated(field).value) for \(namesWithOrigins(indices, field))"
            }
            let guessed = models.filter { $0.checkpoint.configuration.origin(of: field).isUncertain }
            let sure = models.filter { !$0.checkpoint.configuration.origin(of: field).isUncertain }
            let isSure = Set(sure.map { $0.checkpoint.configuration.values[field] }).count > 1
            let names = NumberText.list(guessed.map { "`\($0.label)`" })
            return Finding(
                code: .configurationDiffers, severity: isSure ? .error : .warning,
                sentence: "`\(field.rawValue)` is not the same: \(NumberText.list(values))."
                    + (isSure ? "" : " The value for \(names) is a guess, for the file does not say it.")
                    + (field.decidesInput
                        ? " No batch of images can feed both: transformers raises ValueError for another size." : ""),
                remedy: guessed.isEmpty
                    ? "Build the models from one configuration."
                    : "\(names) \(guessed.count == 1 ? "does" : "do") not say it, so this may be no difference at all: give "
                        + "--config with the config.json that your program uses.")
        }
    }

    /// Each forward call draws a mask: the thread's first cause.
    var masksDrawnAnew: [Finding] {
        guard let prediction else { return [] }
        let pairs = prediction.pairs.filter { pair in
            let (one, other) = (prediction.calls[pair.left].selection, prediction.calls[pair.right].selection)
            return one.patches == other.patches && one.kept == other.kept && one.kept < one.patches
                && one.ascending != other.ascending
        }
        guard let pair = pairs.first else { return [] }
        let (one, other) = (prediction.calls[pair.left].selection, prediction.calls[pair.right].selection)
        let (mine, theirs) = (one.ascending, other.ascending)
        let lost = (0..<one.images).map { image in
            let rows = image * one.kept..<(image + 1) * one.kept
            return Set(mine[rows]).subtracting(theirs[rows]).count
        }.reduce(0, +)
        let average = NumberText.short(Double(lost) / Double(one.images))
        let equal = pairs.filter { models[calls[$0.left]].group == models[calls[$0.right]].group }
        let worst = equal.compactMap { pair -> Double? in
            if case .differs(let size) = pair.asTheyRun { size } else { nil }
        }.max()
        return [
            Finding(
                code: .noiseNotShared, severity: .error,
                sentence:
                    "Each forward call masks other patches: ViT-MAE draws new noise in every call, in eval mode too. Of "
                    + "\(one.kept) patches that `\(callLabels[pair.left])` keeps of an image, "
                    + "`\(callLabels[pair.right])` drops \(average) on average.",
                evidence: worst.map {
                    ["Equal models run one after the other so differ by up to \(NumberText.short($0))."]
                }
                    ?? [],
                remedy:
                    "Give every call the same noise, or set the seed before each, or remove nothing (mask_ratio 0).",
                python: PythonRemedy.sharedNoise(images: images, patches: one.patches))
        ]
    }

    /// With nothing masked the noise still shuffles the tokens: the thread's second cause.
    var orderAlone: [Finding] {
        guard let prediction, let rounding = prediction.rounding,
            prediction.pairs.contains(where: { $0.asTheyRun.isRounding })
        else { return [] }
        return [
            Finding(
                code: .permutedTokens, severity: .note,
                sentence:
                    "With mask_ratio 0 the noise still shuffles the tokens, and no two calls shuffle alike: PyTorch adds "
                    + "the same numbers in another order, so equal models differ by about "
                    + "\(NumberText.short(rounding)), which is fp32 rounding and not the GPU, the file or the weights.",
                evidence: ["Whole outputs, compared token by token, set different patches against each other."],
                remedy: Self.oneOrder(rounding), python: PythonRemedy.unshuffled)
        ]
    }

    /// What to do about tokens in different orders, and what that leaves.
    static func oneOrder(_ rounding: Double?) -> String {
        let size = rounding.map { " (about \(NumberText.short($0)) in the means)" } ?? ""
        return "Compare in one order, which leaves the rounding\(size): the sums were computed in the orders they had. "
            + "With `model(pixels, noise=noise)`, only the same noise in every call leaves nothing."
    }

    /// What was noticed while the files were read: each thing once, with all files that it is true of.
    var readingFindings: [Finding] {
        struct Notice: Hashable {
            var code: CheckpointFinding.Code
            var severity: Severity
            var text: String
            /// Whether a file next to it that holds something else was written later.
            var isOutdated: Bool
        }
        let given = Set(models.map { FileSystem.realPath($0.checkpoint.path) ?? $0.checkpoint.path })
        var order: [Notice] = []
        var files: [Notice: [String]] = [:]
        for model in models {
            let findings = model.checkpoint.findings + (model.fingerprints?.findings(at: model.checkpoint.path) ?? [])
            for finding in findings {
                // What two given files have different is told with both of them.
                if finding.code == .differentSibling, given.contains(finding.siblingPath) { continue }
                let place = finding.location.place.map { "\($0): " } ?? ""
                let notice = Notice(
                    code: finding.code, severity: finding.severity, text: place + finding.message,
                    isOutdated: finding.code == .differentSibling && finding.isSiblingNewer)
                if files[notice] == nil { order.append(notice) }
                files[notice, default: []].append(model.label)
            }
        }
        return order.map { notice in
            let names = NumberText.list((files[notice] ?? []).map { "`\($0)`" })
            return Finding(
                code: notice.isOutdated ? FindingCode.staleFile.rawValue : FindingCode.load(notice.code.rawValue),
                severity: notice.severity, sentence: "\(names): \(notice.text)")
        }
    }
}

extension CheckpointFinding {
    /// The path of the file next to the checkpoint that the finding is about.
    fileprivate var siblingPath: String {
        let path = FileSystem.split(location.path).folder + "/" + (location.place ?? "")
        return FileSystem.realPath(path) ?? path
    }

    /// Whether that file was written after the checkpoint.
    fileprivate var isSiblingNewer: Bool {
        guard let own = FileSystem.modificationTime(location.path),
            let other = FileSystem.modificationTime(siblingPath)
        else { return false }
        return other - own >= 1
    }
}

extension ConfigurationKey {
    /// Whether it decides what images a model takes.
    fileprivate var decidesInput: Bool { self == .imageSize || self == .channelCount }

    /// Whether the encoder's output depends on it in evaluation mode.
    var decidesEncoder: Bool {
        switch self {
        case .hiddenActivation, .hiddenSize, .imageSize, .intermediateSize, .layerNormEpsilon, .maskRatio, .headCount,
            .channelCount, .layerCount, .patchSize, .hasQKVBias:
            true
        case .attentionDropout, .decoderHiddenSize, .decoderIntermediateSize, .decoderHeadCount, .decoderLayerCount,
            .hiddenDropout, .initializerRange, .normalizesPixelLoss:
            false
        }
    }
}
