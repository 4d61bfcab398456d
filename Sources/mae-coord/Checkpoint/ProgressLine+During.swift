import Dispatch

extension ProgressLine {
    /// Does `work` and shows `text` with the seconds passed while it takes long.
    static func during<Result>(_ text: String, _ work: () throws -> Result) rethrows -> Result {
        let line = ProgressLine()
        let start = ContinuousClock.now
        let timer = DispatchSource.makeTimerSource()
        timer.setEventHandler { line.show("\(text), \((ContinuousClock.now - start).components.seconds) s") }
        timer.schedule(deadline: .now() + .seconds(2), repeating: .seconds(1))
        timer.activate()
        defer {
            timer.cancel()
            line.clear()
        }
        return try work()
    }
}
