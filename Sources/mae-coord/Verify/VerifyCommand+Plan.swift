import ArgumentParser
import Foundation
import MAECoordinator
import MAEStore
import MAEText
import MAEVerify

extension VerifyCommand {
    /// The plan of the run, without its checkpoints where it is a new one, and the images that it is about.
    ///
    /// Throws ``CoordinatorError`` for options that say something else than a run that is carried on, and `TensorError` for
    /// what is no images.
    func plan(_ store: Store) throws -> (RunPlan, VerifyImages?) {
        if let resume {
            let plan = try store.run(resume).plan
            try planOptions.requireSame(as: plan, workers: givenWorkers)
            try InputProtection(inputs: plan.inputs).check(outputs)
            return (plan, try plan.images.map { try VerifyImages(path: $0.path) })
        }
        let images = try planOptions.images.map { try VerifyImages(path: VerifyImages.absolute($0)) }
        let (batches, batchSize) =
            try images.map { try planOptions.split($0.planned) } ?? (planOptions.batches, planOptions.batchSize)
        try requireWork(batches: batches)
        let plan = RunPlan(
            run: givenName ?? Self.newName, seed: planOptions.seed, batches: batches, batchSize: batchSize,
            noise: planOptions.noise.policy, maskRatio: planOptions.maskRatio,
            tolerance: Tolerance(atol: planOptions.atol, rtol: planOptions.rtol), methods: planOptions.loadingMethods,
            workers: workers, replicas: replicas, images: images?.planned,
            noiseFile: planOptions.noise.file.map(VerifyImages.absolute))
        return (plan, images)
    }

    /// Throws a usage error when --replicas leaves some nodes without work.
    func requireWork(batches: Int) throws(ValidationError) {
        guard let replicas, batches * replicas < workers else { return }
        throw ValidationError(
            "--replicas \(replicas): \(NumberText.count(batches, "batch", "batches")) cannot give each of \(workers) nodes "
                + "work; give --batches \((workers + replicas - 1) / replicas) or more.")
    }

    /// `run-20260131-235959-4f2a`: sorts by time, and two in one second differ.
    private static var newName: String {
        // ISO 8601 needs no data of languages, which small links leave out: 20260131T235959Z.
        let time = Date().formatted(Date.ISO8601FormatStyle(dateSeparator: .omitted, timeSeparator: .omitted))
        let suffix = String(UInt16.random(in: 0x1000...UInt16.max), radix: 16)
        return "run-\(time.replacing("T", with: "-").replacing("Z", with: ""))-\(suffix)"
    }
}

extension RunPlan {
    /// The files and folders that the run reads.
    var inputs: [String] {
        methods.flatMap { [$0.path] + [$0.configPath].compactMap(\.self) }
            + [images?.path, noiseFile].compactMap(\.self)
    }
}
