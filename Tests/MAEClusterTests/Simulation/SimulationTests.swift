import Foundation
import Synchronization
import TestSupport
import Testing

@testable import MAECluster

/// Whole runs under all kinds of mishap, thousands of them, each from its seed.
///
/// A seed that fails is printed with the command that runs it alone and shows what happened.
@Suite("Simulated runs")
struct SimulationTests {
    @Test("whatever goes wrong, no shard is lost, none counts twice, and every run ends")
    func anyWeather() async {
        await simulate(0..<10_000, Weather.any, tries: 3, test: "anyWeather") { $0.ending != nil }
    }

    @Test("with nothing going wrong, every run is complete")
    func calm() async {
        await simulate(0..<200, { _ in .calm }, tries: 3, test: "calm") { $0.isComplete && $0.losses.isEmpty }
    }

    @Test("one message that is lost is made up for within seconds, and nobody is blamed")
    func onlyLoss() async {
        await simulate(0..<1000, Weather.onlyLoss, tries: 1000, test: "onlyLoss") {
            $0.isComplete && $0.losses.isEmpty
        }
    }

    @Test("where up to a third of the messages are lost and nothing else happens, nothing is set aside")
    func loss() async {
        await simulate(0..<1000, Weather.loss, tries: 3, test: "loss") { $0.isComplete && $0.setAside.isEmpty }
    }

    @Test("where much goes wrong and no job does, nothing is set aside with the tries of every day")
    func faultless() async {
        await simulate(0..<1000, Weather.faultless, tries: 3, test: "faultless") {
            $0.isComplete && $0.setAside.isEmpty
        }
    }

    @Test("where machines and the network stand still now and then and no job goes wrong, nothing is set aside")
    func standstill() async {
        await simulate(0..<1000, Weather.standstill, tries: 3, test: "standstill") {
            $0.isComplete && $0.setAside.isEmpty
        }
    }

    @Test("when mishaps pass and tries are plenty, every run is complete in the end")
    func passingWeather() async {
        await simulate(0..<2000, Weather.passing, tries: 1000, test: "passingWeather") { $0.isComplete }
    }

    @Test("shards that kill whoever computes them are set aside, and all others are complete")
    func killers() async {
        await simulate(0..<1000, Weather.killers, tries: 3, test: "killers") { simulation in
            simulation.ending?.ending == .finished && Set(simulation.missing) == simulation.killers
        }
    }

    @Test("two nodes that die on purpose keep no shard from the others, where there are others")
    func spoilers() async {
        await simulate(0..<1000, Weather.spoilers, tries: 3, test: "spoilers") { simulation in
            simulation.ending != nil && (simulation.workers < 3 || !simulation.isAnyQuarantined)
        }
    }

    /// Runs each seed, on all processors, and reports those that break a rule or whose ending is not `isRight`.
    private func simulate(
        _ seeds: Range<UInt64>, _ weather: @escaping @Sendable (inout SplitMix) -> Weather, tries: Int, test: String,
        isRight: @escaping @Sendable (Simulation) -> Bool
    ) async {
        let only = ProcessInfo.processInfo.environment["MAE_SEED"].flatMap { UInt64($0) }
        let seeds = only.map { $0..<$0 + 1 } ?? (Sampling.isOn ? seeds.prefix(40) : seeds)
        let next = Counter(seeds.lowerBound)
        let failures = await withTaskGroup(of: [(seed: UInt64, what: String)].self) { group in
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
                group.addTask {
                    var failures: [(seed: UInt64, what: String)] = []
                    while true {
                        let seed = next.take()
                        guard seeds.contains(seed) else { return failures }
                        var simulation = Simulation(
                            seed: seed, makeWeather: weather, tries: tries, isTraced: only != nil)
                        simulation.run()
                        var what = simulation.faults.prefix(3).joined(separator: "; ")
                        if what.isEmpty, !isRight(simulation) {
                            what =
                                simulation.ending.map {
                                    "it ended as \($0.ending), \($0.missing.count) missing: \(simulation.losses)"
                                } ?? "it did not end"
                        }
                        if !what.isEmpty { failures.append((seed, what)) }
                        if only != nil { print(simulation.trace.joined(separator: "\n")) }
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        for failure in failures.sorted(by: { $0.seed < $1.seed }).prefix(10) {
            Issue.record(
                """
                seed \(failure.seed): \(failure.what)
                MAE_SEED=\(failure.seed) Tests/run --only SimulationTests/\(test)
                """)
        }
        let count = failures.count
        #expect(count == 0)
    }
}

/// Hands out numbers to several tasks.
private final class Counter: Sendable {
    private let next: Atomic<UInt64>

    init(_ first: UInt64) { next = Atomic(first) }

    func take() -> UInt64 { next.wrappingAdd(1, ordering: .relaxed).oldValue }
}
