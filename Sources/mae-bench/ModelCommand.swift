import ArgumentParser
import Foundation
import MAECPU
import MAECheckpoint
import MAECompute
import MAEModel
import MAETensor

/// `mae-bench model`: whole forward passes with random weights.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Times the encoder, and the whole model, on random weights.")

    @Option(help: "Size of the model: tiny, base, large or huge.")
    var preset = ViTMAEConfiguration.Preset.base
    @Option(help: "Images in a batch.")
    var batchSize = 8
    @Option(help: "Share of patches left out.")
    var maskRatio = 0.0
    @Option(help: "Threads; one for each processor unless given.")
    var threads: Int?
    @Option(help: "Instruction set: auto, scalar, avx2, avx512 or neon.")
    var isa = "auto"
    @Option(help: "Number of timed passes.")
    var `repeat` = 7
    @Flag(help: "Print JSON.")
    var json = false
    @Flag(help: "Leave the decoder out.")
    var encoderOnly = false

    func validate() throws {
        guard (1...1024).contains(batchSize) else {
            throw ValidationError("--batch-size takes a number from 1 to 1024")
        }
        guard (0..<1).contains(maskRatio) else { throw ValidationError("--mask-ratio lies in 0 ..< 1") }
        guard (1...10_000).contains(`repeat`) else { throw ValidationError("--repeat takes a number from 1 to 10000") }
        guard isa == "auto" || InstructionSet(rawValue: isa) != nil else {
            throw ValidationError("--isa takes auto, scalar, avx2, avx512 or neon")
        }
    }

    func run() throws {
        let backend = try openBackend()
        let configuration = ViTMAEConfiguration(preset: preset)
        let input = BatchInput.seeded(42, images: batchSize, for: configuration)
        let selection = PatchSelection(
            noise: input.noise, keeping: configuration.keptCount(maskRatio: maskRatio))
        let model = try randomModel(configuration, on: backend)

        let encoder = try Timing(repeats: `repeat`) {
            _ = try model.forward(images: input.images, selection: selection)
        }
        let full =
            encoderOnly
            ? nil
            : try Timing(repeats: `repeat`) {
                _ = try model.forward(images: input.images, selection: selection, decodes: true)
            }
        let work = EncoderWork(configuration, images: batchSize, kept: selection.kept)
        try report(
            Report(
                preset: preset.rawValue, batch_size: batchSize, mask_ratio: maskRatio,
                isa: backend.description.instructionSet, threads: backend.description.threads,
                device: backend.description.device, encoder_seconds: encoder, full_seconds: full,
                peak_fma_gflops: backend.peakRate(), encoder_gflops: work.operations / encoder.min / 1e9))
    }

    /// Opens the backend, or ends the program with the exit code that all our commands give an unsupported device.
    private func openBackend() throws -> CPUBackend {
        do {
            return try CPUBackend(instructionSet: InstructionSet(rawValue: isa), threads: threads)
        } catch {
            FileHandle.standardError.write(Data("Error: \(error)\n".utf8))
            throw ExitCode(error.code == .unsupportedDevice ? 69 : 64)
        }
    }

    private func randomModel(_ configuration: ViTMAEConfiguration, on backend: CPUBackend) throws -> ViTMAEModel {
        let layout = ParameterLayout(configuration)
        let shapes = Dictionary(uniqueKeysWithValues: layout.parameters.map { ($0.name, $0.shape) })
        return try ViTMAEModel(configuration, withDecoder: !encoderOnly, on: backend) { name in
            RandomWeights.tensor(shapes[name] ?? [], range: 0.05, seed: UInt64(name.utf8.count))
        }
    }

    private func report(_ report: Report) throws {
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
            print(String(decoding: try encoder.encode(report), as: UTF8.self))
            return
        }
        let share = report.encoder_gflops / report.peak_fma_gflops
        print("\(report.preset), batch \(batchSize), mask ratio \(maskRatio), \(report.isa), \(report.threads) threads")
        print("encoder: \(line(report.encoder_seconds))")
        if let full = report.full_seconds { print("model:   \(line(full))") }
        print(
            "encoder: \(report.encoder_gflops.formatted(decimals: 0)) GFLOP/s, "
                + "\(share.formatted(decimals: 1, times: 100)) % of \(report.peak_fma_gflops.formatted(decimals: 0))")
    }

    private func line(_ timing: Timing) -> String {
        "\(timing.min.formatted(decimals: 3)) s at best, \(timing.median.formatted(decimals: 3)) s in the middle"
    }

    /// What `--json` prints; times in seconds, rates in GFLOP/s at the best time.
    private struct Report: Encodable {
        let preset: String
        let batch_size: Int
        let mask_ratio: Double
        let isa: String
        let threads: Int
        let device: String
        let encoder_seconds: Timing
        let full_seconds: Timing?
        let peak_fma_gflops: Double
        let encoder_gflops: Double
    }
}

extension ViTMAEConfiguration.Preset: ExpressibleByArgument {}
