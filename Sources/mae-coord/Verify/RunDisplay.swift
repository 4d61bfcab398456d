import MAECoordinator

/// What a person sees of a run that is under way: a line that changes, and notices that stay.
final class RunDisplay {
    private let line: ProgressLine
    private var notice: WaitingNotice
    /// What the run came to so far; nil before it began.
    private(set) var progress: RunProgress?

    init(_ line: ProgressLine, _ invitation: WorkerInvitation?) {
        self.line = line
        notice = WaitingNotice(invitation)
    }

    /// Shows what has changed.
    func show(_ progress: RunProgress) {
        self.progress = progress
        renew()
        line.show(progress.line(width: line.width - 1))
    }

    /// Says again what is still so, when it is time: call it about once a second.
    func renew() {
        guard let progress, let text = notice.text(progress, now: .now) else { return }
        line.note(text)
    }
}
