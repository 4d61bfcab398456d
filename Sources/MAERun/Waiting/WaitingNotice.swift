import MAECoordinator
import MAEText
import MAEVerify

/// Says that a run waits for workers, or for those that are here to be let work: as soon as it does, and again every half minute.
struct WaitingNotice {
    private static let interval = Duration.seconds(30)
    /// For how long nodes must have nothing to do: between two jobs they have nothing either.
    private static let pause = Duration.seconds(2)

    /// Something to say.
    enum Notice: Equatable {
        /// What is usual at the beginning of a run, or passes by itself.
        case note(String)
        /// What keeps the run from going on until a person does something.
        case warning(String)
    }

    /// How a worker is started; nil where this program starts them.
    let invitation: WorkerInvitation?
    /// The folder of the store, which commands name; nil for the one that they take by themselves.
    let store: String?
    private var next: ContinuousClock.Instant?
    /// When it is said that only nodes that were told to drain could work; nil while others can.
    private var nextDrainText: ContinuousClock.Instant?

    init(_ invitation: WorkerInvitation?, store: String? = nil) {
        (self.invitation, self.store) = (invitation, store)
    }

    /// What there is to say now; nil when nothing is.
    mutating func notice(_ progress: RunProgress, now: ContinuousClock.Instant) -> Notice? {
        drainText(progress, now: now).map(Notice.warning) ?? text(progress, now: now)
    }

    /// What there is to say of nodes that are not there.
    private mutating func text(_ progress: RunProgress, now: ContinuousClock.Instant) -> Notice? {
        guard progress.isWaitingForNodes else {
            // A node that goes later may be back at once.
            next = now + Self.interval
            return nil
        }
        let isFirst = next == nil
        guard isFirst || next.map({ now >= $0 }) ?? true else { return nil }
        next = now + Self.interval
        let lost = progress.nodes.filter { $0.absence != nil }
        if let first = lost.first, let absence = first.absence {
            let others = lost.count > 1 ? " (and \(NumberText.count(lost.count - 1, "further node")))" : ""
            let what = "\(Self.count(progress)); \(first.name) was \(absence.words)\(others)"
            // No other can come in its place.
            guard let invitation else {
                return .warning(
                    "\(what); if it does not come back, end the run with Ctrl-C and carry it on with --resume")
            }
            return .note("\(what); start it again with: \(invitation.line(progress.endpoint, again: first.name))")
        }
        guard let invitation else {
            // It takes a moment until those that were started are there.
            return isFirst ? nil : .note("\(Self.count(progress)); the others have not come yet")
        }
        let line = invitation.line(progress.endpoint, present: progress.present)
        if !progress.present.isEmpty { return .note("\(Self.count(progress)); start another with: \(line)") }
        let waits = "waiting for \(NumberText.count(progress.expected, "worker")) at \(progress.endpoint)"
        let start = progress.expected == 1 ? "start it with" : "start each with a name of its own"
        return .note((isFirst ? waits : "\(Self.count(progress)), \(waits)") + "; \(start): \(line)")
    }

    /// Says which nodes could work if they were let.
    private mutating func drainText(_ progress: RunProgress, now: ContinuousClock.Instant) -> String? {
        let names = progress.idleDrained
        guard let first = names.first else {
            nextDrainText = nil
            return nil
        }
        let due = nextDrainText ?? now + Self.pause
        nextDrainText = due
        guard now >= due else { return nil }
        nextDrainText = now + Self.interval
        let what = names.count == 1 ? "\(first) was" : "\(NumberText.list(names, limit: 8)) were"
        let whom = names.count == 1 ? "it" : "one"
        return "\(Self.count(progress)), and \(what) told to drain; to let \(whom) work again: "
            + Self.undrain(first, store: store)
    }

    /// The command that gives a node work again.
    static func undrain(_ node: String, store: String?) -> String {
        (["mae-coord", "undrain", node] + (store.map { ["--store", $0] } ?? [])).map(ShellText.quoted)
            .joined(separator: " ")
    }

    /// `1 of 2 workers is here (left)`.
    private static func count(_ progress: RunProgress) -> String {
        let present = progress.present
        let some = present.prefix(8).joined(separator: ", ")
        let names = present.isEmpty ? "" : " (\(some)\(present.count > 8 ? ", …" : ""))"
        return "\(present.count) of \(NumberText.count(progress.expected, "worker")) "
            + "\(present.count == 1 ? "is" : "are") here\(names)"
    }
}
