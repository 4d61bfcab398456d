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
        guard !odd.isEmpty else { return [] }
        if let order = orderOfModels { return [modelsInOtherOrder(order)] }
        let unstated = Set(odd.map(\.output).filter { !isStated($0) }.map(\.output))
        var remedies: [String] = []
        for (identity, model) in odd {
            let remedy = "`\(model.label)@mask_ratio=\(ratioText(identity))`"
            if !remedies.contains(remedy) { remedies.append(remedy) }
        }
        let counts = odd.map { identity, model in
            keptWords(identity)
                + (unstated.contains(identity.output)
                    ? ", which none of the models given does"
                    : ", where `\(model.label)`, which runs in that place, would keep \(model.keptCount)")
        }
        return [
            Finding(
                code: .outputRatioDiffers, severity: unstated.isEmpty ? .warning : .error,
                sentence: "\(NumberText.list(counts))"
                    + ": your program sets the ratio in Python, where no file holds it.",
                remedy: "Say it with the file: \(NumberText.list(remedies)).")
        ]
    }

    /// Whether one of the models that an output can have come from keeps as many patches.
    private func isStated(_ identity: RecognizedOutput) -> Bool {
        models.contains { identity.groups.contains($0.group) && $0.keptCount == identity.kept }
    }

    /// How many patches an output keeps: "`out1.npy` keeps 16 of 64 patches (ratio 0.75)".
    private func keptWords(_ identity: RecognizedOutput) -> String {
        "`\(outputs[identity.output].label)` keeps \(identity.kept) of \(identity.patches) patches (ratio "
            + "\(ratioText(identity)))"
    }

    private func modelsInOtherOrder(_ order: [Int]) -> Finding {
        let names = order.map { "`\(models[$0].label)`" }
        return Finding(
            code: .modelsInOtherOrder, severity: .warning,
            sentence:
                "The models ran in another order than they are given here: "
                + "\(NumberText.list(recognized.map(keptWords))), as \(NumberText.list(names)) do one after the other.",
            remedy: "Give them in the order in which they ran: \(names.joined(separator: ", ")).")
    }

    /// Another order of the models in which each output keeps what the model in its place states; nil when none does.
    ///
    /// Models of other images would draw other noise in another order, so these are left as they are.
    private var orderOfModels: [Int]? {
        guard models.count > 1, unrecognized.isEmpty,
            Set(models.map { $0.checkpoint.configuration.values.patchCount }).count == 1
        else { return nil }
        var order: [Int] = []
        func fill() -> Bool {
            guard order.count < models.count else { return true }
            // The model that is given in this place first, so that an order that need not change stays.
            let place = order.count
            for index in [place] + models.indices.filter({ $0 != place })
            where !order.contains(index) && fits(index, in: place) {
                order.append(index)
                if fill() { return true }
                order.removeLast()
            }
            return false
        }
        let isPlaced = recognized.allSatisfy { self.place(of: $0).map(models.indices.contains) ?? false }
        return models.count <= Self.mostReordered && isPlaced && fill() ? order : nil
    }

    /// Most models whose orders are tried: 5040 of them.
    private static var mostReordered: Int { 7 }

    /// Whether a model can have given all outputs of a place.
    private func fits(_ index: Int, in place: Int) -> Bool {
        recognized.allSatisfy { identity in
            self.place(of: identity) != place
                || (identity.groups.contains(models[index].group) && identity.kept == models[index].keptCount)
        }
    }

    /// The place among the calls that an output came from; nil where nothing tells.
    private func place(of identity: RecognizedOutput) -> Int? {
        identity.draw ?? (outputs.count == models.count ? identity.output : nil)
    }

    /// The model that an output came from, by its place among the calls.
    ///
    /// The draw tells the place where each call has one; otherwise outputs that are as many as the calls stand in their
    /// order.
    private func model(of identity: RecognizedOutput) -> GivenModel? {
        if let place = place(of: identity), models.indices.contains(place),
            identity.groups.contains(models[place].group)
        {
            return models[place]
        }
        let owners = models.filter { identity.groups.contains($0.group) }
        return owners.first { $0.keptCount == identity.kept } ?? owners.first
    }
}
