import MAECheckpoint
import MAECompute
import MAEEngine
import MAEModel

/// What a backend must show before it is timed.
enum BackendCheck {
    /// Runs the whole of a tiny model, encoder and decoder, beside the reference, which names the output that is wrong, and
    /// asks the known questions.
    ///
    /// - Throws: ``WrongResult`` when a bit differs.
    static func pass(_ backend: some ComputeBackend, maskRatio: Double) throws {
        let configuration = ViTMAEConfiguration(preset: .tiny)
        let models = [
            try ViTMAEModel(randomly: configuration, on: backend),
            try ViTMAEModel(randomly: configuration, on: ReferenceBackend()),
        ]
        // Three images of 17 tokens: rows that fill no register tile evenly.
        let input = BatchInput.seeded(42, images: 3, for: configuration)
        for ratio in Set([maskRatio, 0.75]) {
            let selection = PatchSelection(
                noise: input.noise, keeping: configuration.keptCount(maskRatio: ratio))
            let outputs = try models.map {
                try $0.forward(images: input.images, selection: selection, decodes: true)
            }
            let pairs = [
                ("layernorm", outputs[0].layernorm, outputs[1].layernorm),
                ("pooled", outputs[0].pooled, outputs[1].pooled),
            ]
            for (name, ours, reference) in pairs where !ours.hasSameBits(as: reference) {
                throw differs(name, ratio)
            }
            guard let ours = outputs[0].logits, let reference = outputs[1].logits, ours.hasSameBits(as: reference)
            else { throw differs("logits", ratio) }
        }
        let deviations = try KnownAnswers(of: backend).deviations
        guard deviations.isEmpty else {
            throw WrongResult("known answers differ for \(deviations.joined(separator: ", ")), so nothing was timed")
        }
    }

    private static func differs(_ name: String, _ ratio: Double) -> WrongResult {
        WrongResult(
            "\(name) of a tiny model at mask ratio \(ratio) differs from the reference, so nothing was timed")
    }
}
