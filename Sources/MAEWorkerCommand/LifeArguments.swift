import ArgumentParser
import MAEText
import MAEWorker

/// When a worker ends, besides being told to.
struct LifeArguments: ParsableArguments {
    @Flag(
        help: "End with 0 when the run is over, once its coordinator has said Goodbye, instead of waiting for the next."
    )
    var once = false

    @Option(
        help: ArgumentHelp(
            "End with 69 after so many seconds without a coordinator: there was none, or it is gone. When left out, one is waited "
                + "for without end.", valueName: "seconds"))
    var giveUp: Double?

    @Option(
        help: ArgumentHelp(
            "After SIGTERM or SIGINT, finish the job in hand if it ends within this time; what is not finished goes back to the "
                + "coordinator. Less than what Slurm (KillWait) or Kubernetes waits before it kills.",
            valueName: "seconds"))
    var grace = 5.0

    func validate() throws {
        if let giveUp, !(giveUp > 0 && giveUp <= 1e7) {
            throw ValidationError("--give-up \(NumberText.short(giveUp)): above 0 seconds, and at most 1e7.")
        }
        guard grace >= 0, grace <= 1e7 else {
            throw ValidationError("--grace \(NumberText.short(grace)): from 0 to 1e7 seconds.")
        }
    }

    func apply(to options: inout WorkerOptions) {
        options.policy.endsWithRun = once
        options.policy.patience = giveUp.map { .seconds($0) }
        options.grace = .seconds(grace)
    }
}
