import ArgumentParser
import Foundation
import Logging
import MAEAlarms
import MAECommand
import MAEFiles
import MAEReport
import MAEStore
import MAEThreads
import MAEVerify

/// The alarms of one run: told at its beginning, and once at its end, however that comes.
///
/// Nothing here ends a run or changes its exit code: what cannot be told is logged.
final class RunAlarms {
    private let hook: ChangeHook?
    private let ping: Ping?
    private let gitHub: GitHubStep?
    private let store: String
    private let memory: AlarmMemory
    private let log: Logger
    /// Whether a signal asks for an end of the program: then nothing is tried again.
    private let isHasty: @Sendable () -> Bool
    private var start: NamedThread?
    private var run: String?
    private var series: RunSeries?
    /// The verdict of the run before; nil where there is none.
    private var before: String?

    /// Prepares the alarms that the options ask for, of a run in the folder `store`.
    ///
    /// `isHasty` says whether a signal asks for the end of the program.
    ///
    /// - Throws: `AlarmError` when a library is missing, and `ValidationError`.
    init(_ options: AlarmOptions, store: String, log: Logger, isHasty: @escaping @Sendable () -> Bool) throws {
        hook = options.onChange.map { ChangeHook($0) }
        ping = try options.pingAddress().map { address throws(AlarmError) in try Ping(address) }
        gitHub = options.isGitHub ? GitHubStep(ProcessInfo.processInfo.environment, log: log) : nil
        self.store = URL(fileURLWithPath: store).standardized.path
        memory = AlarmMemory(store: store)
        self.log = log
        self.isHasty = isHasty
    }

    /// Tells that a run begins; the run does not wait for the answer, its end does.
    func begin() {
        gitHub?.begin()
        guard let ping else { return }
        let (log, isHasty) = (log, isHasty)
        do {
            start = try NamedThread("mae-ping") {
                if let failure = ping.send(.start, isHasty: isHasty) { log.warning("\(failure)") }
            }
        } catch { log.warning("\(error)") }
    }

    /// Hears what the run is, as soon as that is known: first from its options, then from its plan and with its store.
    func identify(_ series: RunSeries, run: String?, in store: Store? = nil) {
        (self.series, self.run) = (series, run)
        guard hook != nil else { return }
        if let told = memory.told(of: series) {
            before = told.verdict
        } else if let store {
            // Before the first alarm of a series, what was judged counts as told.
            before = (try? store.lastEnding { RunSeries($0) == series && $0.run != run })?.verdict
        }
    }

    /// Tells how a run was judged, and where its reports are.
    func end(_ verification: Verification, html: String?, json: String?) {
        func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardized.path }
        gitHub?.end(verification)
        tell(RunAlarm(verification, htmlReport: html.map(absolute), jsonReport: json.map(absolute), store: store))
    }

    /// Tells nothing of a run that could not begin, since another takes its place.
    func abandon() {
        try? start?.join()
        gitHub?.abandon()
    }

    /// Tells that a run ended without a judgement.
    func end(_ error: any Error) {
        let message = MAECoord.message(for: error)
        let text = message.isEmpty ? "\(error)" : message
        gitHub?.end(failure: text)
        let code = CommandExit.code(for: error) ?? MAECoord.exitCode(for: error).rawValue
        // Each of several reasons has a line of its own, and an alarm is one.
        let line = text.split(separator: "\n").joined(separator: " ")
        tell(RunAlarm(failed: line, exitCode: code, run: run, store: store))
    }

    private func tell(_ alarm: RunAlarm) {
        try? start?.join()
        if let failure = ping?.send(.end(exitCode: alarm.exitCode), alarm.text, isHasty: isHasty) {
            log.warning("\(failure)")
        }
        guard let hook else { return }
        // Of a run that is not in the store nothing is known, so nothing can be the same.
        guard let series else { return _ = run(hook, alarm, before: nil) }
        // A command of --on-change that runs mae-coord on the same store holds the lock already, by the process that waits for it.
        let isWithinHook = ProcessInfo.processInfo.environment[ChangeHook.storeVariable] == store
        memory.exclusively(for: isWithinHook ? .zero : hook.longest, isHasty: isHasty) { tell(alarm, of: series, hook) }
    }

    /// Runs the command where the verdict is another than what was told last, maybe by another process since this run began.
    private func tell(_ alarm: RunAlarm, of series: RunSeries, _ hook: ChangeHook) {
        let told = memory.told(of: series)
        let before = told == nil ? self.before : told?.verdict
        let isTold = !ChangeHook.isChange(from: before, to: alarm.verdict) || run(hook, alarm, before: before)
        do {
            try memory.remember(isTold ? alarm.verdict : before, after: alarm.run, of: series, at: Date())
        } catch {
            log.warning("\(error): what was told is not remembered, and is told again after the next run")
        }
    }

    /// Runs the command; false when it failed each time.
    private func run(_ hook: ChangeHook, _ alarm: RunAlarm, before: String?) -> Bool {
        let outcome = hook.run(
            alarm, before: before, environment: ProcessInfo.processInfo.environment,
            tell: { log.warning("\($0)") }, isHasty: isHasty)
        guard case .failed(let reason, let output) = outcome else { return true }
        log.error("the command of --on-change \(reason); it is run again after the next run")
        for line in output { log.error("--on-change wrote: \(line)") }
        return false
    }
}
