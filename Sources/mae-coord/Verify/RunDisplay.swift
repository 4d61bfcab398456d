import MAECoordinator
import MAEReport
import MAERun
import MAEText

/// What a person sees of a run: lines that change, and sentences that stay.
final class RunDisplay {
    let line: ProgressLine
    private let style = TerminalStyle.ofStandardError
    /// Whether what is shown is how far the computing of results is.
    private var isComputing = false

    init(line: ProgressLine) { self.line = line }

    /// Shows what has happened, where it is something to see; `run` is how the run stands after it.
    func show(_ event: VerificationEvent, _ run: LiveRun?) {
        switch event {
        case .begins(let plan):
            let methods = NumberText.count(plan.methods.count, "loading method")
            line.note("run \(plan.run): \(methods) on \(NumberText.count(plan.workers, "worker"))")
        case .note(let text): line.note(text)
        case .warning(let text): line.warn(text)
        case .step(let step):
            isComputing = false
            if let share = step.share {
                line.show(step.text, share.done, of: share.total)
            } else {
                line.show(step.text)
            }
        case .stepEnded:
            isComputing = false
            line.clear()
        case .progress(let progress):
            isComputing = true
            if line.isTerminal { draw(run) } else { line.show(progress.line(width: line.width - 1)) }
        case .alive:
            // The terminal may have another size by now.
            if isComputing, line.isTerminal { draw(run) }
        case .listening, .metrics: break
        }
    }

    private func draw(_ run: LiveRun?) {
        guard let run else { return }
        line.show { LiveBlock.lines(run, width: $0, height: $1, style: style) }
    }
}
