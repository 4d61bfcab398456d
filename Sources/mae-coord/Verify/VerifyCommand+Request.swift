import ArgumentParser
import Foundation
import MAEAlarms
import MAECommand
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
        guard let resume else { return try newRun() }
        let record = try store.run(resume)
        try planOptions.requireSame(as: record.plan, workers: givenWorkers)
        try fresh.requireSame(as: record.plan)
        try InputProtection(inputs: record.plan.inputs).check(outputs)
        return try PlannedRun(resuming: record, noise: planOptions.noise.file)
    }

    /// The run that is to begin.
    ///
    /// - Throws: what ``PlannedRun`` throws.
    func newRun() throws -> PlannedRun {
        var draft = draft(named: givenName ?? PlannedRun.newName)
        draft.freshSeed = RunPlan.drawFreshSeed()
        return try PlannedRun(
            draft, images: planOptions.images.map(VerifyPlanOptions.absolute), batches: planOptions.givenBatches,
            rotating: fresh.batches)
    }

    /// All that keeps the run from beginning, as far as files and options show it.
    ///
    /// - Parameter store: where a run that is carried on is kept; nil for a new run.
    func obstacles(in store: Store? = nil) -> RunObstacles {
        var obstacles = RunObstacles()
        let planned = obstacles.attempt { try store.map(plannedRun) ?? newRun() }
        let baseline = obstacles.attempt { try baselineOptions.pinned() } ?? nil
        if let baseline, let planned { _ = obstacles.attempt { try baseline.requireFit(planned.plan) } }
        // What is wrong with it was told.
        var rest = self
        rest.baselineOptions.baseline = nil
        guard let options = obstacles.attempt({ try rest.runOptions(expecting: workers) }),
            // What stands for a run whose images are not there.
            let looked = planned ?? (resume == nil ? try? PlannedRun(draft(named: "run")) : nil)
        else { return obstacles }
        obstacles.look(at: looked, options, isWhole: planned != nil)
        return obstacles
    }

    /// What `work` returns; where it fails before a run has begun, it throws all that keeps the run from beginning.
    func tellingAllObstacles<Result>(in store: Store, _ work: () throws -> Result) throws -> Result {
        do { return try work() } catch  where !(error is Interruption) {
            let obstacles = obstacles(in: store)
            throw obstacles.all.count > 1 && obstacles.has(error) ? obstacles : error
        }
    }

    /// The series that the options say the run is of; nil for one that is carried on, whose plan is in the store.
    var series: RunSeries? {
        guard resume == nil else { return nil }
        return RunSeries(draft(named: givenName ?? "run"), images: planOptions.images.map(VerifyPlanOptions.absolute))
    }

    /// What the options say of the plan of a new run.
    private func draft(named name: String) -> RunPlan {
        RunPlan(
            run: name, seed: planOptions.seed, batches: planOptions.batches,
            batchSize: planOptions.batchSize, noise: planOptions.noise.policy, maskRatio: planOptions.maskRatio,
            tolerance: Tolerance(atol: planOptions.atol, rtol: planOptions.rtol), methods: planOptions.loadingMethods,
            workers: workers, replicas: replicas, noiseFile: planOptions.noise.file.map(VerifyPlanOptions.absolute))
    }

    /// How a run is carried out, for which so many workers are expected.
    ///
    /// - Throws: `DefaultEndpointError`, and `BaselineError` for a baseline that cannot be read.
    func runOptions(expecting workers: Int) throws -> VerificationOptions {
        let endpoint = try endpoint(expecting: workers)
        var options = VerificationOptions(
            endpoint: endpoint, keys: keyOptions.keys(store: store), timeout: .seconds(timeout))
        options.isDefaultEndpoint = endpoint != nil && givenEndpoint == nil
        options.endpointFile = endpointFile
        options.advertisedHost = advertise
        options.localWorkers = localOptions.workers
        options.expectedNodes = expectedNames
        options.isRefereed = planOptions.isRefereed
        options.filesOnWorkers = planOptions.filesOnWorkers
        options.configuration = planOptions.config
        options.store = store == StoreOption.defaultFolder ? nil : store
        options.baseline = try baselineOptions.pinned()
        options.versions = ["engine": Engine.build]
        options.command = ShellText.ownCommand
        return options
    }

    /// Where workers that are started elsewhere connect; nil when there are to be none.
    private func endpoint(expecting workers: Int) throws -> String? {
        if let endpoint = try bindEndpoint() { return endpoint.text(for: .listening) }
        if let local = localOptions.local, workers <= local { return nil }
        return try DefaultEndpoint.make(ProcessInfo.processInfo.environment, otherwise: "--bind")
    }
}
