import ArgumentParser
import MAECommand
import MAECompute
import MAEEngine
import MAEVulkan

/// `mae-bench compare`: the bits of two backends, operation by operation.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compares two backends bit for bit, and names the first operation that differs.",
        discussion: """
            Both compute one batch twice: as users run it, where the outputs are compared, and looked into after each \
            operation, where every result is. A difference ends the program with code 1. With --other-model the second \
            backend computes another checkpoint of the same sizes: where do two checkpoints begin to differ?

            Example: mae-bench compare --model vit-mae-base --other-backend vulkan:0 --batch-size 8
            """)

    @Option(help: "The checkpoint.", completion: .file())
    var model: String
    @Option(
        help: "A config.json, or a directory with one, for files that carry none.",
        completion: .file(extensions: ["json"]))
    var config: String?
    @Option(help: "What the second backend computes, instead of the same checkpoint.", completion: .file())
    var otherModel: String?
    @Option(help: "The first backend: cpu, reference, vulkan or vulkan:N.")
    var backend = EngineOptions.Backend.cpu
    @Option(help: "The second backend.")
    var otherBackend = EngineOptions.Backend.vulkan(device: 0)
    @OptionGroup var batch: BatchArguments
    @Option(help: "Seed of the batch.")
    var seed: UInt64 = 42
    @Flag(help: "Leave the decoder out.")
    var encoderOnly = false
    @OptionGroup var cpu: CPUArguments
    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let ours = try ComparedModel(model, config: config, on: open(backend))
        let other = try ComparedModel(otherModel ?? model, config: config, on: open(otherBackend))
        let decodes = ours.hasDecoder && other.hasDecoder && !encoderOnly
        let comparison = Comparison(
            ours: ours, other: other,
            batch: ComparedBatch(ours.configuration, seed: seed, batch, decodes: decodes))
        let outputs = try comparison.outputs()
        let (count, first) = try comparison.operations()
        let reason = Comparison.reason(outputs: outputs.differing, first: first)
        let report = CompareReport(
            agrees: reason == nil, batch_size: batch.batchSize, mask_ratio: batch.maskRatio,
            side: side(ours, model), other_side: side(other, otherModel ?? model),
            outputs: outputs.pairs.map { name, ours, other in
                CompareReport.Output(
                    name: name, agrees: ours.hasSameBits(as: other), sha256: "\(ours.digest())",
                    other_sha256: "\(other.digest())")
            }, operations: count, first_difference: first, reason: reason)
        if json || reason == nil { try StandardOutput.writeLine(json ? report.json() : report.text) }
        guard reason == nil else { throw WrongResult(report.text) }
    }

    private func open(_ choice: EngineOptions.Backend) throws -> any ComputeBackend {
        switch choice {
        case .cpu: try cpu.open()
        case .vulkan(let device): try VulkanBackend(device: device)
        case .reference: ReferenceBackend()
        }
    }

    private func side(_ model: ComparedModel, _ path: String) -> CompareReport.Side {
        let description = model.description
        return CompareReport.Side(
            model: path, backend: description.backend, device: description.device, isa: description.instructionSet)
    }
}
