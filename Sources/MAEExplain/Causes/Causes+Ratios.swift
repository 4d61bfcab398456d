import MAEText
import MAEVerify

extension Explanation {
    /// Outputs that keep other numbers of patches than the models that they could come from state: the ratio was set in
    /// Python.
    var ratiosUnlikeModels: [Finding] {
        var odd: [(output: RecognizedOutput, model: GivenModel)] = []
        for identity in recognized {
            guard let model = model(of: identity), model.keptCount != identity.kept else { continue }
            odd.append((identity, model))
        }
        guard let first = odd.first else { return [] }
        let isUnstated = odd.contains { identity, _ in
            !models.contains { identity.groups.contains($0.group) && $0.keptCount == identity.kept }
        }
        let names = NumberText.list(odd.map { "`\(outputs[$0.output.output].label)`" })
        var remedies: [String] = []
        for (identity, model) in odd {
            let remedy = "`\(model.label)@mask_ratio=\(ratioText(identity))`"
            if !remedies.contains(remedy) { remedies.append(remedy) }
        }
        let (kept, patches) = (first.output.kept, first.output.patches)
        return [
            Finding(
                code: "output-ratio-differs", severity: isUnstated ? .error : .warning,
                sentence: "\(names) \(odd.count == 1 ? "keeps" : "keep") \(kept) of \(patches) patches (ratio "
                    + "\(ratioText(first.output))), "
                    + (isUnstated
                        ? "which none of the models given does: your program sets another mask ratio than the files state."
                        : "and `\(first.model.label)`, which runs in that place, would keep \(first.model.keptCount): your "
                            + "program sets the ratio in Python, where no file holds it."),
                remedy: "Say it with the file: \(NumberText.list(remedies)).")
        ]
    }

    /// The model that an output came from, by its place among the calls.
    ///
    /// The draw tells the place where each call has one; otherwise outputs that are as many as the calls stand in their
    /// order.
    private func model(of identity: RecognizedOutput) -> GivenModel? {
        let place = identity.draw ?? (outputs.count == models.count ? identity.output : nil)
        if let place, models.indices.contains(place), identity.groups.contains(models[place].group) {
            return models[place]
        }
        let owners = models.filter { identity.groups.contains($0.group) }
        return owners.first { $0.keptCount == identity.kept } ?? owners.first
    }
}
