import Foundation
import MAECommand
import MAEDomain
import MAEReport
import MAEStore
import MAEText
import MAEVerify

extension SiteOverview {
    /// The overview for a person, ending in a newline.
    var text: String { table + footnotes }

    /// The overview, with what each node tells of its machine.
    var verboseText: String { table + footnotes + nodes.map { machine(of: $0.identity) }.joined() }

    private func machine(of node: NodeIdentity) -> String {
        guard let machine = node.machine else { return "\n\(safe(node.name)) tells nothing of its machine\n" }
        var table = TextTable()
        for fact in machine.facts { table.add(safe(fact.name), safe(fact.value)) }
        return "\n\(safe(node.name)): \(safe(node.host)), \(safe(node.engineBuild))\n" + table.text(indentation: 4)
            + "\n"
    }

    private var table: String {
        guard let run else { return "no runs yet\n" }
        var table = TextTable(rightAligned: [3, 4])
        table.add("node", "state", "class", "images/s", "results", "last seen", "device", "job")
        for node in nodes {
            let identity = node.identity
            table.add(
                safe(identity.name), state(of: node), safe(identity.numericClass),
                node.imagesPerSecond.map { NumberText.short($0) } ?? "-", "\(node.results)",
                node.status?.heard.map { age(since: $0) + " ago" } ?? "-", device(identity),
                isUnderWay ? job(of: node) : "-")
        }
        return "run \(safe(run.plan.run)) · \(state(of: run))\n"
            + (nodes.isEmpty ? "no node has come\n" : table.text(indentation: 0) + "\n")
    }

    private func state(of run: RunRecord) -> String {
        if isUnderWay { return "under way for \(age(since: run.started))" }
        if let ending = run.ending { return "ended \(age(since: ending.time)) ago: \(safe(ending.verdict))" }
        let words =
            run.alive.map { "no coordinator has worked on it for \(age(since: $0))" } ?? "no coordinator works on it"
        return "\(words); --resume \(safe(run.plan.run)) carries it on"
    }

    private func state(of node: NodeRecord) -> String {
        guard let status = node.status else { return "-" }
        if !isUnderWay, status.state.isPresence { return "was \(status.state.rawValue)" }
        let cause = status.cause.map { ": \(safe($0))" } ?? ""
        let isKnown = status.state == .draining || status.state == .drained
        return status.state.rawValue + cause + (isToBeDrained(node) && !isKnown ? " (to be drained)" : "")
    }

    private func job(of node: NodeRecord) -> String {
        guard let status = node.status, let job = status.job else { return "-" }
        let more = status.jobs > 1 ? ", and \(status.jobs - 1) more" : ""
        return "\(safe(job.method)), batch \(job.batch)\(more)"
    }

    private func device(_ identity: NodeIdentity) -> String {
        let kind = identity.isa.isEmpty ? identity.backend : "\(identity.backend) \(identity.isa)"
        return safe("\(kind) × \(identity.threads), \(identity.device), \(identity.host)")
    }

    /// Why nodes are in their classes, each sentence once, and orders for nodes that are not there.
    private var footnotes: String {
        var lines: [String] = []
        for node in nodes {
            guard let reason = node.identity.classReason else { continue }
            let line = safe("\(node.identity.numericClass): \(reason)")
            if !lines.contains(line) { lines.append(line) }
        }
        lines += otherDrains.map { "to be drained when it comes: \(safe($0.node))" }
        return lines.map { $0 + "\n" }.joined()
    }

    private func age(since date: Date) -> String {
        let seconds = max(Int(time.timeIntervalSince(date).rounded()), 0)
        return switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86400) days"
        }
    }

    private func safe(_ text: String) -> String { SafeText.terminal(text) }
}

extension NodeStatus.State {
    /// Whether a node in this state is there, while the run is under way.
    fileprivate var isPresence: Bool {
        switch self {
        case .present, .stuck, .draining, .drained: true
        case .expected, .lost, .left: false
        }
    }
}
