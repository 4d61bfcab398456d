import MAECompute
import MAEDomain
import MAEEngine
import MAETensor
import MAEVerify

/// Computes on this machine some of what nodes were asked, so that their answers are not only compared with each other.
///
/// By each method it computes the batch that was drawn for the run alone. By one of them, drawn by lot once all results are in, it
/// also computes one of the other batches again.
struct Referee {
    /// A larger batch is not computed again: this machine may be a small one.
    private static let mostImages = 32

    let plan: RunPlan
    /// The noise of every batch, (B, patches), where it came from a file.
    let noise: Tensor?
    /// The path of a method at which other files are by now than when the run began; nil where there are none.
    let changedPath: (LoadingMethod, StepControl) -> String?

    /// Answers by the methods of `observations`, and to batch `drawn` of those that are not of this run alone, or any of them where it is
    /// nil; fewer once the step is to stop.
    func answers(checking observations: [Observation], drawn: Int? = nil, _ step: StepControl) -> RefereeAnswers {
        let used = Set(observations.map(\.method.label))
        let methods = plan.methods.indices.filter { used.contains(plan.methods[$0].label) }
        guard plan.freshBatch != nil, !methods.isEmpty else { return RefereeAnswers() }
        step.show("checking answers: opening the engine")
        let engine: Engine
        do {
            engine = try Engine()
        } catch {
            return RefereeAnswers(obstacles: [.init(method: nil, reason: "its engine cannot be opened (\(error))")])
        }
        guard engine.description.numericClass == NumericClass.canonical else {
            return RefereeAnswers(obstacles: [.init(method: nil, reason: engine.classReason)])
        }
        let candidates = drawn.map { drawn in observations.filter { $0.batch.index == drawn } } ?? observations
        var sample = sample(of: candidates)
        var answers = RefereeAnswers()
        for index in methods where !step.isCancelled {
            let method = plan.methods[index]
            step.show("checking answers: computing \(method.label)")
            do {
                let paths = [method.path] + [method.configPath].compactMap(\.self)
                if let unknown = paths.first(where: plan.pathsWithoutFiles.contains) {
                    throw Obstacle("it had no files at `\(unknown)` when the run began")
                }
                if let changed = changedPath(method, step) {
                    throw Obstacle("`\(changed)` is not what it was when the run began")
                }
                let model = try OwnComputation(plan: plan, noise: noise).load(method, on: engine)
                let batches = [plan.freshBatch, sample?.method == method.label ? sample?.batch : nil]
                for batch in batches.compactMap(\.self) {
                    answers.answers.append(
                        try answer(to: plan.batch(batch), by: index, model, engine.description, step))
                }
            } catch {
                guard !step.isCancelled else { break }
                answers.obstacles.append(.init(method: method.label, reason: "\(error)"))
                // The lot falls on a method that is still to come.
                guard sample?.method == method.label else { continue }
                let rest = methods.drop { $0 <= index }.map { plan.methods[$0].label }
                sample = self.sample(of: candidates.filter { rest.contains($0.method.label) })
            }
        }
        return answers
    }

    /// One of the batches with results, and a method that gave one; nil where batches are too large.
    private func sample(of observations: [Observation]) -> Cell? {
        observations.filter { !plan.isFresh($0.batch.index) && $0.batch.size <= Self.mostImages }.randomElement()?.cell
    }

    private func answer(
        to batch: BatchIdentity, by index: Int, _ model: LoadedModel, _ engine: BackendDescription, _ step: StepControl
    ) throws -> Observation {
        let computation = OwnComputation(plan: plan, noise: noise)
        let result = try model.run(
            computation.request(batch, method: index), control: RunControl(isCancelled: { step.isCancelled }))
        return try computation.observation(result, of: batch, method: index, model, engine)
    }

    /// Why a method cannot be computed by.
    private struct Obstacle: Error, CustomStringConvertible {
        let description: String

        init(_ description: String) { self.description = description }
    }
}
