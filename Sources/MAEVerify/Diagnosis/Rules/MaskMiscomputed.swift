extension Diagnosis {
    /// Equal noise and an equal mask ratio gave another mask, or another order of the patches.
    static let maskMiscomputed: Rule = { context in
        let orders = context.pairs(with: .order) { pair, left, right in
            left.node.numericClass == right.node.numericClass && left.node.promisesBits || pair.differing.has(.mask)
        }
        let pairs = Array(Set(context.pairs(with: .mask) + orders)).sorted().filter { index in
            !context.comparison.pairs[index].differing.has(.noise)
        }
        return context.oddOnes(pairs, by: { context.cells[$0].digests.order }) { scope, _, _, touched in
            Explanation(
                finding: Finding(
                    code: .maskMiscomputed, severity: context.severity(of: touched),
                    sentence: "\(scope.words) made another mask out of the same noise and the same mask ratio.",
                    remedy:
                        "Noise values that are equal must be ordered by patch index, and the number of kept patches is "
                        + "int(patches * (1 - mask_ratio)): look for a sort that is not stable or for other rounding."),
                explains: context.explaining(.masking, in: touched))
        }
    }
}
