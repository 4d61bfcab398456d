import MAEText

extension Diagnosis {
    /// Several nodes with something in common compute other bits than the rest: a backend, a driver, a build.
    static let platformOutlier: Rule = { context in
        context.outliers { kind in
            guard case .nodes(let names) = kind else { return false }
            return names.count > 1
        } describe: { suspect in
            let names = Split(suspect.cells) { context.cells[$0].node.name }.sides.compactMap {
                $0.first.map { context.cells[$0].node.name }
            }
            let trait = SharedTrait(of: names, among: context.comparison.nodes)?.words ?? "one platform"
            return Finding(
                code: .platformOutlier, severity: .error,
                sentence:
                    "Every node with \(trait) (\(NumberText.list(names))) computes other bits than the rest from the "
                    + "same weights, input and mask: the backend or its driver is at fault.",
                evidence: context.tieEvidence(suspect),
                remedy: "Run the known-answer test on one of them, then change driver or build; until then compare it "
                    + "as a numeric class of its own.")
        }
    }
}
