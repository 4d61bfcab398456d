import MAECheckpoint
import MAECompute
import MAEModel
import MAETensor
import TorchRandom

/// A whole model with a mask and a decoder: how operations follow each other, and those that only move rows.
enum ModelQuestion {
    /// Runs the model once on `backend`; the digest covers all that it returns.
    static func run(on backend: any ComputeBackend) throws -> SHA256Digest {
        let configuration = ViTMAEConfiguration(preset: .tiny)
        // Drawn in the layout's order, which is that of the files we write.
        let layout = ParameterLayout(configuration)
        var weights: [String: Tensor] = [:]
        var random = TorchGenerator(seed: 5)
        for parameter in layout.parameters { weights[parameter.name] = random.randn(parameter.shape) }
        let model = try ViTMAEModel(configuration, withDecoder: true, on: backend) { name in
            guard let weight = weights[name] else {
                throw ComputeError(.invalidInput, "\(name) is no parameter of the model")
            }
            return Weight(weight)
        }
        // Three images, five of their sixteen patches: extents that fill no tile.
        let input = BatchInput.seeded(6, images: 3, for: configuration)
        let output = try model.forward(
            images: input.images, selection: PatchSelection(noise: input.noise, keeping: 5), decodes: true)
        var hasher = SHA256Hasher()
        for tensor in [output.layernorm, output.pooled, output.logits].compactMap(\.self) {
            hasher.update("\(tensor.digest())\n")
        }
        return hasher.finalize()
    }
}
