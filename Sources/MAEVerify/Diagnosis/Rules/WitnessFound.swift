import MAEText

extension Diagnosis {
    /// PyTorch took part: what it is, and how far from this engine it lies.
    static let witnessFound: Rule = { context in
        context.comparison.witnesses.map { report in
            Explanation(
                finding: Finding(
                    code: .witness, severity: .note, sentence: sentence(report),
                    evidence: (report.methods.isEmpty ? [] : [report.methodWords])
                        + equalBits(report)
                        + [
                            report.float64?.sentence,
                            "Its answers were held to the tolerance, not to bits. "
                                + (report.node.classReason.map { "As it says, \($0)." }
                                    ?? "PyTorch promises none across processors, threads and builds."),
                        ].compactMap(\.self), cells: context.cells.map(\.cell).filter { $0.node == report.witness.node }
                ))
        }
    }

    private static func sentence(_ report: WitnessReport) -> String {
        let transformers = report.node.machine?["transformers"].map { "transformers \($0)" }
        let about = [
            transformers, report.witness.attention.map { "attention \($0)" }, report.witness.capability,
            report.node.device.isEmpty ? nil : report.node.device,
        ].compactMap(\.self)
        let name =
            "Node \(report.witness.node) is \(report.witness.program) itself"
            + (about.isEmpty ? "" : " (\(about.joined(separator: ", ")))")
        guard let maximum = report.maximum else { return "\(name); none of its results was set against this engine's." }
        guard report.agrees else { return "\(name); not all of its results agree with this engine's." }
        return maximum > 0
            ? "\(name): it agrees with this engine within the tolerance, to \(NumberText.short(maximum))."
            : "\(name): it has the very bits of this engine."
    }

    /// Whether PyTorch's own outputs depend on how the model is loaded.
    private static func equalBits(_ report: WitnessReport) -> [String] {
        switch report.hasEqualBits {
        case true: ["All loading methods gave it the same bits."]
        case false:
            [
                "Its loading methods did not all give it the same bits"
                    + (report.betweenMethods.map { ": its own results lie up to \(NumberText.short($0)) apart." } ?? ".")
            ]
        case nil: []
        }
    }
}
