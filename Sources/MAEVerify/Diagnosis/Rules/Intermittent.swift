extension Diagnosis {
    /// A node computed other bits for some of its work only.
    static let intermittent: Rule = { context in
        context.outliers { kind in
            switch kind {
            case .batches, .nodesAndMethods, .mixed: true
            case .nodes, .methods: false
            }
        } describe: { suspect in
            let names = Split(suspect.cells) { context.cells[$0].node.name }.sides.compactMap {
                $0.first.map { context.cells[$0].node.name }
            }
            return Finding(
                code: .intermittent, severity: .error,
                sentence:
                    "\(suspect.scope.words) gave other bits once, while the same computation came out right elsewhere "
                    + "in the run: suspect silent data corruption on \(Scope.named(names)).",
                evidence: context.tieEvidence(suspect),
                remedy: "Run the same batch on that node again, ten times: bits that change between runs prove the "
                    + "hardware wrong, bits that stay point to an error that depends on the data.")
        }
    }
}
