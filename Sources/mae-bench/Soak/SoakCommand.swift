import ArgumentParser
import MAECheckpoint
import MAECommand
import MAECompute
import MAEEngine
import MAEModel
import MAETensor

/// `mae-bench soak`: whether a backend goes on to give the same bits.
struct SoakCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Computes one batch over and over, and watches that every bit stays.",
        discussion: """
            Encoder and decoder run on random weights. Each pass is compared with the first, and the known questions are \
            asked before, after and every 64 passes. A difference ends the program with code 1.

            Example: mae-bench soak --backend vulkan:0 --preset base --seconds 60
            """)

    @Option(help: "Size of the model: tiny, base, large or huge.")
    var preset = ViTMAEConfiguration.Preset.base
    @OptionGroup var batch: BatchArguments
    @Option(help: "What computes: cpu, vulkan (the first device), or vulkan:N of mae-worker --list-devices.")
    var backend = EngineOptions.Backend.vulkan(device: 0)
    @OptionGroup var cpu: CPUArguments
    @Option(help: "Seconds after which no further pass begins.")
    var seconds = 60.0
    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard (0...86_400).contains(seconds) else { throw ValidationError("--seconds takes a number from 0 to 86400") }
    }

    func run() throws {
        let backend = try MeasuredBackend(backend, cpu).backend
        let passes = try ModelPasses(preset: preset, batch: batch, withDecoder: true, on: backend)
        let soak = Soak(
            backend: backend, pass: { Self.outputs(of: try passes.output()) }, interval: AnswerWatch.usualInterval)
        let start = ContinuousClock.now
        let findings = try soak.run { ContinuousClock.now - start >= .seconds(seconds) }
        let taken = (ContinuousClock.now - start) / .seconds(1)
        let report = SoakReport(
            agrees: findings.fault == nil, device: backend.description.device,
            isa: backend.description.instructionSet, batch_size: batch.batchSize, mask_ratio: batch.maskRatio,
            seconds: taken, passes: findings.passes, answers_asked: findings.answersAsked,
            images_per_second: Double(findings.passes * batch.batchSize) / taken, reason: findings.fault)
        if json || findings.fault == nil { try StandardOutput.writeLine(json ? report.json() : report.text) }
        guard findings.fault == nil else { throw WrongResult(report.text) }
    }

    private static func outputs(of output: ViTMAEModel.Output) -> [(name: String, value: Tensor)] {
        let encoded = [("layernorm", output.layernorm), ("pooled", output.pooled)]
        return encoded + (output.logits.map { [("logits", $0)] } ?? [])
    }
}
