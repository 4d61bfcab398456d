import MAECoordinator
import MAEReport

extension RunProgress {
    /// One line for a person.
    var line: String {
        let what = isFollowingUp ? "asking why results differ" : "\(done) of \(total) results"
        let present = nodes.filter(\.isPresent)
        let activities =
            present.isEmpty
            ? ["waiting for workers at \(endpoint)"] : present.map { "\($0.name): \($0.activity)" }
        let rest = remaining.map { ["about \(Int(($0 / .seconds(1)).rounded(.up))) s left"] } ?? []
        return ([what] + activities + rest).joined(separator: " · ")
    }
}

extension RunProgress.Node {
    /// What the node is at.
    fileprivate var activity: String {
        guard let job else { return isDraining ? "drained" : "waiting" }
        let drain = isDraining ? "draining, " : ""
        guard let progress else { return drain + job.method }
        let stage =
            switch progress.stage {
            case .fetching: "getting the checkpoint"
            case .loading: "loading"
            case .weights: "packing weights"
            case .input: "drawing the batch"
            case .forward: "computing"
            case .encoding: "taking digests"
            }
        let share = progress.steps == 0 ? "" : " \(min(progress.step, progress.steps) * 100 / progress.steps) %"
        let layer = progress.layer.map { " \(SafeText.terminal($0))" } ?? ""
        return "\(drain)\(job.method), \(stage)\(layer)\(share)"
    }
}
