import MAEDomain
import MAEText

extension Diagnosis {
    /// Some cells loaded other parameters than the rest.
    ///
    /// Copies in half precision count with their original, and are named by ``roundedWeights``.
    static let weightsDiffer: Rule = { context in
        let pairs = context.pairs(with: .weights)
        let universe = context.cells(in: pairs)
        let split = Split(
            Split(universe) { context.original(of: $0) }, decidedBy: Disputes(context.comparison), context.cells)
        return split.odd.compactMap { odd in
            guard let first = context.representative(of: odd),
                let reference = split.sides.first.flatMap(context.representative)
            else { return nil }
            let scope = Scope(odd, among: universe, in: context)
            let touched = context.pairs(pairs, touching: odd)
            let (mine, theirs) = (context.cells[first], context.cells[reference])
            let namesakes = WeightsWords.otherModels(mine, theirs)
            var evidence = namesakes.map(\.sentence) + WeightsWords.evidence(mine.weights, theirs.weights)
            evidence.append(
                "\(mine.method.place) on \(mine.node.name) has weights \(WeightsWords.prefix(mine)), "
                    + "\(theirs.method.place) on \(theirs.node.name) has \(WeightsWords.prefix(theirs)).")
            if split.isTie { evidence.append(WeightsWords.tie) }
            return Explanation(
                finding: Finding(
                    code: .weightsDiffer, severity: context.severity(of: touched),
                    sentence: "\(scope.words) loaded other weights than "
                        + (split.isTie ? Scope(split.sides[0], among: universe, in: context).words : "the rest") + ".",
                    evidence: evidence + context.worstDifference(in: touched),
                    remedy: namesakes.first?.remedy ?? WeightsWords.remedy(scope.kind, mine, theirs),
                    cells: context.places(odd)),
                explains: context.explaining(StageSet.outputs.union(StageSet([.weights])), in: touched))
        }
    }
}

/// Words about parameters that differ.
enum WeightsWords {
    static let tie = "Both sides are equally large, so the run cannot say which one is right."

    /// The first digits of the weights' digest.
    static func prefix(_ cell: Observation) -> String { String(cell.weights.digest.description.prefix(12)) }

    /// Names the first tensors that differ and counts the rest.
    static func evidence(_ mine: WeightsObservation, _ theirs: WeightsObservation) -> [String] {
        guard let difference = WeightsDifference(mine, theirs) else {
            return ["Only digests of all weights together are known: which tensors differ was not sent."]
        }
        var lines: [String] = []
        if !difference.changed.isEmpty {
            lines.append(
                "\(difference.changed.count) of \(difference.common) tensors differ: "
                    + NumberText.list(difference.changed, limit: 3) + ".")
        }
        if !difference.onlyRight.isEmpty {
            lines.append("Missing here: " + NumberText.list(difference.onlyRight, limit: 3) + ".")
        }
        if !difference.onlyLeft.isEmpty {
            lines.append("Only here: " + NumberText.list(difference.onlyLeft, limit: 3) + ".")
        }
        return lines
    }

    /// Models in the file of one side that are what the other side loaded: which, and how to load it.
    static func otherModels(_ mine: Observation, _ theirs: Observation) -> [(sentence: String, remedy: String)] {
        [(mine, theirs), (theirs, mine)].compactMap { holder, wanted in
            guard
                let other = holder.weights.others?.first(where: {
                    $0.digest == wanted.weights.digest && !$0.key.isEmpty
                })
            else { return nil }
            var method = holder.method
            method.weights = other.key
            // Where the other method loads just this one, there is nothing to advise.
            guard method.place != wanted.method.place else { return nil }
            return (
                "`\(other.key)` in \(holder.method.path) has the weights that `\(wanted.method.label)` loaded.",
                "That file holds several models. To compare this one, load it with `--method "
                    + "\(method.kind.rawValue)=\(method.place)`."
            )
        }
    }

    /// What to do, by who is odd.
    static func remedy(_ kind: Scope.Kind, _ mine: Observation, _ theirs: Observation) -> String {
        switch kind {
        case .methods:
            "Compare the two with `mae-coord checkpoint diff \(theirs.method.place) \(mine.method.place)`, "
                + "and save the odd one again from the right model."
        case .nodes, .nodesAndMethods, .batches, .mixed:
            "Compare `sha256sum` of \(mine.method.path) on \(mine.node.name) with a good node's, and copy it again if it "
                + "differs; if the files are equal, suspect the disk or memory of \(mine.node.name)."
        }
    }
}
