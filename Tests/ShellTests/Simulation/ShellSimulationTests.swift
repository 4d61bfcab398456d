import Foundation
import TestSupport
import Testing

/// Whole runs of the shells under all kinds of mishap, each from its seed.
///
/// A seed that fails is printed with the command that runs it alone.
@Suite("Simulated runs of the shells")
struct ShellSimulationTests {
    @Test("wherever the coordinator is killed, the run is carried on, no result is lost, and the verdict is right")
    func anyWeather() throws {
        let crashes = try simulate(0..<400, ShellWeather.any, test: "anyWeather")
        #expect(Sampling.isOn || crashes > 100, "coordinators are killed")
    }

    @Test("with nothing going wrong, every run is complete and the verdict is right")
    func calm() throws {
        let crashes = try simulate(
            0..<40,
            { chance in
                var weather = ShellWeather.calm
                weather.hasDeviant = chance.chance(0.5)
                return weather
            }, test: "calm")
        #expect(crashes == 0)
    }

    /// Runs each seed and reports those that break a rule; returns how many coordinators were killed.
    private func simulate(
        _ seeds: Range<UInt64>, _ weather: (inout SplitMix) -> ShellWeather, test: String
    ) throws -> Int {
        let only = ProcessInfo.processInfo.environment["MAE_SEED"].flatMap { UInt64($0) }
        var crashes = 0
        for seed in only.map({ $0..<$0 + 1 }) ?? (Sampling.isOn ? seeds.prefix(20) : seeds) {
            let simulation = try ShellSimulation(seed: seed, weather)
            try simulation.run()
            crashes += simulation.crashes
            guard let fault = simulation.faults.first else { continue }
            Issue.record(
                """
                seed \(seed): \(fault)
                MAE_SEED=\(seed) Tests/run --only ShellSimulationTests/\(test)
                """)
        }
        return crashes
    }
}
