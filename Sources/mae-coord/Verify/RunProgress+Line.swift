import MAECoordinator
import MAEReport
import MAEText

extension RunProgress {
    /// One line for a person, of at most `width` columns if it can be: what each node is at, or how many are at what.
    func line(width: Int) -> String {
        let what =
            switch phase {
            case .gathering: "\(done) of \(total) results"
            case .checking: "checking each node"
            case .explaining: "asking why results differ"
            }
        let present = nodes.filter(\.isPresent)
        let rest = remaining.map { ["about \(Int(($0 / .seconds(1)).rounded(.up))) s left"] } ?? []
        func line(_ activities: [String]) -> String { ([what] + activities + rest).joined(separator: " · ") }
        let lost = nodes.filter { $0.absence != nil }
        let whole = line(activities + lost.map { "\($0.name): \($0.activity)" })
        return whole.count <= width ? whole : line([Self.summary(present, lost.count, expected)])
    }

    /// What each node that is here is at, or why none is at anything.
    private var activities: [String] {
        let present = nodes.filter(\.isPresent)
        if present.isEmpty { return ["waiting for workers at \(endpoint)"] }
        return present.map { "\($0.name): \($0.activity)" }
    }

    /// `28 of 30 nodes: 25 computing, 3 waiting, 2 lost`.
    private static func summary(_ present: [Node], _ lost: Int, _ expected: Int) -> String {
        let kinds = Dictionary(grouping: present, by: \.kind).mapValues(\.count)
        let counts = kinds.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
        let all = counts + (lost > 0 ? ["\(lost) lost"] : [])
        return "\(present.count) of \(max(expected, present.count)) nodes: \(all.joined(separator: ", "))"
    }
}

extension RunProgress.Node {
    /// What the node is at, with the method and how far it is.
    var activity: String {
        if let absence { return absence.words }
        guard let job else { return kind }
        let drain = isDraining ? "draining, " : ""
        guard let progress else { return drain + job.method }
        let share = progress.steps == 0 ? "" : " \(min(progress.step, progress.steps) * 100 / progress.steps) %"
        let layer = progress.layer.map { " \(SafeText.terminal($0))" } ?? ""
        return "\(drain)\(job.method), \(kind)\(layer)\(share)"
    }

    /// The same in a word or two.
    var kind: String {
        guard job != nil else { return isDraining ? "drained" : "waiting" }
        return switch progress?.stage {
        case .fetching: "getting files"
        case .loading: "loading"
        case .weights: "packing weights"
        case .input: "drawing the batch"
        case .forward: "computing"
        case .encoding: "taking digests"
        // Jobs of milliseconds are over before anything is heard of them.
        case nil: results == 0 ? "beginning" : "at work"
        }
    }
}
