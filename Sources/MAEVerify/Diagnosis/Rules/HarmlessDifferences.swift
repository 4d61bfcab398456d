import MAEText

extension Diagnosis {
    /// Differences between methods that cannot change the encoder's output.
    static let harmlessDifferences: Rule = { context in
        var found: [Explanation] = []
        var fields: [String: Set<String>] = [:]
        var partial: [Int: WeightsDifference] = [:]
        for (cell, reference) in context.methodRepresentatives() {
            let (mine, theirs) = (context.cells[cell], context.cells[reference])
            for field in EncoderConfiguration.differences(
                mine.configuration, theirs.configuration, affectingOutput: false)
            {
                fields[field.left.name, default: []].formUnion([
                    "\(field.left.value) for `\(mine.method.label)`",
                    "\(field.right.value) for `\(theirs.method.label)`",
                ])
            }
            if let weights = WeightsDifference(mine.weights, theirs.weights), weights.changed.isEmpty,
                mine.digests.layernorm == theirs.digests.layernorm, weights.onlyLeft.count + weights.onlyRight.count > 0
            {
                partial[cell] = weights
            }
        }
        if !fields.isEmpty {
            found.append(
                Explanation(
                    finding: Finding(
                        code: .otherConfiguration, severity: .note,
                        sentence: "The configurations differ in values that the encoder's output does not depend on: "
                            + NumberText.list(fields.keys.sorted().map { "`\($0)`" }) + ".",
                        evidence: fields.sorted { $0.key < $1.key }.prefix(8).map {
                            "\($0.key): " + NumberText.list($0.value.sorted()) + "."
                        })))
        }
        for (cell, weights) in partial.sorted(by: { $0.key < $1.key }) {
            let (missing, extra) = (weights.onlyRight, weights.onlyLeft)
            let what =
                missing.isEmpty
                ? "holds \(extra.count) tensors that the others lack (\(NumberText.list(extra, limit: 2)))"
                : "lacks \(missing.count) tensors that the others hold (\(NumberText.list(missing, limit: 2)))"
            found.append(
                Explanation(
                    finding: Finding(
                        code: .partialWeights, severity: .note,
                        sentence:
                            "`\(context.cells[cell].method.label)` \(what); the tensors they share are equal, and "
                            + "so are the encoder's outputs.")))
        }
        return found
    }
}

extension DiagnosisContext {
    /// One cell of each method but the first, each with a cell of the first method in the same batch.
    fileprivate func methodRepresentatives() -> [(cell: Int, reference: Int)] {
        // What a witness loads into its model may be more than the file holds.
        let engines = cells.indices.filter { !cells[$0].node.isWitness }
        let some = engines.isEmpty ? Array(cells.indices) : engines
        guard let first = comparison.methods.first?.label,
            let reference = some.first(where: { cells[$0].method.label == first })
        else { return [] }
        let batch = cells[reference].batch.index
        return comparison.methods.dropFirst().compactMap { method in
            some.first { cells[$0].method.label == method.label && cells[$0].batch.index == batch }.map {
                ($0, reference)
            }
        }
    }
}
