import Foundation
import Logging
import MAECoordinator
import MAEStore
import MAETensor
import MAEVerify
import ZeroMQ

/// One verification, from its plan to its judgement: what `mae-coord verify` does between its options and its reports.
///
/// It reads the files of the plan, coordinates the workers until their results are there, judges these, keeps the judgement
/// in the store, and computes what the reports show besides. All of it happens on the calling thread, or is waited for there.
public struct VerificationRun: Sendable {
    private let planned: PlannedRun
    private let options: VerificationOptions
    private let store: Store
    private let log: Logger

    /// A run that does nothing until ``run(until:tell:)``.
    public init(_ planned: PlannedRun, options: VerificationOptions, store: Store, log: Logger) {
        self.planned = planned
        self.options = options
        self.store = store
        self.log = log
    }

    /// Carries the run out; `tell` hears on the calling thread what happens, and of a sign of life every second at least.
    ///
    /// A signal ends the computing of results, which are then judged as far as they go, or one of the steps on this machine.
    ///
    /// - Throws: `BaselineError` for a baseline that does not fit, `CheckpointError` and ``MethodError`` for what cannot be loaded, `ContentError` for a file that is written to
    ///   meanwhile, `CoordinatorError`, `KeyError`, `ZeroMQError` and ``LocalWorkerError`` when the run cannot begin,
    ///   ``Interruption`` when a signal comes before there is anything to judge, and what the store throws.
    public func run(
        until signals: SignalWatch, tell: @escaping (VerificationEvent) -> Void
    ) throws -> VerificationResult {
        try options.baseline?.requireFit(planned.plan)
        if let note = planned.images?.source.note { tell(.note(note)) }
        if let words = planned.plan.images?.preparation?.words { tell(.note("images: \(words)")) }
        let noise = try planned.noise()
        let checkpoints = try readCheckpoints(noise, signals, tell)
        var plan = planned.plan
        if planned.resumed == nil {
            plan.checkpoints = checkpoints.files
        } else {
            try checkpoints.requireSame(as: plan)
        }
        let computing = ResultComputation(
            plan: plan, isResumed: planned.resumed != nil, options: options, store: store, log: log)
        let computed = try computing.run(offering: checkpoints.offer, noise: noise, until: signals, tell)
        let judge = RunJudge(plan: plan, computed: computed, noise: noise, store: store)
        let steps = InterruptibleSteps(signals: signals, tell: tell)
        let referee = options.isRefereed ? judge.referee(steps) : RefereeAnswers()
        var verification = try judge.verification(referee, steps)
        var details = details(of: computed.outcome, begun: try planned.resumed?.started ?? store.run(plan.run).started)
        let pinned = try options.baseline.map {
            try BaselineJudge(pinned: $0, store: store).judge(verification.comparison, steps)
        }
        details.baseline = pinned?.summary
        if let finding = pinned?.finding { verification.add(ofBaseline: finding) }
        // From here on there is a verdict, and no signal may take it away: it ends a step that only adds to the report.
        signals.hold()
        var storeFailure = store.keep(Judgement(verification, details: details))
        let decided = options.isRefereed ? judge.float64(verification, referee, steps) : nil
        // A signal leaves the judgement that there is.
        let again = decided.flatMap {
            try? judge.verification($0, copies: verification.comparison.copies, steps)
        }
        if let again {
            verification = again
            if let finding = pinned?.finding { verification.add(ofBaseline: finding) }
        }
        let draws = judge.sequentialDraws(verification, steps)
        if let draws { verification.add(draws) }
        details.masks = judge.masks(verification, steps)
        let judgement = Judgement(verification, details: details)
        if draws != nil || again != nil || !details.masks.isEmpty || storeFailure != nil {
            storeFailure = store.keep(judgement)
        }
        return VerificationResult(judgement: judgement, outcome: computed.outcome, storeFailure: storeFailure)
    }

    /// What reports say of the run apart from its verification, as of now.
    private func details(of outcome: RunOutcome, begun: Date) -> ReportDetails {
        var details = ReportDetails(
            versions: options.versions, startedAt: begun.formatted(.iso8601), seconds: -begun.timeIntervalSinceNow,
            drainedNodes: outcome.summary.nodes.filter(\.isDraining).map(\.node.name))
        details.startedAtSeconds = begun.timeIntervalSince1970
        details.command = options.command
        return details
    }

    /// Reads the checkpoints of the run, after it was shown that they can be loaded by its methods.
    private func readCheckpoints(
        _ noise: Tensor?, _ signals: SignalWatch, _ tell: @escaping (VerificationEvent) -> Void
    ) throws -> PlannedCheckpoints {
        let plan = planned.plan
        let check = planned.check(noise, options)
        try check.requireConfiguration()
        for method in plan.methods { try check.requireLoadable(method) }
        let onWorkers = planned.filesOnWorkers(options)
        tell(.begins(plan))
        let memory = DigestMemoryFile.memory(of: store)
        let steps = InterruptibleSteps(signals: signals, tell: tell)
        let (images, folder) = (planned.images?.source, store.preparationFolder)
        let ending = try steps.run("mae-read") { step in
            try PlannedCheckpoints(
                reading: plan, images: images, preparingIn: folder, memory: memory, onWorkers: onWorkers, step)
        }
        switch ending {
        case .interrupted(let signal):
            throw Interruption("signal \(signal) while checkpoints were read: no run was begun")
        case .finished(let checkpoints):
            for note in checkpoints.notes { tell(.note("note: \(note)")) }
            return checkpoints
        }
    }
}

extension PlannedRun {
    /// What is looked at before a run begins.
    func check(_ noise: Tensor?, _ options: VerificationOptions) -> CheckpointCheck {
        CheckpointCheck(
            onWorkers: filesOnWorkers(options),
            noise: plan.noiseFile.flatMap { file in noise.map { (file, $0.shape) } }, images: images?.source,
            batchSize: plan.batchSize, configuration: options.configuration)
    }

    func filesOnWorkers(_ options: VerificationOptions) -> FilesOnWorkers {
        FilesOnWorkers(
            isAnyPath: options.filesOnWorkers,
            // A run that was begun without some files is carried on without them.
            paths: resumed == nil ? [] : plan.pathsWithoutFiles)
    }
}

extension Store {
    /// Keeps a judgement, from which reports are shown again; returns why that failed.
    fileprivate func keep(_ judgement: Judgement) -> (any Error)? {
        do {
            try record(judgement, run: judgement.verification.comparison.plan.run, at: Date())
            return nil
        } catch {
            return error
        }
    }
}
