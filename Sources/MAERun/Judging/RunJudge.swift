import MAECheckpoint
import MAECompute
import MAEContent
import MAECoordinator
import MAEDomain
import MAEExplain
import MAEStore
import MAETensor
import MAEVerify

/// Judges what the nodes of a run saw.
///
/// Each step may take minutes where a run is large, and a signal ends each at once.
struct RunJudge: Sendable {
    let plan: RunPlan
    let computed: ComputedResults
    /// The noise of every batch, (B, patches), where it came from a file.
    let noise: Tensor?
    let store: Store

    private var isInterrupted: Bool { computed.outcome.isInterrupted }

    /// What this machine computes itself of the work of the run; without answers where the run was interrupted, and when a
    /// signal comes.
    func referee(_ steps: InterruptibleSteps) -> RefereeAnswers {
        guard !isInterrupted else { return RefereeAnswers() }
        let answers = try? steps.run("mae-referee") { step in
            Referee(plan: plan, noise: noise, changedPath: changedPath).answers(
                checking: computed.results.whole, drawn: computed.drawnBatch, step)
        }
        return answers?.value
            ?? RefereeAnswers(obstacles: [.init(method: nil, reason: "a signal came before it could")])
    }

    /// The same with what double precision says of results that nothing else decides between; nil where there is nothing to ask, or no
    /// answer, and when a signal comes.
    func float64(_ verification: Verification, _ referee: RefereeAnswers, _ steps: InterruptibleSteps)
        -> RefereeAnswers?
    {
        let questions = isInterrupted ? [] : Float64Question.all(in: verification.comparison)
        guard !questions.isEmpty else { return nil }
        let answers = try? steps.run("mae-float64") { step in
            Float64Referee(plan: plan, noise: noise, changedPath: changedPath).answers(
                to: questions, about: verification.comparison.cells, step)
        }
        guard let answers = answers?.value, !answers.isEmpty else { return nil }
        var referee = referee
        referee.float64 = answers
        return referee
    }

    /// Compares all results of the run with each other, and with what this machine computed.
    ///
    /// `copies` is what was found in the files by an earlier judgement.
    ///
    /// - Throws: ``Interruption`` when a signal comes.
    func verification(
        _ referee: RefereeAnswers, copies: [HalfPrecisionCopy]? = nil, _ steps: InterruptibleSteps
    ) throws -> Verification {
        let judged = try steps.run("mae-judge") { step in
            step.show("comparing the results")
            let (outcome, results) = (computed.outcome, computed.results)
            return Verification(
                plan: plan, results: results, failures: outcome.failures,
                copies: copies ?? (isInterrupted ? [] : HalfPrecisionCopies.find(in: results.whole, step)),
                circumstances: RunCircumstances(
                    ending: outcome.ending, absent: computed.absent, lost: outcome.lost, idle: outcome.idleNodes,
                    refused: outcome.refused,
                    drained: outcome.summary.nodes.filter(\.isDraining).map(\.node.name),
                    revoked: outcome.summary.nodes.filter { $0.loss == .expelled }.map(\.node.name)),
                referee: referee)
        }
        guard let verification = judged.value else {
            throw Interruption("interrupted while judging; --resume \(plan.run) judges again")
        }
        return verification
    }

    /// What PyTorch would show of a model that was masked here; nil where nothing was, where each method drew its own noise,
    /// and when a signal comes.
    func sequentialDraws(_ verification: Verification, _ steps: InterruptibleSteps) -> SequentialDraws? {
        let cells = verification.comparison.cells.filter { $0.maskRatio.value > 0 }
        // A witness may have drawn weights that no file holds.
        let masked = cells.first { !$0.node.isWitness } ?? cells.first
        guard plan.noise != .sequential, !isInterrupted, let masked else { return nil }
        let draws = try? steps.run("mae-draws") { step in
            step.show("computing what PyTorch shows of \(masked.method.path) when it draws a mask for each call")
            if let changed = changedPath(masked.method, step) {
                return SequentialDraws(
                    masked.method, in: plan, obstacle: "`\(changed)` is not what it was when the run began")
            }
            return SequentialDraws.predict(
                masked.method, weights: masked.weights.digest, in: plan,
                control: RunControl(isCancelled: { step.isCancelled }))
        }
        return draws?.value
    }

    /// The patches that the results kept, where some kept others; none when a signal comes.
    func masks(_ verification: Verification, _ steps: InterruptibleSteps) -> [PatchGrid] {
        let grids = try? steps.run("mae-masks") { _ in ReproducedMasks.grids(verification.comparison, noise: noise) }
        return grids?.value ?? []
    }

    /// The first path of the method, or of the images, that holds other files than when the run began; nil when none does, as
    /// far as that is known.
    private func changedPath(_ method: LoadingMethod, _ step: StepControl) -> String? {
        let recorded = RecordedFiles(plan: plan, memory: DigestMemoryFile.memory(of: store))
        let paths = [method.path] + [method.configPath, plan.images?.path].compactMap(\.self)
        return recorded.at(paths).first { then in
            let now = try? recorded.digest(of: then) { _, _ in
                if step.isCancelled { throw CancellationError() }
            }
            return now != then.digest
        }?.path
    }
}
