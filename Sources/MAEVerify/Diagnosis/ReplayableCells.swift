/// The cells that are worth computing again on one machine.
struct ReplayableCells {
    /// How well a cell shows what is wrong: the less, the better.
    private var ranks: [Cell: Int] = [:]

    init(_ comparison: Comparison) {
        // Without a difference there is nothing to look up.
        guard
            comparison.pairs.contains(where: { !$0.agrees }) || !comparison.reruns.isEmpty
                || comparison.referee.checks.contains(where: \.isWrong) || !comparison.attributions.isEmpty
        else { return }
        for pair in comparison.pairs where !pair.agrees {
            for side in [pair.left, pair.right] { ranks[comparison.cells[side].cell] = 2 }
        }
        let matrix = Matrix(comparison)
        for cell in ranks.keys {
            if case .differs = matrix[cell.node, cell.method, cell.batch]?.status { ranks[cell] = 1 }
        }
        for rerun in comparison.reruns where rerun.differs != nil { ranks[rerun.cell] = 1 }
        for check in comparison.referee.checks where check.isWrong { ranks[check.cell] = 1 }
        for attribution in comparison.attributions {
            ranks[attribution.suspected] = 0
            // The other side of a tie may be the one at fault.
            if ranks[attribution.reference] == 1 { ranks[attribution.reference] = 0 }
        }
    }

    /// The cell of a finding that shows it best; nil where no cell of it was examined or has outputs that differ, and for a finding that
    /// blames a file or a setting: any machine computes the same from that.
    func cell(of finding: Finding) -> Cell? {
        guard finding.severity > .note, FindingCode(rawValue: finding.code)?.concernsComputing ?? false else {
            return nil
        }
        let ranked = finding.cells.compactMap { cell in ranks[cell].map { (rank: $0, cell: cell) } }
        let best = ranked.map(\.rank).min()
        return ranked.first { $0.rank == best }?.cell
    }
}
