import MAEDomain
import MAETensor
import MAEText

extension BaselineComparison {
    /// What there is to say of a run that was set against the baseline in `file`; nil where all holds.
    ///
    /// - Parameters:
    ///   - plan: what the run set out to do.
    ///   - history: since when the bits are others, where they are.
    public func finding(file: String, in plan: RunPlan, _ history: BaselineHistory?) -> Finding? {
        if changed > 0 { return difference(file, plan, history) }
        return isAnyChecked ? nil : nothingChecked(file)
    }

    private func nothingChecked(_ file: String) -> Finding {
        let classes = uncheckedClasses.sorted()
        let known = Set(baseline.results.flatMap(\.outputs.keys)).sorted()
        return Finding(
            code: .baselineUnchecked, severity: .warning,
            sentence:
                "Nothing was set against the baseline `\(file)`: it has the bits of class \(NumberText.list(known)), "
                + (classes.isEmpty
                    ? "and no node whose class promises its bits gave a result to a pinned batch."
                    : "and this run those of \(NumberText.list(classes))."),
            remedy:
                "Run a node of that class too, or pin a run that agrees in the class of now: mae-coord baseline pin RUN -o "
                + "\(ShellText.word(file)).")
    }

    private func difference(_ file: String, _ plan: RunPlan, _ history: BaselineHistory?) -> Finding {
        let cause = cause(plan)
        let total = held + changed
        var evidence = cause.evidence + [nodes]
        if let history { evidence += since(history) }
        if unchecked > 0 {
            evidence.append(
                "\(NumberText.count(unchecked, "further result")) to pinned batches "
                    + "\(unchecked == 1 ? "has" : "have") no place in the baseline, by method or class.")
        }
        return Finding(
            code: .baselineDiffers, severity: .error,
            sentence: "\(changed) of \(NumberText.count(total, "result")) to pinned batches "
                + "\(changed == 1 ? "has" : "have") other bits than the baseline of run \(baseline.run): \(cause.words).",
            evidence: evidence,
            remedy:
                "If this is meant, pin this run in place of the baseline, and review how the file changed: mae-coord baseline pin "
                + "\(ShellText.word(plan.run)) -o \(ShellText.word(file)). If it is not, undo what changed.",
            cells: changedCells)
    }

    /// Which nodes gave the baseline's bits and which did not.
    private var nodes: String {
        func list(_ names: Set<String>) -> String {
            NumberText.list(names.sorted(by: NaturalOrder.precedes), limit: 12)
        }
        let good = heldNodes.subtracting(changedNodes)
        guard !good.isEmpty else { return "Every node gave other bits: \(list(changedNodes))." }
        return "\(list(changedNodes)) gave other bits; \(list(good)) gave those of the baseline."
    }

    private func since(_ history: BaselineHistory) -> [String] {
        let since: String
        switch (history.lastHeld, history.runs) {
        case (.some(let held), 1): since = "This is the first run with other bits: \(held) had those of the baseline."
        case (.some(let held), let runs):
            since =
                "Since run \(history.firstChanged), in \(runs) runs: \(held) was the last with the bits of the baseline."
        case (nil, 1): since = "No earlier run of this store had the same work."
        case (nil, let runs):
            since =
                "In \(runs) runs of this store, back to \(history.firstChanged): none that was looked at had the bits of the baseline."
        }
        guard let held = history.lastHeld, !history.changes.isEmpty else { return [since] }
        return ["\(since) What changed between \(held) and \(history.firstChanged):"] + history.changes
    }

    /// What comes first on the way from the files to the output, of what is not as the baseline has it.
    private func cause(_ plan: RunPlan) -> (words: String, evidence: [String]) {
        let files = baseline.methods.compactMap { method -> String? in
            guard let now = plan.methods.first(where: { $0.label == method.label }), let pinned = method.files,
                let digest = plan.files(.checkpoint, at: now.path)?.digest, digest != pinned
            else { return nil }
            return
                "The files of `\(method.label)` are others: \(digest.description.prefix(12)) at `\(now.path)`, \(pinned.description.prefix(12)) in the baseline."
        }
        func methods(_ step: Step) -> [String] {
            let labels = changedMethods[step] ?? []
            return plan.methods.map(\.label).filter(labels.contains)
        }
        func named(_ labels: [String]) -> String { NumberText.list(labels.map { "`\($0)`" }) }
        let weights = methods(.weights)
        if !weights.isEmpty {
            let words = files.isEmpty ? "the weights are others" : "the checkpoint is another one"
            return (words, files + ["The loaded weights are others by \(named(weights))."])
        }
        let input = methods(.input)
        if !input.isEmpty { return ("the images are others", files + ["The images are others by \(named(input))."]) }
        let ratio = methods(.maskRatio)
        if !ratio.isEmpty {
            return (
                "the mask ratio is another one", files + ["The mask ratio in effect is another one by \(named(ratio))."]
            )
        }
        let noise = methods(.noise)
        if !noise.isEmpty { return ("the noise is other", files + ["The noise is other by \(named(noise))."]) }
        let mask = methods(.mask)
        if !mask.isEmpty {
            return ("other patches were kept", files + ["The same noise kept other patches by \(named(mask))."])
        }
        return (
            "from the same weights, images and noise, something else was computed",
            files + ["Weights, images, noise and kept patches are those of the baseline."] + builds
        )
    }

    /// Builds of the engine that the baseline's nodes did not have.
    private var builds: [String] {
        let pinned = Set(baseline.machines.map(\.build))
        guard !changedBuilds.isSubset(of: pinned) else { return [] }
        return [
            "Engine build \(NumberText.list(changedBuilds.sorted())), \(NumberText.list(pinned.sorted())) in the baseline."
        ]
    }
}
