import Foundation
import Testing

@testable import MAECluster

/// Whole runs under all kinds of mishap, thousands of them, each from its seed.
///
/// A seed that fails is run alone with `MAE_SEED=n swift test --filter SimulationTests`.
@Suite("Simulated runs")
struct SimulationTests {
    /// Seeds in blocks, which the test library runs side by side.
    static let blocks: [Range<UInt64>] = {
        if let seed = ProcessInfo.processInfo.environment["MAE_SEED"].flatMap({ UInt64($0) }) {
            return [seed..<seed + 1]
        }
        return (0..<10).map { $0 * 100..<($0 + 1) * 100 }
    }()

    @Test("whatever goes wrong, no shard is lost, none counts twice, and every run ends", arguments: blocks)
    func anyWeather(seeds: Range<UInt64>) {
        for seed in seeds {
            var simulation = Simulation(seed: seed, makeWeather: Weather.any, triesPerNode: 3)
            simulation.run()
            #expect(simulation.faults == [], "replay with MAE_SEED=\(seed)")
            #expect(simulation.ending != nil, "replay with MAE_SEED=\(seed)")
        }
    }

    @Test("with nothing going wrong, every run is complete", arguments: blocks.prefix(2))
    func calm(seeds: Range<UInt64>) {
        for seed in seeds {
            var simulation = Simulation(seed: seed, makeWeather: { _ in .calm }, triesPerNode: 3)
            simulation.run()
            #expect(simulation.faults == [], "replay with MAE_SEED=\(seed)")
            #expect(simulation.ending?.isComplete == true, "replay with MAE_SEED=\(seed)")
            #expect(simulation.ending?.ending == .finished, "replay with MAE_SEED=\(seed)")
        }
    }

    @Test("when mishaps pass and tries are plenty, every run is complete in the end", arguments: blocks.prefix(5))
    func passingWeather(seeds: Range<UInt64>) {
        for seed in seeds {
            var simulation = Simulation(seed: seed, makeWeather: Weather.passing, triesPerNode: 1000)
            simulation.run()
            #expect(simulation.faults == [], "replay with MAE_SEED=\(seed)")
            #expect(simulation.ending?.isComplete == true, "replay with MAE_SEED=\(seed)")
        }
    }
}
