import TestSupport

/// How much goes wrong in a simulated run of the shells.
struct ShellWeather {
    /// Part of the messages that are lost or delivered twice.
    var loss = 0.0
    var duplication = 0.0
    /// Longest time a message travels, in seconds; different times make messages overlap.
    var delay = 0.05
    /// Longest time until something posted is durable, in seconds.
    var diskDelay = 0.1
    /// Chance per worker and step that its process is killed and started again.
    var crash = 0.0
    /// Chance per action of the coordinator (a message sent, changes posted) that it is killed right there.
    var coordinatorCrash = 0.0
    /// Chances per job that it fails, or stands still for a while.
    var failure = 0.0
    var hang = 0.0
    /// Chance per step that a node is told to drain, or to work again.
    var draining = 0.0
    /// Whether one of the nodes computes another layer 2 than all others.
    var hasDeviant = false
    /// When the sky clears, in seconds.
    static let end = 60.0

    static let calm = ShellWeather()

    /// Weather of any kind.
    static func any(_ chance: inout SplitMix) -> ShellWeather {
        var weather = ShellWeather()
        func some(_ most: Double, _ chance: inout SplitMix) -> Double {
            chance.chance(0.5) ? 0 : Double.random(in: 0...most, using: &chance)
        }
        weather.loss = some(0.2, &chance)
        weather.duplication = some(0.2, &chance)
        weather.delay = 0.05 + some(1.5, &chance)
        weather.diskDelay = 0.05 + some(2, &chance)
        weather.crash = some(0.01, &chance)
        weather.coordinatorCrash = some(0.01, &chance)
        weather.failure = some(0.1, &chance)
        weather.hang = some(0.1, &chance)
        weather.draining = some(0.01, &chance)
        weather.hasDeviant = chance.chance(0.5)
        return weather
    }
}

extension SplitMix {
    /// True once in so many times as `probability` says.
    mutating func chance(_ probability: Double) -> Bool { Double.random(in: 0..<1, using: &self) < probability }

    /// A time in a range of seconds.
    mutating func seconds(_ range: ClosedRange<Double>) -> Duration {
        .milliseconds(Int(Double.random(in: range, using: &self) * 1000))
    }
}
