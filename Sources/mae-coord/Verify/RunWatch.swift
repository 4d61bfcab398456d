import Foundation
import MAEReport
import MAERun

/// Shows a run while it goes on: to the person at the terminal, and on its page.
final class RunWatch {
    private let display: RunDisplay
    private let page: LivePageFile?
    private var run: LiveRun?

    init(_ display: RunDisplay, page: LivePageFile?) {
        self.display = display
        self.page = page
    }

    /// Shows what has happened.
    func take(_ event: VerificationEvent) {
        let now = Date().timeIntervalSince1970
        if case .begins(let plan) = event { run = LiveRun(plan, now: now) }
        run?.take(event, now: now)
        display.show(event, run)
        guard let run else { return }
        if case .listening = event { page?.begin(run) } else { page?.update(run) }
    }

    /// Shows what happens in `work`, and on the page the error that ends it.
    func during<Value>(_ work: () throws -> Value) throws -> Value {
        do { return try work() } catch {
            if let run { page?.fail(run, error) }
            throw error
        }
    }
}
