import Foundation
import MAECheckpoint
import MAECompute
import MAEContent
import MAECoordinator
import MAEDomain
import MAEExplain
import MAEReport
import MAEStore
import MAETensor
import MAEVerify
import ZeroMQ

/// Judges what the nodes of a run saw.
///
/// Each step may take minutes where a run is large, and a signal ends each at once.
struct RunJudge {
    let plan: RunPlan
    let outcome: RunOutcome
    let absent: [AbsentNode]
    /// The noise of every batch, (B, patches), where it came from a file.
    let noise: Tensor?
    let store: Store
    let signals: SignalWatch
    let progress: ProgressLine

    /// Compares all results of the run; `renew` is called meanwhile.
    ///
    /// Throws ``Interruption`` when a signal comes, and what the store throws.
    func verification(renew: () -> Void) throws -> Verification {
        defer { progress.clear() }
        let judged = try InterruptibleWork.run(until: signals, renew: renew) { [self] isCancelled in
            progress.show("comparing the results")
            let observations = try store.results(of: plan.run).map(\.observation)
            let copies =
                outcome.isInterrupted
                ? [] : HalfPrecisionCopies.find(in: observations, progress, isCancelled: isCancelled)
            return Verification(
                plan: plan, observations: observations, failures: outcome.failures, copies: copies,
                circumstances: RunCircumstances(
                    ending: outcome.ending, absent: absent, idle: outcome.idleNodes, refused: outcome.refused))
        }
        guard let judged else { throw Interruption("interrupted while judging; --resume \(plan.run) judges again") }
        return judged
    }

    /// What PyTorch would show of a model that was masked here; nil where nothing was, where each method drew its own noise,
    /// and when a signal comes.
    func sequentialDraws(_ verification: Verification, renew: () -> Void) -> SequentialDraws? {
        let masked = verification.comparison.cells.first { $0.maskRatio.value > 0 }
        guard plan.noise != .sequential, !outcome.isInterrupted, let masked else { return nil }
        defer { progress.clear() }
        let draws = try? InterruptibleWork.run(until: signals, renew: renew) { [self] isCancelled in
            progress.show("computing what PyTorch shows of \(masked.method.path) when it draws a mask for each call")
            if let changed = changedPath(masked.method, isCancelled) {
                return SequentialDraws(
                    masked.method, in: plan, obstacle: "`\(changed)` is not what it was when the run began")
            }
            return SequentialDraws.predict(
                masked.method, weights: masked.weights.digest, in: plan, control: RunControl(isCancelled: isCancelled))
        }
        return draws ?? nil
    }

    /// The patches that the results kept, where some kept others; none when a signal comes.
    func masks(_ verification: Verification, renew: () -> Void) -> [PatchGrid] {
        let grids = try? InterruptibleWork.run(until: signals, renew: renew) { [noise] _ in
            ReproducedMasks.grids(verification.comparison, noise: noise)
        }
        return (grids ?? nil) ?? []
    }

    /// The first path of the method, or of the images, that holds other files than when the run began; nil when none does, as
    /// far as that is known.
    private func changedPath(_ method: MAEDomain.LoadingMethod, _ isCancelled: @escaping @Sendable () -> Bool)
        -> String?
    {
        let memory = DigestMemory(path: store.directory + "/digests.json")
        let paths = [method.path] + [method.configPath, plan.images?.path].compactMap(\.self)
        return (plan.checkpoints ?? []).first { then in
            guard paths.contains(then.path) else { return false }
            let now = try? ReadFiles(PlannedCheckpoints.listing(then.role, at: then.path), memory: memory) { _, _ in
                if isCancelled() { throw CancellationError() }
            }
            return now?.manifest.digest != then.digest
        }?.path
    }
}
