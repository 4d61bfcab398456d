import MAEDomain
import MAEText

extension Diagnosis {
    /// Two files were named as if they were saved together, and hold different things.
    ///
    /// The thread's third cause: `….pth` was saved and `….cpkt`, an older file, was loaded. A file is never called stale for
    /// a value that it does not hold, such as one from --config.
    static let staleFile: Rule = { context in
        let methods = context.comparison.methods.filter { $0.kind != .pretrained }
        var found: [Explanation] = []
        for (index, one) in methods.enumerated() {
            for other in methods[(index + 1)...] where SiblingPaths.areSiblings(one.path, other.path) {
                // A copy in half precision is no older file.
                let weights = context.differOnEveryNode(one, other) { pair in
                    pair.differing.has(.weights) && context.original(of: pair.left) != context.original(of: pair.right)
                }
                let ratio = context.differOnEveryNode(one, other) { pair in
                    let ratios = [pair.left, pair.right].map { context.cells[$0].maskRatio }
                    return ratios[0].value != ratios[1].value && ratios.allSatisfy(\.origin.isStated)
                }
                guard weights || ratio else { continue }
                found.append(
                    context.staleFile(
                        context.suspicion(one, other, weightsDiffer: weights), weightsDiffer: weights,
                        ratioDiffers: ratio))
            }
        }
        return found
    }
}

/// Which of two siblings is the odd one, and how that is known.
private struct Suspicion {
    var suspect: LoadingMethod
    var sibling: LoadingMethod
    /// Why it is this one, to stand after "is"; nil when nothing tells the two apart.
    var reason: String?
}

extension DiagnosisContext {
    /// Whether two methods differ wherever one node used both, at all; a difference on some nodes only is those nodes'.
    fileprivate func differOnEveryNode(
        _ one: LoadingMethod, _ other: LoadingMethod, _ differs: (PairComparison) -> Bool
    ) -> Bool {
        let labels = Set([one.label, other.label])
        let both = comparison.pairs.filter { pair in
            cells[pair.left].node.name == cells[pair.right].node.name
                && Set([cells[pair.left].method.label, cells[pair.right].method.label]) == labels
        }
        return !both.isEmpty && both.allSatisfy(differs)
    }

    /// The odd one of two: it was written earlier, or the weights of all others stand against it.
    fileprivate func suspicion(
        _ one: LoadingMethod, _ other: LoadingMethod, weightsDiffer: Bool
    ) -> Suspicion {
        let times = [one, other].map { comparison.plan.modified($0.path) }
        if let mine = times[0], let theirs = times[1], abs(mine - theirs) >= 1 {
            return mine < theirs
                ? Suspicion(suspect: one, sibling: other, reason: "older")
                : Suspicion(suspect: other, sibling: one, reason: "older")
        }
        let against = [one, other].map { method in
            weightsDiffer
                ? comparison.pairs.count { pair in
                    pair.differing.has(.weights)
                        && (cells[pair.left].method.label == method.label)
                            != (cells[pair.right].method.label == method.label)
                } : 0
        }
        if against[0] != against[1] {
            return against[0] > against[1]
                ? Suspicion(suspect: one, sibling: other, reason: "outvoted by the weights of the others")
                : Suspicion(suspect: other, sibling: one, reason: "outvoted by the weights of the others")
        }
        return Suspicion(suspect: one, sibling: other, reason: nil)
    }

    fileprivate func staleFile(
        _ suspicion: Suspicion, weightsDiffer: Bool, ratioDiffers: Bool
    ) -> Explanation {
        let (suspect, sibling) = (suspicion.suspect, suspicion.sibling)
        let odd = cells.indices.filter { cells[$0].method.label == suspect.label }
        let touched = pairs(
            Array(Set(pairs(with: .weights) + pairs(with: .configuration))).sorted(), touching: odd)
        let mine = cells.first { $0.method.label == suspect.label }
        let theirs = cells.first { $0.method.label == sibling.label }
        let digests = Set([mine, theirs].compactMap { $0?.weights.digest })
        let isCopy = digests.count > 1 && Set(digests.map(weightFamilies.original)).count == 1
        var differences: [String] = []
        var evidence: [String] = []
        if ratioDiffers, let mine, let theirs {
            differences.append(
                "mask_ratio \(NumberText.short(mine.maskRatio.value)) (from \(mine.maskRatio.origin.words)) "
                    + "instead of \(NumberText.short(theirs.maskRatio.value))")
        }
        if weightsDiffer {
            differences.append("other weights")
            if let mine, let theirs { evidence += WeightsWords.evidence(mine.weights, theirs.weights) }
        } else if !isCopy {
            evidence.append("The weights of the two files are the same.")
        }
        let (ending, other) = (SiblingPaths.ending(suspect.path), SiblingPaths.ending(sibling.path))
        if ending != other {
            evidence.insert(
                "The names end differently (.\(ending) and .\(other)), so the file that was loaded may not be the one that "
                    + "was saved.", at: 0)
        }
        let what = NumberText.list(differences)
        let finding = Finding(
            code: .staleFile, severity: .error,
            sentence: "`\(suspect.label)` reads \(suspect.path), which does not hold what its sibling \(sibling.path) "
                + "holds: \(what). "
                + (suspicion.reason.map { "It is \($0): probably not the file that was saved last." }
                    ?? "Nothing tells which of the two is the one that was meant."),
            evidence: evidence + worstDifference(in: touched),
            remedy: "Save both again and load the very path that was written; `mae-coord checkpoint diff` shows what "
                + "differs, and --mask-ratio sets one ratio for all methods.",
            python: suspicion.reason != nil && suspect.kind == .full && sibling.kind == .full
                ? PythonRemedy.load(sibling.path) : nil,
            cells: places(odd))
        // Half precision is a cause of its own, with a finding of its own.
        let stages = StageSet(isCopy ? [.configuration] : [.weights, .configuration])
        var explains = explaining(stages.union(.masking), in: touched)
        for pair in touched where noiseCannotMatter(pair) { explains[pair]?.insert(StageSet([.noise])) }
        return Explanation(finding: finding, explains: explains)
    }
}
