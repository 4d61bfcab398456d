import ArgumentParser
import MAECheckpoint
import MAECommand
import MAECompute
import MAEEngine
import MAEModel

/// `mae-bench model`: whole forward passes with random weights.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Times the encoder, and the whole model, on random weights.",
        discussion: """
            Before that the backend answers the known questions, and a tiny model with its decoder is compared with the \
            reference bit for bit. The peak is measured before and after the passes.

            Example: mae-bench model --preset base --batch-size 8 --mask-ratio 0 --threads 2 --repeat 7 --json

            With --trace it prints where the time of a pass goes instead: for each kind of step its time, the operations and bytes \
            that it takes at least, and how far it is from what bounds it.
            """)

    @Option(help: "Size of the model: tiny, base, large or huge.")
    var preset = ViTMAEConfiguration.Preset.base
    @OptionGroup var batch: BatchArguments
    @Option(help: "What computes: cpu, vulkan (the first device), or vulkan:N of mae-worker --list-devices.")
    var backend = EngineOptions.Backend.cpu
    @OptionGroup var cpu: CPUArguments
    @Option(help: "Number of timed passes.")
    var `repeat` = 7
    @Flag(help: "Print JSON.")
    var json = false
    @Flag(help: "Leave the decoder out.")
    var encoderOnly = false
    @Flag(help: "Time each step of a pass, and set it against what the arithmetic and the memory allow.")
    var trace = false
    @Flag(help: ArgumentHelp("Run passes on request, one a line of standard input.", visibility: .hidden))
    var turns = false

    func validate() throws {
        guard backend == .cpu || cpu.isa == "auto" else {
            throw ValidationError("--isa \(cpu.isa): instruction sets are those of --backend cpu")
        }
        guard !trace || backend == .cpu else {
            throw ValidationError("--trace is for --backend cpu: a device does many steps at once.")
        }
        guard (1...10_000).contains(`repeat`) else { throw ValidationError("--repeat takes a number from 1 to 10000") }
    }

    func run() throws {
        let measured = try MeasuredBackend(backend, cpu)
        let backend = measured.backend
        try BackendCheck.pass(backend, maskRatio: batch.maskRatio)
        let passes = try ModelPasses(preset: preset, batch: batch, withDecoder: !encoderOnly, on: backend)
        if turns { return try ModelTurns(passes: passes, measured: measured).serve() }

        if trace { return try printTrace(passes, measured) }
        var peak = try measured.peak()
        let encoder = try Timing.spread(repeats: `repeat`) { try passes.encoder() }
        let digests = try Timing.spread(repeats: `repeat`, passes.encoderWithDigests)
        try peak.measure()
        let full = encoderOnly ? nil : try Timing.spread(repeats: `repeat`, passes.full)
        try peak.measure()
        let encoderRate = passes.work.encoder / encoder.min / 1e9
        let fullRate = full.map { (passes.work.encoder + passes.work.decoder) / $0.min / 1e9 }
        let report = ModelReport(
            preset: preset.rawValue, batch_size: batch.batchSize, mask_ratio: batch.maskRatio,
            isa: backend.description.instructionSet, threads: backend.description.threads,
            device: backend.description.device, encoder_seconds: encoder,
            encoder_with_digests_seconds: digests, full_seconds: full,
            peak_fma_gflops: peak.gflops, encoder_gflops: encoderRate,
            encoder_share_of_peak: encoderRate / peak.gflops, full_gflops: fullRate,
            full_share_of_peak: fullRate.map { $0 / peak.gflops },
            targets: judged(encoderRate / peak.gflops, backend.description))
        try StandardOutput.writeLine(json ? report.json() : report.text)
    }
}

extension ModelCommand {
    /// The encoder's share of the peak next to its target, where this model and batch have one on a processor.
    private func judged(_ share: Double, _ description: BackendDescription) -> [JudgedTarget] {
        guard backend == .cpu,
            let target = ModelReport.target(preset: preset, batchSize: batch.batchSize, maskRatio: batch.maskRatio)
        else { return [] }
        let threads = description.threads
        return [
            JudgedTarget(
                target, share, "\(description.instructionSet), \(threads) thread\(threads == 1 ? "" : "s")")
        ]
    }

    private func printTrace(_ passes: ModelPasses, _ measured: MeasuredBackend) throws {
        let description = measured.backend.description, decodes = !encoderOnly
        var peak = try measured.peak()
        let memory = MemoryRate.bytesPerSecond(threads: description.threads)
        // The first pass takes memory.
        try decodes ? passes.full() : passes.encoder()
        let times = StepTimes()
        for _ in 0..<`repeat` { try passes.pass(decodes: decodes, times) }
        try peak.measure()
        let (steps, pass) = TraceReport.steps(
            passes.operations(decodes: decodes), times.spreads(), peak: peak.gflops, memory: memory)
        let report = TraceReport(
            preset: preset.rawValue, batch_size: batch.batchSize, mask_ratio: batch.maskRatio,
            isa: description.instructionSet, threads: description.threads, device: description.device,
            passes: `repeat`, peak_fma_gflops: peak.gflops, memory_gigabytes_per_second: memory / 1e9,
            pass_seconds: pass, steps: steps)
        try StandardOutput.writeLine(json ? report.json() : report.text)
    }
}

extension ViTMAEConfiguration.Preset: ExpressibleByArgument {}
