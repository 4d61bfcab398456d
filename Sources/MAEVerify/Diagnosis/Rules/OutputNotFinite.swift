import MAEDomain

extension Diagnosis {
    /// Outputs hold NaN or infinity, which agree with nothing.
    static let outputNotFinite: Rule = { context in
        let broken = context.cells.indices.filter { !context.cells[$0].hasFiniteOutput }
        guard let first = broken.first else { return [] }
        let bad = context.cells[first].pooled.elements.count { !$0.isFinite }
        let noticed = Set(broken.flatMap { context.cells[$0].loadFindings })
        let images = noticed.filter { $0.code == LoadFinding.nonFiniteImages }
        let suspicious = images.union(noticed.filter { $0.code == LoadFinding.nonFiniteWeights })
        let set = Set(broken)
        let touched = context.comparison.pairs.indices.filter { index in
            set.contains(context.comparison.pairs[index].left) || set.contains(context.comparison.pairs[index].right)
        }
        let attribution = context.attribution(of: broken)
        let everywhere = broken.count == context.cells.count
        let who = everywhere ? "Every cell" : Scope(broken, among: Array(context.cells.indices), in: context).words
        return [
            Explanation(
                finding: Finding(
                    code: .outputNotFinite, severity: .error,
                    sentence: "\(who) computed NaN or infinity (\(bad) of \(context.cells[first].pooled.count) pooled "
                        + "values in \(context.cells[first].cell)); such outputs agree with nothing."
                        + (attribution?.beginning ?? ""),
                    evidence: suspicious.map(\.text).sorted() + (attribution?.evidence ?? []),
                    remedy: !images.isEmpty
                        ? "Correct the images, and begin a new run."
                        : everywhere
                            ? "Look for NaN in the weights with `mae-coord checkpoint inspect`."
                            : context.remedy(attribution)
                                ?? "If the weights are finite and equal, suspect the memory or the driver of the node.",
                    cells: context.places(broken)),
                explains: context.explaining(.outputs, in: touched))
        ]
    }
}
