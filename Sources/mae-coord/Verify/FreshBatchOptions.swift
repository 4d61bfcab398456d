import ArgumentParser
import MAECommand
import MAECoordinator
import MAEVerify

/// Batches that are drawn for one run, behind those that every run has.
struct FreshBatchOptions: ParsableArguments {
    @Option(
        name: .customLong("fresh"),
        help: ArgumentHelp(
            "So many batches more, of the same size, drawn from a seed of this run: a node that answers from memory passes the same "
                + "seeds for ever.", valueName: "n"))
    var count: Int?

    @Option(
        name: .customLong("fresh-seed"),
        help: ArgumentHelp(
            "Draw the i-th of them from seed + i; drawn at random when left out, and told in every report.",
            valueName: "n"),
        transform: SeedArgument.parse)
    var seed: UInt64?

    func validate() throws {
        if let count, !(1...RotatingBatches.most).contains(count) {
            throw ValidationError("--fresh \(count): from 1 to \(RotatingBatches.most).")
        }
        guard count != nil || seed == nil else { throw ValidationError("--fresh-seed: for the batches of --fresh.") }
    }

    /// The batches; nil when none are asked for.
    var batches: RotatingBatches? {
        count.map { RotatingBatches(count: $0, seed: seed ?? RunPlan.drawFreshSeed()) }
    }

    /// Refuses other batches than those of a run that is carried on.
    ///
    /// - Throws: ``CoordinatorError`` (a usage error).
    func requireSame(as plan: RunPlan) throws(CoordinatorError) {
        let planned = plan.rotating
        if let count, count != planned?.count {
            throw Self.other("--fresh \(count)", plan, planned.map { "--fresh \($0.count)" })
        }
        if let seed, seed != planned?.seed {
            throw Self.other("--fresh-seed \(seed)", plan, planned.map { "--fresh-seed \($0.seed)" })
        }
    }

    private static func other(_ given: String, _ plan: RunPlan, _ planned: String?) -> CoordinatorError {
        CoordinatorError(
            .badPlan,
            "\(given): run \(plan.run) was planned with \(planned ?? "no fresh batches"), and is carried on so; leave the option "
                + "out, or begin a new run")
    }
}
