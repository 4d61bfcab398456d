import MAEText

extension Diagnosis {
    /// A node computed the same work twice and got different bits.
    static let rerunDiffers: Rule = { context in
        context.comparison.reruns.compactMap { rerun in
            guard let stage = rerun.differs,
                let cell = context.cells.firstIndex(where: { $0.cell == rerun.cell })
            else { return nil }
            // What such a node computed otherwise elsewhere has the same cause.
            let its = context.cells.indices.filter { context.cells[$0].node.name == rerun.cell.node }
            let touched = context.pairs(Array(context.comparison.pairs.indices), involving: its)
            let size = rerun.metrics.map { ["The runs lie up to \(NumberText.short($0.maximum)) apart."] } ?? []
            let node = context.cells[cell].node
            let attribution = context.attribution(of: [cell])
            return Explanation(
                finding: Finding(
                    code: .rerunDiffers, severity: .error,
                    sentence: "Node \(node.name) is not repeatable: it ran \(rerun.cell.method), batch "
                        + "\(rerun.cell.batch) \(rerun.runs) times and its \(stage.name) changed. That is silent data "
                        + "corruption." + (attribution?.beginning ?? ""),
                    evidence: size + (attribution?.evidence ?? []),
                    remedy: "Take the node out of service, note its device (\(node.device)), and test its memory and "
                        + "processor; do not trust earlier results of it.",
                    cells: [rerun.cell]),
                explains: context.explaining(.outputs, in: touched))
        }
    }
}
