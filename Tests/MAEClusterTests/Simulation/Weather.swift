@testable import MAECluster

/// How much goes wrong in a simulated run.
struct Weather {
    /// Part of the messages that are lost, delivered twice, or delivered twice with the copy much later.
    var loss = 0.0
    var duplication = 0.0
    var replay = 0.0
    /// Longest time a message travels; different times make messages overtake each other.
    var delay = 0.05
    /// Chances per worker and step.
    var crash = 0.0
    var reconnection = 0.0
    /// Chances per job.
    var hang = 0.0
    var failure = 0.0
    var badInput = 0.0
    /// Chance per step that the coordinator is killed, and started again with what was stored.
    var coordinatorCrash = 0.0
    /// Whether a second process runs under the name of the first node.
    var hasTwin = false
    /// When the sky clears.
    var end = Instant.never

    static let calm = Weather()

    /// Any weather.
    static func any(_ chance: inout SplitMix) -> Weather {
        var weather = Weather()
        func some(_ most: Double, _ chance: inout SplitMix) -> Double {
            chance.chance(0.5) ? 0 : Double.random(in: 0...most, using: &chance)
        }
        weather.loss = some(0.3, &chance)
        weather.duplication = some(0.3, &chance)
        weather.replay = some(0.1, &chance)
        weather.delay = 0.05 + some(3, &chance)
        weather.crash = some(0.02, &chance)
        weather.reconnection = some(0.05, &chance)
        weather.hang = some(0.3, &chance)
        weather.failure = some(0.3, &chance)
        weather.badInput = some(0.1, &chance)
        weather.coordinatorCrash = some(0.02, &chance)
        weather.hasTwin = chance.chance(0.2)
        return weather
    }

    /// Weather that no result is lost for good in, and that clears up.
    static func passing(_ chance: inout SplitMix) -> Weather {
        var weather = any(&chance)
        weather.badInput = 0
        weather.hasTwin = false
        weather.end = Instant(sinceOrigin: .seconds(40))
        return weather
    }
}

extension Instant {
    static let never = Instant(sinceOrigin: .seconds(1 << 40))
}
