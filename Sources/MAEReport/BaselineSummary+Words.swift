import MAEText
import MAEVerify

extension BaselineSummary {
    /// `6 of 6 results to pinned batches have the bits of run night-2026-11-01 (baseline.json)`.
    var words: String {
        let checked = held + changed
        let source = "run \(run) (\(file))"
        guard checked > 0 else { return "nothing was set against \(source)" }
        let rest = unchecked == 0 ? "" : "; \(unchecked) more have no place in it"
        return "\(held) of \(NumberText.count(checked, "result")) to pinned batches "
            + "\(held == 1 ? "has" : "have") the bits of \(source)\(rest)"
    }
}
