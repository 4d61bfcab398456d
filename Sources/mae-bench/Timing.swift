/// Wall-clock times of repeated runs.
enum Timing {
    /// Seconds that one run of `body` takes.
    static func seconds(_ body: () throws -> Void) rethrows -> Double {
        try ContinuousClock().measure(body) / .seconds(1)
    }

    /// Seconds of `count` runs after one to warm up; fewer runs once they have taken `limit` seconds together.
    ///
    /// A first run that takes longer than `limit` by itself is the measurement: it hardly needs to be warm.
    static func spread(repeats count: Int, limit: Double = .infinity, _ body: () throws -> Void) rethrows -> Spread {
        let first = try seconds(body)
        guard first <= limit else { return Spread([first]) }
        var measured: [Double] = []
        var total = 0.0
        repeat {
            let latest = try seconds(body)
            measured.append(latest)
            total += latest
        } while measured.count < count && total < limit
        return Spread(measured)
    }
}
