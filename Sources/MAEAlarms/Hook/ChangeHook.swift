import MAEText
import MAEThreads

/// A command of the user that is run when the verdict is another than that of the run before.
public struct ChangeHook: Sendable {
    /// How often a command that fails is run, and how long it may take.
    public struct Limits: Sendable {
        /// How often it is run at most.
        public var tries = 3
        /// How long each time: then it is killed, with all that it started.
        public var time = Duration.seconds(60)
        /// How long to wait before it is run again, and twice as long before the third time.
        public var pause = Duration.seconds(5)
        /// How long a command may go on once there is haste.
        public var hasteTime = Duration.seconds(10)

        /// The limits of mae-coord.
        public init() {}
    }

    /// What came of a command.
    public enum Outcome: Sendable, Equatable {
        /// It ended with 0.
        case done
        /// It failed each time: how, and the last lines that it wrote.
        case failed(reason: String, output: [String])
    }

    /// Lines of output that are told.
    private static let lastLines = 5
    /// Bytes of a variable: the system takes 128 KiB of each, and less of all together.
    private static let longestValue = 8192

    private let command: String
    private let limits: Limits

    /// A hook that runs `command` by `/bin/sh -c`.
    public init(_ command: String, limits: Limits = Limits()) {
        self.command = command
        self.limits = limits
    }

    /// How long a command may take at most, with all its tries.
    public var longest: Duration {
        let pauses = (1..<max(limits.tries, 1)).reduce(Duration.zero) { sum, number in
            sum + limits.pause * (1 << (number - 1))
        }
        return limits.time * limits.tries + pauses
    }

    /// Whether a verdict is worth an alarm: another than the one before, and not the first one when that is good.
    public static func isChange(from before: String?, to verdict: String) -> Bool {
        before.map { $0 != verdict } ?? (verdict != "agree")
    }

    /// Runs the command until it ends with 0, and returns what came of it; `tell` hears of each failure before the next try.
    ///
    /// - Parameters:
    ///   - before: the verdict that was told before; nil where there is none.
    ///   - environment: that of this process, to which the variables of the alarm are added.
    ///   - isHasty: whether this process is to end: then there is no further try, and one that is under way has little time left.
    public func run(
        _ alarm: RunAlarm, before: String?, environment: [String: String], tell: (String) -> Void = { _ in },
        isHasty: () -> Bool = { false }
    ) -> Outcome {
        let environment = environment.merging(Self.variables(alarm, before: before)) { $1 }
        var pause = limits.pause
        var remaining = limits.tries
        while true {
            let outcome = attempt(environment, isHasty)
            remaining -= 1
            guard case .failed(let reason, _) = outcome, remaining > 0, !isHasty() else { return outcome }
            tell("the command of --on-change \(reason); it is run again in \(NumberText.short(pause / .seconds(1))) s")
            guard Pause.take(pause, unless: isHasty) else { return outcome }
            pause *= 2
        }
    }

    /// The variable that tells a command the folder of the store.
    public static let storeVariable = "MAE_STORE"

    /// What the command is told in its environment; a variable that has nothing to tell is there and empty.
    static func variables(_ alarm: RunAlarm, before: String?) -> [String: String] {
        let variables = [
            "MAE_RUN": alarm.run, "MAE_VERDICT": alarm.verdict, "MAE_VERDICT_BEFORE": before,
            "MAE_EXIT_CODE": "\(alarm.exitCode)", "MAE_CAUSE": alarm.cause, "MAE_MESSAGE": alarm.message,
            "MAE_REPORT_HTML": alarm.htmlReport, "MAE_REPORT_JSON": alarm.jsonReport, Self.storeVariable: alarm.store,
        ]
        // A command hands these on to mails and terminals.
        return variables.mapValues { SafeText.terminal(($0 ?? "").prefix(utf8Count: longestValue)) }
    }

    private func attempt(_ environment: [String: String], _ isHasty: () -> Bool) -> Outcome {
        let start = ContinuousClock.now
        var deadline = start + limits.time
        var isHastened = false
        let process: HookProcess
        do {
            process = try HookProcess(command, environment: environment) {
                if !isHastened, isHasty() {
                    isHastened = true
                    deadline = min(deadline, .now + limits.hasteTime)
                }
                return .now >= deadline
            }
        } catch {
            return .failed(reason: "cannot be run: \(error)", output: [])
        }
        guard process.ending != .exited(0) else { return .done }
        let seconds = NumberText.short((deadline - start) / .seconds(1))
        let reason = process.ending?.description ?? "did not end within \(seconds) s, and was killed"
        let lines = process.output.split(separator: "\n").suffix(Self.lastLines).map(String.init)
        return .failed(reason: reason, output: lines)
    }
}
