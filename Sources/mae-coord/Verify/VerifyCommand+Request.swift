import ArgumentParser
import Foundation
import MAEEngine
import MAERun
import MAEStore
import MAEText
import MAEVerify
import ZeroMQ

/// What the options ask ``VerificationRun`` for.
extension VerifyCommand {
    /// The run that is to begin or to go on.
    ///
    /// - Throws: `CoordinatorError` for options that say something else than a run that is carried on, and what
    ///   ``PlannedRun`` throws.
    func plannedRun(in store: Store) throws -> PlannedRun {
        if let resume {
            let record = try store.run(resume)
            try planOptions.requireSame(as: record.plan, workers: givenWorkers)
            try InputProtection(inputs: record.plan.inputs).check(outputs)
            return try PlannedRun(resuming: record, noise: planOptions.noise.file)
        }
        var draft = RunPlan(
            run: givenName ?? PlannedRun.newName, seed: planOptions.seed, batches: planOptions.batches,
            batchSize: planOptions.batchSize, noise: planOptions.noise.policy, maskRatio: planOptions.maskRatio,
            tolerance: Tolerance(atol: planOptions.atol, rtol: planOptions.rtol), methods: planOptions.loadingMethods,
            workers: workers, replicas: replicas, noiseFile: planOptions.noise.file.map(VerifyPlanOptions.absolute))
        draft.freshSeed = RunPlan.drawFreshSeed()
        return try PlannedRun(
            draft, images: planOptions.images.map(VerifyPlanOptions.absolute), batches: planOptions.givenBatches)
    }

    /// How the run is carried out.
    var runOptions: VerificationOptions {
        var options = VerificationOptions(
            endpoint: givenEndpoint.map(Endpoint.listening) ?? Self.defaultEndpoint,
            keys: keyOptions.keys(store: store), timeout: .seconds(timeout))
        options.isEndpointGiven = givenEndpoint != nil
        options.endpointFile = endpointFile
        options.localWorkers = localOptions.workers
        options.expectedNodes = expectedNames
        options.isRefereed = planOptions.isRefereed
        options.filesOnWorkers = planOptions.filesOnWorkers
        options.configuration = planOptions.config
        options.versions = ["engine": Engine.build]
        options.command = ShellText.ownCommand
        return options
    }
}
