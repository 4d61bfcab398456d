import MAECoordinator
import MAEReport
import MAERun
import MAEText
import MAEVerify

extension LiveRun {
    /// Of what was told, so much is kept.
    private static let mostNotices = 8

    /// A run whose plan is known, at `now` in seconds since 1970.
    init(_ plan: RunPlan, now: Double) {
        self.init(
            run: plan.run, startedAt: now, state: "Reading checkpoints", work: Work(done: 0, expected: nil),
            expectedNodes: plan.workers)
    }

    /// Takes in what has happened.
    mutating func take(_ event: VerificationEvent, now: Double) {
        switch event {
        case .note(let text): tell(text, isWarning: false, now)
        case .warning(let text): tell(text, isWarning: true, now)
        case .step(let step):
            let share = step.share.map { " \($0.total == 0 ? 100 : $0.done * 100 / $0.total) %" } ?? ""
            state = step.text + share
            secondsLeft = nil
        case .listening: state = "Waiting for workers"
        case .progress(let progress): take(progress)
        case .begins, .stepEnded, .metrics, .alive: break
        }
    }

    private mutating func tell(_ text: String, isWarning: Bool, _ now: Double) {
        // What is said again every half minute is one notice.
        if notices.last?.text == text { notices.removeLast() }
        notices.append(Notice(time: now, text: text, isWarning: isWarning))
        notices.removeFirst(max(notices.count - Self.mostNotices, 0))
    }

    private mutating func take(_ progress: RunProgress) {
        let results = "\(progress.done) of \(progress.total) results"
        state =
            switch progress.phase {
            case .gathering where progress.present.isEmpty && progress.isWaitingForNodes:
                "Waiting for workers · \(results)"
            case .gathering: results
            case .checking: "Checking each node · \(results)"
            case .explaining: "Asking why results differ · \(results)"
            }
        work = Work(done: progress.done, expected: progress.total, perSecond: progress.rates.all)
        secondsLeft = progress.remaining.map { $0 / .seconds(1) }
        methods = progress.methods.map { method in
            Method(
                label: method.label,
                work: Work(
                    done: method.done, expected: method.expected, perSecond: progress.rates.methods[method.label]))
        }
        nodes = progress.nodes.map { Node($0, of: progress) }
        disagreements = progress.disagreements.map { disagreement in
            Disagreement(
                batch: disagreement.batch,
                outputs: disagreement.outputs.map { output in
                    Disagreement.Output(
                        digest: String("\(output.digest)".prefix(8)), count: output.count, node: output.node,
                        method: output.method)
                })
        }
        disagreeingBatches = progress.disagreeingBatches
    }
}

extension LiveRun.Node {
    fileprivate init(_ node: RunProgress.Node, of progress: RunProgress) {
        let shares = progress.methods.compactMap(\.share)
        let done = progress.methods.map { node.byMethod[$0.label] ?? 0 }
        let isShared = shares.count < progress.methods.count
        let state = node.isPresent ? node.kind : node.absence == nil ? "gone" : "lost"
        self.init(
            name: node.name, state: state, activity: node.isPresent ? node.activity : node.absence?.words ?? "not here",
            isPresent: node.isPresent,
            work: LiveRun.Work(
                done: done.reduce(0, +), expected: isShared ? nil : shares.reduce(0, +),
                perSecond: progress.rates.nodes[node.name]),
            byMethod: zip(progress.methods, done).map { LiveRun.Work(done: $1, expected: $0.share) })
    }
}
