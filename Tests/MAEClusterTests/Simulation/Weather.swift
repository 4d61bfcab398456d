@testable import MAECluster

/// How much goes wrong in a simulated run.
struct Weather {
    /// Part of the messages that are lost, delivered twice, or delivered twice with the copy much later.
    var loss = 0.0
    var duplication = 0.0
    var replay = 0.0
    /// Longest time a message travels; different times make messages overtake each other.
    var delay = 0.05
    /// Chances per worker and step: the process is killed and started again, it speaks over a new connection, its machine is
    /// suspended and finds its clock far ahead when it wakes.
    var crash = 0.0
    var reconnection = 0.0
    var suspension = 0.0
    /// Chances per job.
    var hang = 0.0
    var failure = 0.0
    var badInput = 0.0
    /// How many times longer the jobs of the first worker take.
    var slowness = 1.0
    /// The part of the shards that kill whoever computes them.
    var killers = 0.0
    /// How many of the nodes end their process at every shard, on purpose.
    var spoilers = 0
    /// Chance per step that some of the workers are cut off from the coordinator for a while.
    var partition = 0.0
    /// Chances per step that the coordinator is killed, and started again with what was stored; and that it is suspended.
    var coordinatorCrash = 0.0
    var coordinatorSuspension = 0.0
    /// Chance per step that somebody tells a node to drain, or to work again.
    var draining = 0.0
    /// Chance per worker and step that it says Goodbye and ends, to be started again.
    var leaving = 0.0
    /// Chance per step that the run is told to end: at once, or when what runs is done.
    var stopping = 0.0
    /// Chance per step that the key of a node is revoked: what it says does not arrive any more.
    var expulsion = 0.0
    /// Chance per step that it is not known for a while who may take part.
    var unreadableKeys = 0.0
    /// Whether a second process runs under the name of the first node.
    var hasTwin = false
    /// The one message that is lost: the first of its kind after so many of them.
    var onlyLoss: (kind: Parcel.Kind, after: Int)?
    /// Whether silence and standstill are judged as in earnest, and not sooner to have more of it in a run.
    var hasRealTimes = false
    /// When the sky clears.
    var end = Instant.never
    /// When the run is over, whatever is missing then.
    var deadline = Instant(sinceOrigin: .seconds(160))

    static let calm = Weather()

    /// Any weather.
    static func any(_ chance: inout SplitMix) -> Weather {
        var weather = Weather()
        func some(_ most: Double, _ chance: inout SplitMix) -> Double {
            chance.chance(0.6) ? 0 : Double.random(in: 0...most, using: &chance)
        }
        weather.loss = some(0.3, &chance)
        weather.duplication = some(0.3, &chance)
        weather.replay = some(0.1, &chance)
        weather.delay = 0.05 + some(3, &chance)
        weather.crash = some(0.02, &chance)
        weather.reconnection = some(0.05, &chance)
        weather.suspension = some(0.01, &chance)
        weather.hang = some(0.3, &chance)
        weather.failure = some(0.3, &chance)
        weather.badInput = some(0.1, &chance)
        weather.slowness = 1 + some(7, &chance)
        weather.killers = some(0.3, &chance)
        weather.spoilers = chance.chance(0.2) ? 2 : 0
        weather.partition = some(0.02, &chance)
        weather.coordinatorCrash = some(0.02, &chance)
        weather.coordinatorSuspension = some(0.01, &chance)
        weather.draining = some(0.02, &chance)
        weather.expulsion = some(0.003, &chance)
        weather.unreadableKeys = some(0.01, &chance)
        weather.hasTwin = chance.chance(0.2)
        weather.leaving = some(0.01, &chance)
        weather.stopping = chance.chance(0.1) ? 0.005 : 0
        return weather
    }

    /// Weather that no result is lost for good in, and that clears up.
    static func passing(_ chance: inout SplitMix) -> Weather {
        var weather = any(&chance)
        weather.badInput = 0
        weather.killers = 0
        weather.spoilers = 0
        weather.expulsion = 0
        weather.hasTwin = false
        weather.stopping = 0
        weather.slowness = min(weather.slowness, 3)
        weather.deadline = Instant(sinceOrigin: .seconds(900))
        weather.end = Instant(sinceOrigin: .seconds(40))
        return weather
    }

    /// Fair weather, in which exactly one message is lost.
    static func onlyLoss(_ chance: inout SplitMix) -> Weather {
        var weather = Weather()
        let kind = Parcel.Kind.allCases.randomElement(using: &chance) ?? .job
        weather.onlyLoss = (kind, Int.random(in: 0...4, using: &chance))
        // There are Cancels where nodes are drained, and failures where jobs fail.
        if kind == .revoke { weather.draining = 0.05 }
        if kind == .failure { weather.failure = 0.3 }
        weather.hasRealTimes = true
        weather.end = Instant(sinceOrigin: .seconds(60))
        return weather
    }

    /// Weather that passes, in which much goes wrong and no job does: on the way, and with the coordinator.
    static func faultless(_ chance: inout SplitMix) -> Weather {
        var weather = passing(&chance)
        (weather.crash, weather.hang, weather.failure, weather.suspension, weather.partition) = (0, 0, 0, 0, 0)
        // A Goodbye that is lost leaves a node that fell silent.
        weather.leaving = 0
        weather.hasRealTimes = true
        weather.end = Instant(sinceOrigin: .seconds(100))
        return weather
    }

    /// Weather that passes, in which processes are not scheduled and the network is cut, for so long that nodes are lost, and no
    /// job does anything wrong.
    static func standstill(_ chance: inout SplitMix) -> Weather {
        var weather = Weather()
        weather.delay = 0.05 + chance.fraction
        // Not so often that nodes which follow each other in falling silent are all away at once for long.
        weather.suspension = Double.random(in: 0...0.003, using: &chance)
        weather.partition = Double.random(in: 0...0.005, using: &chance)
        weather.coordinatorSuspension = Double.random(in: 0...0.01, using: &chance)
        weather.reconnection = 0.01
        weather.hasRealTimes = true
        weather.deadline = Instant(sinceOrigin: .seconds(900))
        weather.end = Instant(sinceOrigin: .seconds(120))
        return weather
    }

    /// Weather in which messages are lost, and nothing else goes wrong.
    static func loss(_ chance: inout SplitMix) -> Weather {
        var weather = Weather()
        weather.loss = Double.random(in: 0...0.3, using: &chance)
        weather.hasRealTimes = true
        weather.deadline = Instant(sinceOrigin: .seconds(900))
        return weather
    }

    /// Fair weather, in which some shards kill whoever computes them.
    static func killers(_ chance: inout SplitMix) -> Weather {
        var weather = Weather()
        weather.killers = 0.3
        weather.deadline = Instant(sinceOrigin: .seconds(900))
        weather.delay = 0.05 + chance.fraction
        return weather
    }

    /// Fair weather, in which two nodes end their process at every shard, so that it is kept from the others.
    static func spoilers(_ chance: inout SplitMix) -> Weather {
        var weather = Weather()
        weather.spoilers = 2
        weather.deadline = Instant(sinceOrigin: .seconds(900))
        weather.delay = 0.05 + chance.fraction
        return weather
    }
}

extension Instant {
    static let never = Instant(sinceOrigin: .seconds(1 << 40))
}
