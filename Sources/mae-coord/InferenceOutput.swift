import Foundation
import MAECheckpoint
import MAECommand
import MAEEngine
import MAEFiles
import MAEPictures
import MAETensor

/// Images that a person gave.
struct GivenImages {
    let images: ImageSource.Images
    /// What was done to pictures, in words; nil where there are none.
    let words: String?
}

/// The folder that `mae-coord infer` writes.
struct InferenceOutput {
    /// What the command was asked for, beyond what the result itself says.
    struct Request {
        let seed: UInt64
        /// Where images were read from; nil for drawn ones.
        let images: String?
        /// What was read there; nil for drawn ones.
        let given: GivenImages?
        /// Where noise was read from; nil for drawn noise.
        let noiseFile: String?
        /// How pixels were scaled, for pictures of them; nil where none are asked for.
        let pictures: PixelScale?
    }

    let folder: String

    /// Version of `summary.json`.
    static let schema = 1

    /// `summary.json`, which docs/infer.md describes; fields are added, never renamed.
    private struct Summary: Encodable {
        struct Seconds: Encodable {
            let load, input, forward: Double
        }
        let schema: Int
        let date: String
        let model, method: String
        let weights_key: String?
        let seed: UInt64
        let images, noise: String
        let preprocessing: String?
        let pictures: [String]?
        let input_sha256, noise_sha256, layernorm_sha256, returned_sha256, pooled_sha256, weights_sha256: String
        let files: [String: String]
        let finite: Bool
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

    private static let summaryName = "summary.json"
    /// Of every result; another one is there with the decoder alone.
    private static let arrayNames = ["layernorm.npy", "pooled.npy", "mask.npy", "noise.npy", "ids_restore.npy"]
    private static let decoderArrayName = "logits.npy"
    private static let picturesName = "pictures"

    /// Everything that is written in the folder, or removed from it.
    static let names = arrayNames + [decoderArrayName, picturesName, summaryName]

    /// Writes every array of a result, and the summary last; what an earlier run left here and this one has not is removed.
    ///
    /// - Returns: whether every output is finite.
    func write(
        _ result: BatchResult, model: LoadedModel, engine: Engine, loadSeconds: Double, _ request: Request
    ) throws -> Bool {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw TensorError(.unwritableFile, path: folder, "cannot be made; name a folder you may write to")
        }
        // Without a summary the arrays of two runs cannot be taken for those of one, should writing end half-way.
        try remove(Self.summaryName)
        let returned = result.returnedLayernorm
        try returned.writeNpy(to: path("layernorm.npy"))
        try result.output.pooled.writeNpy(to: path("pooled.npy"))
        try result.selection.mask.writeNpy(to: path("mask.npy"))
        try result.input.noise.writeNpy(to: path("noise.npy"))
        try NpyArray(
            shape: [result.selection.images, result.selection.patches],
            elements: result.selection.restore.map(Int64.init)
        ).writeNpy(to: path("ids_restore.npy"))
        if let logits = result.output.logits {
            try logits.writeNpy(to: path(Self.decoderArrayName))
        } else {
            try remove(Self.decoderArrayName)
        }
        let pictures = PictureFolder(path: path(Self.picturesName))
        if let scale = request.pictures {
            try pictures.write(
                BatchPictures(result, of: model, scale), names: request.given?.images.names ?? [],
                model: model.checkpoint.path, scale: scale)
        } else {
            pictures.removeAll()
        }
        let summary = try summary(
            result, returned, model: model, engine: engine, loadSeconds: loadSeconds, request)
        try write(summary)
        return summary.finite
    }

    private func path(_ name: String) -> String { folder + "/" + name }

    private func remove(_ name: String) throws {
        guard unlink(path(name)) != 0, errno != ENOENT else { return }
        throw TensorError(
            .unwritableFile, path: path(name),
            "of an earlier run cannot be removed: \(String(cString: strerror(errno)))")
    }

    /// SHA-256 of each array's file, as `sha256sum` prints it.
    private func digests(withLogits: Bool) throws -> [String: String] {
        let names = Self.arrayNames + (withLogits ? [Self.decoderArrayName] : [])
        return try Dictionary(
            uniqueKeysWithValues: names.map { name in
                do throws(FileError) {
                    let file = try RegularFile(path(name))
                    return (name, SHA256Digest(of: try file.bytes(limit: file.size)).description)
                } catch {
                    throw TensorError(.unreadableFile, path: path(name), "cannot be read again: \(error.reason)")
                }
            })
    }

    private func summary(
        _ result: BatchResult, _ returned: Tensor, model: LoadedModel, engine: Engine, loadSeconds: Double,
        _ request: Request
    ) throws -> Summary {
        let weights = try model.checkpoint.fingerprints()
        let findings = model.checkpoint.findings + weights.findings(at: model.checkpoint.path)
        let outputs = [result.output.pooled] + [result.output.logits].compactMap(\.self)
        return Summary(
            schema: Self.schema, date: Date().formatted(.iso8601),
            model: model.checkpoint.path, method: model.checkpoint.method.rawValue,
            weights_key: model.checkpoint.key.isEmpty ? nil : model.checkpoint.key,
            seed: request.seed, images: request.images ?? "torch.randn", noise: request.noiseFile ?? "torch.rand",
            preprocessing: request.given?.words,
            pictures: request.given.flatMap { $0.images.pictures.isEmpty ? nil : $0.images.pictures },
            input_sha256: result.input.images.digest().description,
            noise_sha256: result.input.noise.digest().description,
            layernorm_sha256: result.output.layernorm.digest().description,
            returned_sha256: returned.digest().description,
            pooled_sha256: result.output.pooled.digest().description,
            weights_sha256: weights.sha256.description,
            files: try digests(withLogits: result.output.logits != nil),
            // A NaN in any token reaches the mean over the tokens.
            finite: outputs.allSatisfy { $0.withUnsafeElements { $0.allSatisfy(\.isFinite) } },
            batch_size: result.selection.images, tokens: result.selection.kept + 1,
            hidden: model.model.configuration.encoder.hiddenSize, mask_ratio: result.maskRatio,
            mask_ratio_origin: result.maskRatioOrigin, loss: result.loss.flatMap { $0.isFinite ? $0 : nil },
            loss_note: lossNote(result),
            numeric_class: engine.description.numericClass, backend: engine.description.backend,
            isa: engine.description.instructionSet, device: engine.description.device, build: Engine.build,
            threads: engine.description.threads, findings: findings.map { "\($0)" },
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
        let file = path(Self.summaryName)
        do { try AtomicFile.write(summary.json().utf8, to: file) } catch let error as FileError {
            throw TensorError(
                .unwritableFile, path: file, "cannot be written: \(error.reason). \(error.remedyForWriting)")
        }
    }
}
