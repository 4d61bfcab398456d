extension Diagnosis {
    /// A pickled model and a state dict were named as if they were saved together, and hold different things.
    ///
    /// The thread's third cause: `….pth` was saved and `….cpkt`, an older file, was loaded.
    static let staleFile: Rule = { context in
        let methods = context.comparison.methods
        var found: [Explanation] = []
        for full in methods where full.kind == .full {
            for other in methods where other.kind == .stateDict && SiblingPaths.areSiblings(full.path, other.path) {
                let otherEnding = SiblingPaths.ending(full.path) != SiblingPaths.ending(other.path)
                // A copy in half precision is no older file.
                let weights = context.differOnEveryNode(full, other) { pair in
                    pair.differing.has(.weights) && context.original(of: pair.left) != context.original(of: pair.right)
                }
                let ratio = context.differOnEveryNode(full, other) { pair in
                    context.cells[pair.left].maskRatio.value != context.cells[pair.right].maskRatio.value
                }
                guard weights || ratio && otherEnding else { continue }
                let suspect = context.disagreesMore(full, other)
                found.append(context.staleFile(suspect, suspect == full ? other : full, weightsDiffer: weights))
            }
        }
        return found
    }
}

/// Whether two paths look like files saved side by side.
enum SiblingPaths {
    /// Same folder, and one name without its ending starts with the other.
    static func areSiblings(_ left: String, _ right: String) -> Bool {
        let (mine, theirs) = (parts(left), parts(right))
        guard left != right, mine.folder == theirs.folder, !mine.stem.isEmpty, !theirs.stem.isEmpty else {
            return false
        }
        return mine.stem.hasPrefix(theirs.stem) || theirs.stem.hasPrefix(mine.stem)
    }

    /// What follows the last dot of the file's name; empty when there is none.
    static func ending(_ path: String) -> String { String(parts(path).ending) }

    private static func parts(_ path: String) -> (folder: Substring, stem: Substring, ending: Substring) {
        let slash = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
        let name = path[slash...]
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return (path[..<slash], name, "") }
        return (path[..<slash], name[..<dot], name[name.index(after: dot)...])
    }
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

    /// Which of two methods stands against more cells of the run; the first when both do alike.
    fileprivate func disagreesMore(_ one: LoadingMethod, _ other: LoadingMethod) -> LoadingMethod {
        func against(_ method: LoadingMethod) -> Int {
            let upstream = StageSet([.weights, .configuration])
            return comparison.pairs.count { pair in
                !pair.differing.isDisjoint(with: upstream)
                    && (cells[pair.left].method.label == method.label)
                        != (cells[pair.right].method.label == method.label)
            }
        }
        return against(other) > against(one) ? other : one
    }

    fileprivate func staleFile(
        _ suspect: LoadingMethod, _ sibling: LoadingMethod, weightsDiffer: Bool
    ) -> Explanation {
        let odd = cells.indices.filter { cells[$0].method.label == suspect.label }
        let touched = pairs(
            Array(Set(pairs(with: .weights) + pairs(with: .configuration))).sorted(), touching: odd)
        let mine = cells.first { $0.method.label == suspect.label }
        let theirs = cells.first { $0.method.label == sibling.label }
        let digests = Set([mine, theirs].compactMap { $0?.weights.digest })
        let isCopy = digests.count > 1 && Set(digests.map(weightFamilies.original)).count == 1
        var differences: [String] = []
        var evidence: [String] = []
        if let mine, let theirs, mine.maskRatio.value != theirs.maskRatio.value {
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
                "The names end differently (.\(ending) and .\(other)), so the file that was loaded is probably not the "
                    + "one that was saved.", at: 0)
        }
        let finding = Finding(
            code: "stale-file", severity: .error,
            sentence: "`\(suspect.label)` reads \(suspect.path), which does not hold what its sibling \(sibling.path) "
                + "holds: \(NumberText.list(differences)). It looks like another, older file.",
            evidence: evidence + worstDifference(in: touched),
            remedy: "Save both again and load the very path that was written; `mae-coord checkpoint diff` shows what "
                + "differs, and --mask-ratio sets one ratio for all methods.",
            cells: places(odd))
        // Half precision is a cause of its own, with a finding of its own.
        let stages = StageSet(isCopy ? [.configuration] : [.weights, .configuration])
        var explains = explaining(stages.union(.masking), in: touched)
        for pair in touched where noiseCannotMatter(pair) { explains[pair]?.insert(StageSet([.noise])) }
        return Explanation(finding: finding, explains: explains)
    }
}
