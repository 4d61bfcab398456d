import MAEThreads

extension ProgressLine {
    /// Does `work` and shows `text` with the seconds passed while it takes long.
    static func during<Result>(_ text: String, _ work: () throws -> Result) rethrows -> Result {
        let line = ProgressLine()
        let start = ContinuousClock.now
        let isOver = Monitor(false)
        // Where the system grants no thread, the work is done all the same.
        let clock = try? NamedThread("mae-progress") {
            while isOver.wait(atMost: .seconds(1), { $0 ? true : nil }) == nil {
                line.show("\(text), \((ContinuousClock.now - start).components.seconds) s")
            }
        }
        defer {
            isOver.change { $0 = true }
            try? clock?.join()
            line.clear()
        }
        return try work()
    }
}
