import Foundation
import MAECPU
import MAECheckpoint
import MAECompute
import MAEDomain
import MAEEngine
import MAEFormats
import MAETensor
import MAEWire
import Synchronization

/// Computes shards with the engine, and keeps the models that it loaded last.
public final class EngineRunner: ShardRunner {
    private let engine: DeviceKeeper
    private let models = Mutex(ModelCache())
    private let supply: CheckpointSupply?
    private let images: JobImages
    private let machine: MachineFacts

    /// A runner that computes with `engine`.
    ///
    /// - Parameters:
    ///   - supply: finds the files that a job names by digest; when nil, those at its path are used, whatever they are.
    ///   - reopen: opens the engine again when its device was lost; nil when that cannot help.
    public init(
        _ engine: Engine, supply: CheckpointSupply? = nil, reopen: (@Sendable () throws -> Engine)? = nil
    ) {
        self.supply = supply
        images = JobImages(supply)
        machine = MachineFacts(engine: engine, environment: ProcessInfo.processInfo.environment)
        self.engine = DeviceKeeper(engine, reopen: reopen)
    }

    /// The node with its engine, as it was opened.
    public func identity(name: String, host: String) -> NodeIdentity {
        let engine = engine.current
        let description = engine.description
        let reason = engine.classReason.clipped(to: WireLimits.textBytes)
        return NodeIdentity(
            name: name, host: host, backend: description.backend, device: description.device,
            isa: description.instructionSet, threads: description.threads, numericClass: description.numericClass,
            classReason: reason.isEmpty ? nil : reason, engineBuild: Engine.build, machine: machine)
    }

    /// What made the device useless for good.
    public var breakdown: (any Error)? { engine.breakdown }

    /// Loads the model by the job's method, unless it is loaded, and computes the batch.
    public func run(_ job: JobRequest, control: ShardControl) throws -> Completed {
        do {
            let output = try compute(job, control)
            engine.worked()
            return output
        } catch let error as CheckpointError {
            throw JobFailure(code: error.code.rawValue, message: error.description, fault: .input)
        } catch let error as ComputeError {
            if error.code == .cancelled { throw CancellationError() }
            if error.isLossOfDevice {
                // Models lie on the device that is gone.
                models.withLock { $0 = ModelCache() }
                engine.recover(from: error)
            }
            throw JobFailure(
                code: error.code.rawValue, message: error.message, fault: error.code == .invalidInput ? .input : .node)
        }
    }

    private func compute(_ job: JobRequest, _ control: ShardControl) throws -> Completed {
        let clock = ContinuousClock()
        let start = clock.now
        let (model, weights, place) = try model(for: job, control)
        let load = clock.now - start

        let images = try images.pixels(of: job, control)
        control.report(ShardPlace(.input))
        let request = BatchRequest(job, images?.pixels)
        let result = try model.run(
            request,
            control: RunControl(
                progress: { control.report(ShardPlace(.forward, step: $0.done, of: $0.total, layer: $0.layer)) },
                isCancelled: control.isCancelled))
        let examination = try job.examination.map { examination in
            try model.examine(
                request, examination,
                control: RunControl(
                    progress: { control.report(ShardPlace(.forward, step: $0.done, of: $0.total, layer: $0.layer)) },
                    isCancelled: control.isCancelled))
        }
        control.report(ShardPlace(.encoding))
        var completed = Completed(
            result, model.checkpoint, weights, place, job, loadSeconds: load / .seconds(1))
        completed.examination = examination
        completed.findings = Array(((images?.findings ?? []) + completed.findings).prefix(WireLimits.findings))
        return completed
    }

    private func model(
        for job: JobRequest, _ control: ShardControl
    ) throws -> (LoadedModel, WeightsFingerprints, CheckpointPlace) {
        let key = ModelCache.Key(job)
        if let model = models.withLock({ $0[key] }) {
            return (model.loaded, try model.loaded.checkpoint.fingerprints(), model.place)
        }
        // Room is made first: two large models and a third would be too much for some machines.
        models.withLock { $0.makeRoom() }
        let place = try supply?.place(of: job, control) ?? CheckpointPlace(unverified: job)
        if control.isCancelled() { throw CancellationError() }
        do {
            control.report(ShardPlace(.loading))
            let model = try load(place, key, control)
            if control.isCancelled() { throw CancellationError() }
            control.report(ShardPlace(.weights))
            let weights = try model.checkpoint.fingerprints()
            if let path = place.changedFile {
                throw JobFailure(
                    code: "changedFile", message: "\(path): was written to while it was loaded",
                    remedy: "leave it alone during a run", fault: .node)
            }
            models.withLock { $0.insert(ModelCache.Model(loaded: model, place: place), key) }
            return (model, weights, place)
        } catch let error as CheckpointError {
            throw JobFailure(code: error.code.rawValue, message: place.naming(error.description), fault: .input)
        }
    }
}

extension EngineRunner {
    /// Loads a model; when there is no memory for it, once more without the models that are kept.
    private func load(
        _ place: CheckpointPlace, _ key: ModelCache.Key, _ control: ShardControl
    ) throws -> LoadedModel {
        func load() throws -> LoadedModel {
            try engine.current.load(
                place.checkpoint.path, weights: key.weights, method: key.method,
                configuration: place.configuration?.path, decodes: false
            ) { done, total in control.report(ShardPlace(.loading, step: done, of: total)) }
        }
        do {
            return try load()
        } catch let error as ComputeError where error.code == .outOfMemory {
            guard models.withLock({ $0.empty() }) else { throw error }
            return try load()
        }
    }
}

extension BatchRequest {
    /// What a job asks for; `pixels` are those of its files, if it names some.
    fileprivate init(_ job: JobRequest, _ pixels: Tensor?) {
        let noise: Noise =
            switch job.noise {
            case .drawn(let index): .drawn(index: index)
            case .given(let payload): .given(payload.tensor())
            }
        self.init(
            seed: job.seed, pixels: pixels.map { .given($0) } ?? .seeded(images: job.batchSize), noise: noise,
            maskRatio: job.maskRatio, recordsLayerDigests: true)
    }
}
