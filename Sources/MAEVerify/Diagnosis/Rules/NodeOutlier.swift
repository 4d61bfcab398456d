extension Diagnosis {
    /// One node computes other bits, whatever the loading method.
    static let nodeOutlier: Rule = { context in
        context.outliers { kind in
            guard case .nodes(let names) = kind else { return false }
            return names.count == 1
        } describe: { suspect in
            let node = suspect.cells.first.map { context.cells[$0].node }
            let trait = node.flatMap { SharedTrait(of: [$0.name], among: context.comparison.nodes) }
            let only = trait.map { ["It is the only node with \($0.words)."] } ?? []
            let methods = Split(suspect.cells) { context.cells[$0].method.label }.sides.count
            let sentence =
                suspect.isTie
                ? "Node \(node?.name ?? "") and the others compute different bits from the same weights, input and mask"
                : "Node \(node?.name ?? "") computes other bits than every other node from the same weights, input and mask"
            return Finding(
                code: .nodeOutlier, severity: .error,
                sentence: sentence
                    + (methods > 1 ? ", with all \(methods) loading methods: the node is at fault, not a file." : "."),
                evidence: only + context.tieEvidence(suspect),
                remedy: "Run it again with --isa scalar and with one thread, and test the node's memory and processor "
                    + "(\(node?.device ?? "")).")
        }
    }
}
