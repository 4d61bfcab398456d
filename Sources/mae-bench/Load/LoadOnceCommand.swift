import ArgumentParser
import Foundation
import MAECPU
import MAECheckpoint
import MAECommand
import MAECompute
import MAEEngine
import MAEModel
import Synchronization

/// `mae-bench load-once`: one load in a process of its own, for `mae-bench load`; prints a ``LoadRecord``.
struct LoadOnceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load-once", abstract: "Loads a checkpoint once and prints what each stage took.",
        shouldDisplay: false)

    @Argument var path: String
    @Option var config: String?
    @Option var batchSize: Int
    @Option var maskRatio: Double?
    @OptionGroup var cpu: CPUArguments
    @Option(help: "Nanoseconds of CLOCK_MONOTONIC at which this process was started.")
    var startedAt: Int64

    func run() throws {
        var stages = StageClock()
        let cpu = try cpu.open()
        let deviations = try KnownAnswers(of: cpu).deviations
        guard deviations.isEmpty else { throw WrongResult("known answers differ: \(deviations)") }
        let opening = stages.lap()
        let reference = CheckpointReference(path)
        let checkpoint = try ModelCheckpoint.openUnverified(
            reference.path, weights: reference.weights, configuration: config)
        let open = stages.lap()
        let backend = StagedBackend(cpu)
        let configuration = checkpoint.configuration.values
        let model = try ViTMAEModel(
            configuration, withDecoder: false, readingAlong: checkpoint.layout.parameters(of: .decoder).map(\.name),
            on: backend, weight: CheckpointWeights(checkpoint).weight)
        try checkpoint.verifyChecksums()
        let loaded = stages.lap()
        let pack = Double(backend.loading.load(ordering: .relaxed)) / 1e9
        let batch = BatchInput.seeded(42, images: batchSize, for: configuration)
        let selection = PatchSelection(noise: batch.noise, keeping: configuration.keptCount(maskRatio: maskRatio))
        let input = stages.lap()
        let output = try model.forward(images: batch.images, selection: selection)
        let firstPass = stages.lap()
        let total = Double(ChildProcess.now - startedAt) / 1e9
        let weights = try checkpoint.fingerprints().sha256
        let digest = stages.lap()
        let record = LoadRecord(
            backend: opening, open: open, bind: loaded - pack, pack: pack, input: input, first_pass: firstPass,
            start_to_first_result: total, digest: digest, peak_memory_mib: try PeakMemory.mebibytes(),
            method: checkpoint.method.rawValue, mask_ratio: maskRatio ?? configuration.maskRatio,
            isa: backend.description.instructionSet,
            threads: backend.description.threads, device: backend.description.device,
            weights_sha256: weights.description, layernorm_sha256: output.layernorm.digest().description)
        try StandardOutput.writeLine(record.json())
    }
}

/// Seconds from one lap to the next.
private struct StageClock {
    private var start = ContinuousClock.now

    mutating func lap() -> Double {
        let now = ContinuousClock.now
        defer { start = now }
        return (now - start) / .seconds(1)
    }
}

/// A backend that notes how long it takes to load weights.
private final class StagedBackend: ComputeBackend {
    /// Nanoseconds spent in ``load(_:)``.
    let loading = Atomic<Int64>(0)
    private let backend: CPUBackend

    init(_ backend: CPUBackend) { self.backend = backend }

    var description: BackendDescription { backend.description }

    func load(_ parameters: ParameterSet) throws -> any LoadedParameters {
        let start = ChildProcess.now
        defer { loading.add(ChildProcess.now - start, ordering: .relaxed) }
        return try backend.load(parameters)
    }
}
