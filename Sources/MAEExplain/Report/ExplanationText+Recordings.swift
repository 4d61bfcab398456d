import MAERecording
import MAEReport
import MAEText

extension ExplanationText {
    /// Most pairs of calls in the table; of more, those that differ come first.
    private static let mostPairs = 16

    /// What recordings show: settings that differ, weights, then each two calls.
    func recordings(_ explanation: Explanation) -> [String] {
        guard !explanation.recordings.isEmpty else { return [] }
        var lines = settings(explanation) + weights(explanation)
        if !explanation.recordingPairs.isEmpty {
            let (listed, rest) = Self.listed(explanation.recordingPairs)
            var table = TextTable(rightAligned: [1])
            table.add("", "final layer norm", "first that differs", "why")
            for pair in listed {
                table.add(
                    "\(explanation.label(pair.left)) : \(explanation.label(pair.right))", pair.sizeWords,
                    pair.beginning.isEmpty || pair.causes == [.order] && pair.firstStage == nil
                        ? "-" : pair.beginningWords, pair.words(explanation))
            }
            lines += [table.text(indentation: 2)]
            if rest > 0 { lines.append("  \(NumberText.count(rest, "further pair")): --json has all.") }
        }
        for run in explanation.recordedRuns {
            lines += wrapped(
                "\(explanation.label(run.call)) computed again from \(explanation.models[run.model].label): "
                    + (run.isRounding ? "agrees to " : "differs by ") + NumberText.short(run.difference)
                    + " (from double precision: PyTorch \(NumberText.short(run.fromDouble)), this engine "
                    + "\(NumberText.short(run.ownFromDouble))).")
        }
        return section("Recordings", lines)
    }

    /// The pairs of a table, those that differ first where there are too many, and how many are left out.
    static func listed(_ pairs: [RecordingPair]) -> ([RecordingPair], Int) {
        guard pairs.count > mostPairs else { return (pairs, 0) }
        let sorted = pairs.filter(\.isReal) + pairs.filter { !$0.isReal }
        return (Array(sorted.prefix(mostPairs)), pairs.count - mostPairs)
    }

    private func settings(_ explanation: Explanation) -> [String] {
        let given = explanation.recordings
        return given.indices.dropFirst().flatMap { index -> [String] in
            let all = SettingDifference.between(given[0].recording, given[index].recording)
            guard !all.isEmpty else { return [] }
            let (some, rest) = (all.filter(\.matters), all.filter { !$0.matters })
            let names = "\(given[0].label) : \(given[index].label)"
            return wrapped("\(names): \(NumberText.list((some.isEmpty ? rest : some).map(\.words), limit: 12)).")
                + (some.isEmpty || rest.isEmpty
                    ? [] : wrapped("Also, which rarely matters: \(NumberText.list(rest.map(\.words), limit: 12))."))
        }
    }

    private func weights(_ explanation: Explanation) -> [String] {
        var groups: [(weights: RecordedWeights, calls: [RecordedCallID])] = []
        for id in explanation.recordedIDs {
            guard let model = explanation.recordedCalls[id]?.call.model else { continue }
            let own = explanation.recordedWeights[id.recording][model]
            if let known = groups.firstIndex(where: { group in
                group.weights.byName == own.byName
                    && (own.isKnown
                        || group.calls[0].recording == id.recording
                            && explanation.recordedCalls[group.calls[0]]?.call.model == model)
            }) {
                groups[known].calls.append(id)
            } else {
                groups.append((own, [id]))
            }
        }
        func names(_ ids: [RecordedCallID]) -> String { NumberText.list(ids.map(explanation.label)) }
        if groups.count == 1, groups[0].calls.count > 1 {
            let count = groups[0].weights.names.count
            if !groups[0].weights.isKnown { return wrapped("\(names(groups[0].calls)): \(unknown(groups[0].weights))") }
            let isChanged = explanation.recordedCalls.values.contains { $0.call.weightsChanged }
            let isLater = groups[0].calls.contains(where: explanation.isLater)
            return wrapped(
                "All \(count) tensors are equal, by SHA-256, in \(names(groups[0].calls))"
                    + (isChanged
                        ? " when their models were first called; later they were written to."
                        : isLater ? ", as digests taken at the first call of each model say." : "."))
        }
        return groups.enumerated().flatMap { index, group -> [String] in
            let given = explanation.models.indices.compactMap { given -> String? in
                guard let id = group.calls.first, let model = explanation.recordedCalls[id]?.call.model else {
                    return nil
                }
                if explanation.weightsDifference(id.recording, model, given)?.hasWeightsOfEncoder ?? false {
                    return explanation.models[given].label
                }
                return explanation.rounding(id.recording, model, given).map {
                    "\(explanation.models[given].label) in \($0.rawValue)"
                }
            }
            let equal = given.isEmpty ? "" : ", equal by SHA-256 to those of \(NumberText.list(given))"
            guard index > 0 else {
                return wrapped(
                    "\(names(group.calls)): "
                        + (group.weights.isKnown
                            ? "\(NumberText.count(group.weights.names.count, "tensor"))\(equal)"
                            : unknown(group.weights)))
            }
            let difference = groups[0].weights.difference(from: group.weights)
            if difference.shared == 0, !difference.unknown.isEmpty {
                return wrapped("\(names(group.calls)): \(unknown(group.weights))")
            }
            let missing = difference.onlyLeft.count + difference.onlyRight.count
            let only = missing > 0 ? ", \(missing) on one side only" : ""
            return wrapped(
                "\(names(group.calls)): \(difference.differing.count) of \(difference.shared) tensors differ from those of "
                    + "\(names([groups[0].calls[0]]))\(only)\(equal)")
                + TensorNames.sorted(difference.differing).prefix(5).map { "     \(SafeText.terminal($0))" }
        }
    }

    /// What is said of weights that have no digests.
    private func unknown(_ weights: RecordedWeights) -> String {
        "\(NumberText.count(weights.names.count, "tensor")), whose digests are not all there: whether they are equal is not known"
    }
}
