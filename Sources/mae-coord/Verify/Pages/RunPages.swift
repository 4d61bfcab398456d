import MAECommand
import MAERun
import Synchronization

/// What can be read of a run over HTTP, as it is now.
///
/// The thread of the run says what has happened; the thread of the server reads what was said, and nothing else of the run.
final class RunPages: Sendable {
    private let state = Mutex(RunPageState())

    /// Takes note of what has happened in the run.
    func take(_ event: VerificationEvent) { state.withLock { $0.take(event, now: .now) } }

    /// Shows figures in the text format of Prometheus.
    func show(metrics: String) { state.withLock { $0.metrics = Array(metrics.utf8) } }

    /// Shows a page of the run in place of the one before, and says what the run is at unless that stays as it is.
    func show(page: String, activity: String? = nil) {
        state.withLock { state in
            state.page = Array(page.utf8)
            if let activity { state.activity = activity }
        }
    }

    /// Notes that the program goes on while nothing happens in the run.
    func renew() { state.withLock { $0.lastTurn = .now } }

    /// The state of this moment.
    var current: RunPageState { state.withLock(\.self) }
}

/// What is known of a run at one moment.
struct RunPageState {
    /// The run's name, once there is one.
    private(set) var run: String?
    /// What the run is at, in words.
    fileprivate(set) var activity = "the run is planned"
    /// Where workers can connect; nil before they can, and once they cannot any more.
    private(set) var endpoint: String?
    /// When the run last gave a sign of life.
    fileprivate(set) var lastTurn = ContinuousClock.now
    /// Figures in the text format of Prometheus.
    fileprivate(set) var metrics: [UInt8] = []
    /// A page of the run; nil before there is one.
    fileprivate(set) var page: [UInt8]?

    /// Columns that a sentence on what the run is at may have.
    private static let width = 200

    mutating func take(_ event: VerificationEvent, now: ContinuousClock.Instant) {
        lastTurn = now
        switch event {
        case .begins(let plan): run = plan.run
        case .step(let step):
            activity = step.text + (step.share.map { " (\($0.done) of \($0.total))" } ?? "")
        case .listening(let endpoint):
            self.endpoint = endpoint
            activity = "workers can connect"
        case .progress(let progress): activity = progress.line(width: Self.width)
        case .metrics(let figures) where !figures.isActive:
            endpoint = nil
            activity = "the results are judged"
        case .note, .warning, .stepEnded, .metrics, .alive: break
        }
    }

    /// For how long the run has given no sign of life; nil where that is no longer than it may be.
    func silence(at now: ContinuousClock.Instant) -> Duration? {
        let silence = now - lastTurn
        return silence <= HealthFile.longestAge ? nil : silence
    }
}
