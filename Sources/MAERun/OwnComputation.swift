import MAECheckpoint
import MAECompute
import MAEDomain
import MAEEngine
import MAEExplain
import MAETensor
import MAEVerify

/// What a node of a run is asked, computed on this machine as a worker computes it.
struct OwnComputation {
    let plan: RunPlan
    /// The noise of every batch, (B, patches), where it came from a file.
    let noise: Tensor?

    /// Loads the model of a method onto an engine.
    func load(
        _ method: LoadingMethod, on engine: Engine,
        progress: (@Sendable (_ done: Int, _ total: Int) -> Void)? = nil
    ) throws -> LoadedModel {
        try engine.load(
            ModelCheckpoint.openUnverified(
                method.path, weights: method.weights, method: LoadingChoice(method.kind),
                configuration: method.configPath, comparesNeighbors: false), decodes: false, progress: progress)
    }

    /// A batch by the method at `index` of the plan.
    func request(_ batch: BatchIdentity, method index: Int) throws -> BatchRequest {
        let isPinned = plan.isPinned(batch.index)
        var pixels = BatchRequest.Pixels.seeded(images: batch.size)
        if isPinned, let images = plan.images {
            pixels = .given(
                try images.source().images(images.range(ofBatch: batch.index, size: plan.batchSize)).pixels)
        }
        return BatchRequest(
            seed: batch.seed, pixels: pixels,
            noise: (isPinned ? noise : nil).map { .given($0) } ?? .drawn(index: plan.draw(ofMethod: index)),
            maskRatio: plan.methods[index].maskRatio ?? plan.maskRatio)
    }

    /// What this machine saw.
    func observation(
        _ result: BatchResult, of batch: BatchIdentity, method index: Int, _ model: LoadedModel,
        _ engine: BackendDescription
    ) throws -> Observation {
        let method = plan.methods[index]
        let isSet = (method.maskRatio ?? plan.maskRatio) != nil
        let origin = isSet ? .flag : model.checkpoint.configuration.origin(of: .maskRatio).kind
        return Observation(
            node: NodeIdentity(
                name: "this machine", host: "", backend: engine.backend, device: engine.device,
                isa: engine.instructionSet, threads: engine.threads, numericClass: engine.numericClass,
                engineBuild: Engine.build),
            method: method, batch: batch,
            weights: WeightsObservation(digest: try model.checkpoint.fingerprints().sha256),
            configuration: model.checkpoint.configuration.fields, maskRatio: MaskRatio(result.maskRatio, from: origin),
            noise: NoiseSource(policy: plan.noise(ofBatch: batch.index), draw: plan.draw(ofMethod: index)),
            digests: result.digests,
            pooled: result.output.pooled, layers: result.layerDigests)
    }
}
