import MAECompute
import MAETensor

/// Compares two models on two backends: their outputs, and what each operation gives.
struct Comparison {
    let ours, other: ComparedModel
    let batch: ComparedBatch

    /// The outputs that are compared, by name.
    struct Outputs {
        let pairs: [(name: String, ours: Tensor, other: Tensor)]

        /// Names of those that differ.
        var differing: [String] { pairs.filter { !$0.ours.hasSameBits(as: $0.other) }.map(\.name) }
    }

    /// Runs a pass on each, without a look inside.
    func outputs() throws -> Outputs {
        let (mine, theirs) = (try ours.pass(batch), try other.pass(batch))
        var pairs = [("layernorm", mine.layernorm, theirs.layernorm), ("pooled", mine.pooled, theirs.pooled)]
        if let logits = mine.logits, let otherLogits = theirs.logits { pairs.append(("logits", logits, otherLogits)) }
        return Outputs(pairs: pairs)
    }

    /// Runs a pass on each that is looked into after every operation; nil when all give the same.
    ///
    /// - Returns: how many operations were compared, and the first difference.
    func operations() throws -> (count: Int, first: FirstDifference?) {
        let (mine, theirs) = (try ours.digests(batch), try other.digests(batch))
        guard mine.count == theirs.count else {
            throw WrongResult("the two models have \(mine.count) and \(theirs.count) operations: they are not alike")
        }
        guard let index = mine.indices.first(where: { mine[$0] != theirs[$0] }) else { return (mine.count, nil) }
        guard let value = try ours.value(after: index, batch), let otherValue = try other.value(after: index, batch),
            let difference = FirstDifference(at: ours.places[index], value, otherValue)
        else {
            throw WrongResult(
                "\(ours.places[index]) differed in one pass and not in the next: what computes is not deterministic")
        }
        return (mine.count, difference)
    }

    /// What there is to say when something differs; nil when nothing does.
    static func reason(outputs: [String], first: FirstDifference?) -> String? {
        switch (outputs.isEmpty, first) {
        case (true, nil): nil
        case (false, let first?): "\(outputs.joined(separator: ", ")) differ; \(first.text)"
        case (true, let first?): "the outputs agree, but on the way to them results do not: \(first.text)"
        case (false, nil):
            "\(outputs.joined(separator: ", ")) differ, but no operation does while it is looked at: results are wrong "
                + "only in a pass that runs without a stop, as when an operation does not wait for the one before"
        }
    }
}
