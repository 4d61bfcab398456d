import MAECheckpoint
import MAEFormats
import MAEModel
import MAERecording
import MAETensor
import TorchRandom

/// A recorded call with what is worked out of it once, however often it is compared.
struct RecordedCall {
    let id: RecordedCallID
    let recording: Recording
    let call: Recording.Call
    let model: Recording.Model
    let keys: ModuleKeys
    let noise: NoiseOrigin
    /// The encoder's final layer norm, or what the whole model returned where there is none; nil when it was not recorded.
    let final: Recording.Value?

    init(
        _ id: RecordedCallID, _ given: GivenRecording, _ keys: [ModuleKeys], seeds: [UInt64], draws: Int,
        _ drawn: DrawnNumbers
    ) throws {
        self.id = id
        recording = given.recording
        let call = recording.calls[id.call]
        let model = recording.model(of: call)
        (self.call, self.model) = (call, model)
        self.keys = keys[call.model]
        noise = try NoiseOrigin(call, of: recording, seeds: seeds, draws: draws, drawn)
        let norm = call.modules.first { model.modules[$0.module].role == .encoderNorm }
        final = (norm ?? call.modules.first)?.outputs.first(where: \.isFloatingPoint)
    }

    /// What the call was given: the images of a ViT-MAE.
    var input: Recording.Value? {
        let inputs = call.modules.first?.inputs.filter(\.isFloatingPoint) ?? []
        return inputs.first { $0.shape.count == 4 } ?? inputs.first
    }

    /// The images whole; nil where they were neither kept nor those of `torch.randn` after the seed.
    func inputTensor() throws -> Tensor? {
        guard let input else { return nil }
        if let kept = try recording.tensor(of: input) { return kept }
        var generator = noise.imagesSeed.map { TorchGenerator(seed: $0) }
        return generator?.randn(input.shape)
    }

    /// ``final`` whole; nil where it was not kept.
    func finalTensor() throws -> Tensor? { try final.flatMap { try recording.tensor(of: $0) } }

    /// The means of the final layer norm whole; nil where they were not kept.
    func pooledTensor() throws -> Tensor? { try call.pooled.flatMap { try recording.tensor(of: $0) } }

    /// Number of patches of an image; nil for what is no ViT-MAE.
    var patches: Int? {
        [call.masking?.noise, call.masking?.mask, call.masking?.idsRestore].lazy.compactMap(\.self).first {
            $0.shape.count == 2
        }?.shape[1]
    }

    /// Number of patches of an image that the encoder saw; nil where nothing tells.
    var kept: Int? {
        let stages: [Recording.Role] = [.embeddings, .encoderNorm, .encoderBlock]
        for role in stages {
            let call = call.modules.first { model.modules[$0.module].role == role }
            if let shape = call?.outputs.first(where: \.isFloatingPoint)?.shape, shape.count == 3, shape[1] > 0 {
                return shape[1] - 1
            }
        }
        return nil
    }

    /// Whether every patch was kept, so that the noise decides on nothing but the order.
    var keepsAll: Bool { kept != nil && kept == patches }

    /// The order that the noise gives the patches; nil where the noise is not known, or is of another number of images.
    var selection: PatchSelection? {
        guard let noise = noise.noise, let kept, kept <= noise.shape[1] else { return nil }
        return PatchSelection(noise: noise, keeping: kept)
    }

    /// Puts the tokens of the final layer norm by ascending patch; nil where the noise is not known.
    func inOneOrder(_ final: Tensor) -> Tensor? {
        guard let selection, final.shape.count == 3, final.shape[0] == selection.images,
            final.shape[1] == selection.kept + 1
        else { return nil }
        return selection.inComputedOrder(final)
    }

    /// The smallest module that was seen to make NaN or infinity first; not sure where its input was not measured, so that it may be
    /// what came just before.
    var firstNotFinite: (module: Recording.Module, isSure: Bool)? {
        func isBad(_ values: [Recording.Value]) -> Bool { values.contains { $0.nonFiniteCount > 0 } }
        func isFinite(_ values: [Recording.Value]) -> Bool {
            values.allSatisfy { $0.nonFiniteCount == 0 && $0.sha256 != nil }
        }
        let makers = call.modules.indices.filter {
            isBad(call.modules[$0].outputs) && !isBad(call.modules[$0].inputs)
        }
        guard var found = makers.first(where: { isFinite(call.modules[$0].inputs) }) else { return nil }
        while let inner = makers.first(where: { $0 > found && isInside($0, found) }) { found = inner }
        return (model.modules[call.modules[found].module], isFinite(call.modules[found].inputs))
    }

    private func isInside(_ index: Int, _ outer: Int) -> Bool {
        var around = call.modules[index].parent
        while let parent = around {
            if parent == outer { return true }
            around = call.modules[parent].parent
        }
        return false
    }
}
