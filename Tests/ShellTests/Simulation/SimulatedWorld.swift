import MAECluster
import TestSupport

/// What all parts of a simulated run share: the time, chance and the weather.
final class SimulatedWorld {
    var now = Instant(sinceOrigin: .zero)
    var chance: SplitMix
    var weather: ShellWeather

    init(seed: UInt64, _ makeWeather: (inout SplitMix) -> ShellWeather) {
        chance = SplitMix(seed: seed)
        weather = makeWeather(&chance)
    }
}

/// The coordinator's process was killed at one of its actions.
struct Crash: Error {}

/// Decides at which of its actions the coordinator is killed.
final class CrashPoint {
    private let world: SimulatedWorld
    private(set) var hasCrashed = false

    init(_ world: SimulatedWorld) { self.world = world }

    /// Throws ``Crash`` when the process is killed before this action, and ever after.
    func pass() throws(Crash) {
        if !hasCrashed { hasCrashed = world.chance.chance(world.weather.coordinatorCrash) }
        if hasCrashed { throw Crash() }
    }
}
