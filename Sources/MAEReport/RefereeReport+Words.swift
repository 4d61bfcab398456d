import MAEText
import MAEVerify

extension RefereeReport {
    /// What stands before ``words(_:)``: whether this machine computed anything.
    var label: String { checks.first?.standard == .thisMachine ? "checked" : "not checked on this machine" }

    /// What was checked of the answers of `plan`'s run, in a sentence without a full stop; nil where nothing was.
    func words(_ plan: RunPlan) -> String? {
        guard let first = checks.first else { return nil }
        let whose =
            switch first.standard {
            case .thisMachine: "what this machine computes"
            case .mostNodes: "what most nodes computed"
            }
        let seed = plan.freshSeed.map { " (seed \($0))" } ?? ""
        let fresh =
            checks.contains { plan.isFresh($0.cell.batch) } ? "to the batch drawn for this run alone\(seed)" : nil
        let sample = checks.first { !plan.isFresh($0.cell.batch) }.map {
            "to batch \($0.cell.batch) by \($0.cell.method)"
        }
        let what = NumberText.list([fresh, sample].compactMap(\.self))
        let count = NumberText.count(checks.count, "answer")
        let wrong = checks.count(where: \.isWrong)
        return wrong == 0
            ? "\(count), \(what), \(checks.count == 1 ? "is" : "are") \(whose)"
            : "\(wrong) of \(count), \(what), \(wrong == 1 ? "is" : "are") not \(whose)"
    }
}
