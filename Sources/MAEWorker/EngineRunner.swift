import Glibc
import MAECPU
import MAECheckpoint
import MAECompute
import MAEEngine
import MAETensor
import MAEWire
import Synchronization

/// Computes shards with the engine, and keeps the models that it loaded last.
public final class EngineRunner: ShardRunner {
    /// What the worker says of itself.
    public let introduction: RunnerIntroduction
    private let engine: DeviceKeeper
    private let models = Mutex(ModelCache())

    /// A runner that computes with `engine`.
    ///
    /// - Parameter reopen: opens the engine anew when its device was lost; nil when that cannot help.
    public init(_ engine: Engine, reopen: (@Sendable () throws -> Engine)? = nil) {
        self.engine = DeviceKeeper(engine, reopen: reopen)
        let description = engine.description
        introduction = RunnerIntroduction(
            build: Engine.build, backend: description.backend, device: description.device,
            isa: description.instructionSet, threads: description.threads, numericClass: description.numericClass,
            classReason: engine.classReason,
            instructionSets: InstructionSet.available.map(\.rawValue),
            knownAnswers: engine.knownAnswers.answers.map { NamedDigest(name: $0.name, digest: $0.digest) })
    }

    /// What made the device useless for good.
    public var breakdown: (any Error)? { engine.breakdown }

    /// Loads the model by the job's method, unless it is loaded, and computes the batch.
    public func run(_ job: Job, control: ShardControl) throws -> ShardOutput {
        do {
            let output = try compute(job, control)
            engine.worked()
            return output
        } catch let error as CheckpointError {
            throw ShardError(code: error.code.rawValue, message: error.description, fault: .input)
        } catch let error as ComputeError {
            if error.code == .cancelled { throw CancellationError() }
            if error.isLossOfDevice {
                // Models lie on the device that is gone.
                models.withLock { $0 = ModelCache() }
                engine.recover(from: error)
            }
            throw ShardError(
                code: error.code.rawValue, message: error.message, fault: error.code == .invalidInput ? .input : .node)
        }
    }

    private func compute(_ job: Job, _ control: ShardControl) throws -> ShardOutput {
        let clock = ContinuousClock()
        let start = clock.now
        control.report(ShardPlace(.loading))
        let model = try model(for: job, control)
        if control.isCancelled() { throw CancellationError() }
        control.report(ShardPlace(.weights))
        let weights = try model.checkpoint.manifest()
        let load = clock.now - start

        control.report(ShardPlace(.input))
        let result = try model.run(
            BatchRequest(job),
            control: RunControl(
                progress: { control.report(ShardPlace(.forward, step: $0.done, of: $0.total, layer: $0.layer)) },
                isCancelled: control.isCancelled))
        control.report(ShardPlace(.encoding))
        let returned = result.returnedLayernorm
        return ShardOutput(
            completed: Completed(
                result, returned: returned, model.checkpoint, weights, job, loadSeconds: load / .seconds(1)),
            tensors: [
                TensorPayload(.layernorm, result.output.layernorm),
                TensorPayload(.returnedLayernorm, returned),
                TensorPayload(.noise, result.input.noise),
            ])
    }

    private func model(for job: Job, _ control: ShardControl) throws -> LoadedModel {
        let key = ModelCache.Key(
            path: job.checkpoint, method: LoadingMethod(job.method), configuration: job.configuration)
        if let model = models.withLock({ $0[key] }) { return model }
        // Room is made first: two large models and a third would be too much for some machines.
        models.withLock { $0.makeRoom() }
        let model = try engine.current.load(
            key.path, method: key.method, configuration: key.configuration
        ) { done, total in control.report(ShardPlace(.loading, step: done, of: total)) }
        models.withLock { $0.insert(model, key) }
        return model
    }
}

extension LoadingMethod {
    /// The method of a job.
    fileprivate init(_ method: Job.Method) {
        switch method {
        case .pretrained: self = .pretrained
        case .full: self = .full
        case .stateDict: self = .stateDict
        }
    }
}

extension BatchRequest {
    /// What a job asks for.
    fileprivate init(_ job: Job) {
        let noise: Noise =
            switch job.noise {
            case .drawn(let index): .drawn(index: index)
            case .given(let payload): .given(payload.tensor())
            }
        self.init(
            seed: job.seed, pixels: .seeded(images: job.batchSize), noise: noise, maskRatio: job.maskRatio,
            decodes: job.decode, recordsLayerDigests: job.wantsLayerDigests)
    }
}
