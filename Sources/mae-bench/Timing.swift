/// Wall-clock times of repeated runs, in seconds.
struct Timing: Encodable {
    /// The fastest run: what the machine does when nothing disturbs it.
    let min: Double
    /// The run in the middle.
    let median: Double
    /// The slowest run.
    let max: Double

    /// Runs `body` once to warm up and then `count` times.
    init(repeats count: Int, _ body: () throws -> Void) rethrows {
        let clock = ContinuousClock()
        try body()
        let seconds = try (0..<Swift.max(count, 1)).map { _ in
            try clock.measure(body) / .seconds(1)
        }.sorted()
        min = seconds[0]
        median = seconds[seconds.count / 2]
        max = seconds[seconds.count - 1]
    }
}
