import Foundation
import MAECheckpoint
import MAECommand
import MAEEngine
import MAETensor

/// The folder that `mae-coord infer` writes.
struct InferenceOutput {
    let folder: String

    /// `summary.json`; fields are added, never renamed.
    private struct Summary: Encodable {
        struct Seconds: Encodable {
            let load, input, forward: Double
        }
        let model, method: String
        let weights_key: String?
        let input_sha256, noise_sha256, layernorm_sha256, pooled_sha256, weights_sha256: String
        let batch_size, tokens, hidden: Int
        let mask_ratio: Double
        let mask_ratio_origin: String
        let loss: Float?
        let loss_note: String?
        let numeric_class, backend, isa, device, build: String
        let threads: Int
        let findings: [String]
        let seconds: Seconds
    }

    func write(_ result: BatchResult, model: LoadedModel, engine: Engine, loadSeconds: Double) throws {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw TensorError(.unwritableFile, path: folder, "cannot be made; name a folder you may write to")
        }
        try result.returnedLayernorm.writeNpy(to: path("layernorm.npy"))
        try result.output.pooled.writeNpy(to: path("pooled.npy"))
        try result.selection.mask.writeNpy(to: path("mask.npy"))
        try result.input.noise.writeNpy(to: path("noise.npy"))
        try NpyArray(
            shape: [result.selection.images, result.selection.patches],
            elements: result.selection.restore.map(Int64.init)
        ).writeNpy(to: path("ids_restore.npy"))
        try result.output.logits?.writeNpy(to: path("logits.npy"))
        try write(summary(result, model: model, engine: engine, loadSeconds: loadSeconds))
    }

    private func path(_ name: String) -> String { folder + "/" + name }

    private func summary(
        _ result: BatchResult, model: LoadedModel, engine: Engine, loadSeconds: Double
    ) throws -> Summary {
        return Summary(
            model: model.checkpoint.path, method: model.checkpoint.method.rawValue,
            weights_key: model.checkpoint.key.isEmpty ? nil : model.checkpoint.key,
            input_sha256: result.input.images.digest().description,
            noise_sha256: result.input.noise.digest().description,
            layernorm_sha256: result.output.layernorm.digest().description,
            pooled_sha256: result.output.pooled.digest().description,
            weights_sha256: try model.checkpoint.manifest().sha256.description,
            batch_size: result.selection.images, tokens: result.selection.kept + 1,
            hidden: model.model.configuration.encoder.hiddenSize, mask_ratio: result.maskRatio,
            mask_ratio_origin: result.maskRatioOrigin, loss: result.loss.flatMap { $0.isFinite ? $0 : nil },
            loss_note: lossNote(result),
            numeric_class: engine.description.numericClass, backend: engine.description.backend,
            isa: engine.description.instructionSet, device: engine.description.device, build: Engine.build,
            threads: engine.description.threads, findings: model.checkpoint.findings.map { "\($0)" },
            seconds: .init(load: loadSeconds, input: result.seconds.input, forward: result.seconds.forward))
    }

    /// Why there is no loss though the decoder ran: JSON has no NaN.
    private func lossNote(_ result: BatchResult) -> String? {
        guard let loss = result.loss, !loss.isFinite else { return nil }
        return result.selection.kept == result.selection.patches
            ? "NaN, as in PyTorch: no patch was removed, so the mean over removed patches is 0 / 0"
            : "\(loss): the weights or pixels hold values that are not finite"
    }

    private func write(_ summary: Summary) throws {
        let file = path("summary.json")
        do {
            try Data(summary.json().utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw TensorError(.unwritableFile, path: file, "cannot be written: \(error.localizedDescription)")
        }
    }
}
