import MAECoordinator
import MAERun
import MAEText

/// What a person sees of a run: a line that changes, and sentences that stay.
struct RunDisplay {
    let line: ProgressLine

    /// Shows what has happened, where it is something to see.
    func show(_ event: VerificationEvent) {
        switch event {
        case .begins(let plan):
            let methods = NumberText.count(plan.methods.count, "loading method")
            line.note("run \(plan.run): \(methods) on \(NumberText.count(plan.workers, "worker"))")
        case .note(let text): line.note(text)
        case .warning(let text): line.warn(text)
        case .step(let step):
            if let share = step.share {
                line.show(step.text, share.done, of: share.total)
            } else {
                line.show(step.text)
            }
        case .stepEnded: line.clear()
        case .progress(let progress): line.show(progress.line(width: line.width - 1))
        case .listening, .metrics, .alive: break
        }
    }
}
