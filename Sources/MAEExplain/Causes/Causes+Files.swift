import MAECheckpoint
import MAEDomain
import MAEFormats
import MAEText
import MAEVerify

extension Explanation {
    /// Files that were given as if they were saved together, and hold different things.
    ///
    /// The thread's third cause: `….pth` was saved and `….cpkt`, an older file, was loaded.
    var staleFiles: [Finding] {
        var found: [Finding] = []
        for left in models.indices {
            for right in models.indices.dropFirst(left + 1) {
                if let finding = staleFile(left, right) { found.append(finding) }
            }
        }
        return found
    }

    private func staleFile(_ left: Int, _ right: Int) -> Finding? {
        let (one, other) = (models[left], models[right])
        guard one.checkpoint.method != .pretrained, other.checkpoint.method != .pretrained,
            SiblingPaths.areSiblings(one.checkpoint.path, other.checkpoint.path)
        else { return nil }
        var differences: [String] = []
        if one.states(.maskRatio), other.states(.maskRatio), one.ownMask != other.ownMask {
            differences.append(
                "mask_ratio \(one.ownMask.ratio) in `\(one.label)` and \(other.ownMask.ratio) in `\(other.label)`")
        }
        if let difference = weightsDifference(left, right), difference.rounding == nil {
            differences.append("\(NumberText.count(difference.tensors.count, "tensor")) of \(difference.sharedCount)")
        }
        guard !differences.isEmpty else { return nil }
        let what = NumberText.list(differences)
        guard let stale = older(left, right) else {
            return Finding(
                code: .staleFile, severity: .error,
                sentence:
                    "`\(one.label)` and `\(other.label)` have one name up to the end and hold different things: \(what). "
                    + "One of them is not the file that was meant.",
                remedy: "Save once, and load the very path that was written.")
        }
        let fresh = stale.index == left ? right : left
        return Finding(
            code: .staleFile, severity: .error,
            sentence:
                "`\(models[stale.index].label)` is \(stale.reason) `\(models[fresh].label)`, and holds something else: "
                + "\(what). It is probably not the file that was saved last.",
            remedy: "Load the file that was written, by its whole name.",
            python: models[fresh].checkpoint.method == .full && models[stale.index].checkpoint.method == .full
                ? PythonRemedy.load(models[fresh].checkpoint.path) : nil)
    }

    /// Which of two models is the older file, and by how much; nil when nothing tells.
    private func older(_ left: Int, _ right: Int) -> (index: Int, reason: String)? {
        guard let mine = models[left].modified, let theirs = models[right].modified, abs(mine - theirs) >= 1 else {
            return nil
        }
        return (mine < theirs ? left : right, "\(AgeText.words(abs(mine - theirs))) older than")
    }

    /// How the weights of two models differ; nil when they are equal, or were not set against each other.
    private func weightsDifference(_ left: Int, _ right: Int) -> ModelDifference? {
        guard models[left].fingerprints?.sha256 != models[right].fingerprints?.sha256 else { return nil }
        return weights?.differences.first { difference in
            let sides = [difference.left, difference.right].map { weights?.groups[$0].models ?? [] }
            return (sides[0].contains(left) && sides[1].contains(right))
                || (sides[0].contains(right) && sides[1].contains(left))
        }?.model
    }

    /// Weights that are not equal.
    var weightsDiffer: [Finding] {
        guard let weights else { return [] }
        return weights.differences.compactMap { difference in
            let left = weights.groups[difference.left].models
            let right = weights.groups[difference.right].models
            guard !difference.model.hasEqualWeights, let first = left.first, let other = right.first else { return nil }
            let (one, two) = (models[first].label, models[other].label)
            let names = [left, right].map { NumberText.list($0.map { "`\(models[$0].label)`" }) }
            let ofDecoderAlone = models[first].group == models[other].group
            let rounding = difference.model.rounding
            return Finding(
                code: rounding == nil ? .weightsDiffer : .roundedWeights, severity: ofDecoderAlone ? .note : .error,
                sentence:
                    "The weights of \(names[1]) are not those of \(names[0]): \(difference.model.summary(one, two))."
                    + (ofDecoderAlone ? " The encoder's are equal, so its outputs do not differ by it." : ""),
                evidence: Array(
                    difference.model.tensors.prefix(5).map { "\($0.name): \($0.words)" })
                    + (ofDecoderAlone
                        ? []
                        : shares { _, pair in
                            Set([pair.left, pair.right].map { models[calls[$0]].group })
                                == Set([models[first].group, models[other].group])
                        }),
                remedy: rounding.map {
                    "Load \($0.original(one, two)), or compare at the precision of \($0.format)."
                } ?? "Save the state dict of the model that is meant, and load it into the others.",
                python: rounding == nil
                    ? "missing, unexpected = model.load_state_dict(state_dict)  # both must be empty" : nil)
        }
    }
}

extension GivenModel {
    /// Whether the file itself says what the value is.
    func states(_ field: ConfigurationKey) -> Bool {
        switch checkpoint.configuration.origin(of: field) {
        case .configFile, .pickledObject, .pickledModules, .stated: true
        case .option, .shapes, .guess, .transformersDefault, .preset, .flag: false
        }
    }

    /// What the checkpoint itself says of its mask, whatever was given with it: equal for ratios that keep as many patches.
    fileprivate var ownMask: OwnMask {
        let configuration = checkpoint.configuration.values
        return OwnMask(
            kept: configuration.keptCount(), patches: configuration.patchCount,
            ratio: configuration.text(ofRatio: configuration.maskRatio))
    }
}

/// How many patches a checkpoint keeps of how many, and the ratio that says so.
private struct OwnMask: Equatable {
    let kept: Int
    let patches: Int
    let ratio: String

    static func == (left: OwnMask, right: OwnMask) -> Bool {
        // Of another number of patches, only the ratio can be compared.
        left.patches == right.patches ? left.kept == right.kept : left.ratio == right.ratio
    }
}
