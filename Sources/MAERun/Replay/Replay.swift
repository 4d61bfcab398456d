import MAECheckpoint
import MAECompute
import MAEContent
import MAEDomain
import MAEEngine
import MAEStore
import MAETensor
import MAEText
import MAEVerify

/// One cell of a run of the store, computed again on this machine from the files of the run.
public struct Replay: Sendable {
    /// What the run set out to do.
    public let plan: RunPlan
    /// The stored results.
    public let replayed: ReplayedCell
    /// Place of the loading method in the plan.
    private let method: Int

    /// Most cells that an error lists.
    private static let mostListed = 12

    /// Finds the cell called `name` and the result that it is set against.
    ///
    /// - Parameter node: the node whose result by the same method and batch is the other side; nil leaves that to the run.
    /// - Throws: ``ReplayError`` for a cell without a result, and what the store throws.
    public init(_ name: String, against node: String?, of run: String, in store: Store) throws {
        plan = try store.run(run).plan
        // Batches of long runs that no report lists one by one are there for the asking.
        let batch = name.split(separator: "/").last.flatMap { Int($0) }
        let observations = try store.runResults(of: run, requiring: batch.map { [$0] } ?? []).whole
        let cells = Set(observations.map(\.cell)).sorted()
        guard let cell = Cell.named(name, among: cells) else {
            throw ReplayError(.unknownCell, Self.unknown(name, run, among: cells))
        }
        guard let method = plan.methods.firstIndex(where: { $0.label == cell.method }) else {
            throw ReplayError(.unknownCell, "the plan of run \(run) has no loading method `\(cell.method)`")
        }
        guard let replayed = ReplayedCell(cell, against: node, in: observations) else {
            throw ReplayError(
                .unknownCell, Self.unknown(node ?? "", run, cell, among: cells))
        }
        (self.method, self.replayed) = (method, replayed)
    }

    /// The batch that is computed.
    public var batch: BatchIdentity { plan.batch(replayed.cell.batch.index) }
    /// How the model is loaded.
    public var loadingMethod: LoadingMethod { plan.methods[method] }
    /// Which draw of the noise is taken, where noise is drawn.
    public var draw: Int { plan.draw(ofMethod: method) }
    /// The files and folders that are read.
    public var inputs: [String] {
        let isPinned = plan.isPinned(batch.index)
        return [loadingMethod.path] + [loadingMethod.configPath].compactMap(\.self)
            + (isPinned ? [plan.images?.path, plan.noiseFile].compactMap(\.self) : [])
    }

    /// Those of them that the run recorded nothing of, so that this machine cannot tell whether its files are the same.
    public var unrecorded: [String] {
        let recorded = Set(plan.checkpoints?.map(\.path) ?? [])
        return inputs.filter { !recorded.contains($0) }
    }

    /// Computes the cell.
    ///
    /// - Parameters:
    ///   - listsOperations: whether to look at the operations of the first layer that differs where nodes were not asked about any.
    ///   - show: told on any thread what this machine is at.
    /// - Throws: ``ReplayError`` for files that are not those of the run, `CheckpointError`, `TensorError` and `ContentError` for those
    ///   that cannot be read, and `ComputeError`.
    public func run(
        on options: EngineOptions, listsOperations: Bool = false, _ show: @escaping @Sendable (RunStep) -> Void
    ) throws -> ReplayReport {
        try requireSameFiles(show)
        let isPinned = plan.isPinned(batch.index)
        let computation = OwnComputation(
            plan: plan, noise: isPinned ? try plan.noiseFile.map { try Tensor(npy: $0) } : nil)
        let engine = try Engine(options)
        let label = loadingMethod.label
        let model = try computation.load(loadingMethod, on: engine) { done, total in
            show(RunStep(text: "loading \(label)", share: .init(done: done, total: total)))
        }
        var request = try computation.request(batch, method: method)
        request.recordsLayerDigests = true
        let control = RunControl(progress: { place in
            show(
                RunStep(
                    text: "computing \(place.layer ?? "")", share: .init(done: place.done, total: place.total)))
        })
        let result = try model.run(request, control: control)
        let machine = try computation.observation(
            result, of: batch, method: method, model, engine.description)
        let first = listsOperations ? firstLayer(ReplayReport(replayed, machine, plan: plan)) : nil
        let answer = try replayed.question(otherwise: first).map { try model.examine(request, $0, control: control) }
        return ReplayReport(replayed, machine, plan: plan, answer: answer)
    }

    /// The first layer at which the cell, or else the other side, parts from this machine.
    private func firstLayer(_ report: ReplayReport) -> EncoderLayer? {
        report.sides.indices.lazy.compactMap { side in
            guard let name = report.firstDifference(side) else { return nil }
            return EncoderLayer(name: name) ?? (["layernorm", "pooled"].contains(name) ? .finalNorm : nil)
        }.first
    }

    private func requireSameFiles(_ show: @escaping @Sendable (RunStep) -> Void) throws {
        // Nothing remembered counts here: what is on the disk now is what will be computed with.
        let recorded = RecordedFiles(plan: plan, memory: DigestMemory())
        for then in recorded.at(inputs) {
            let now = try recorded.digest(of: then) { done, total in
                show(RunStep(text: "reading \(then.path):", share: .init(done: done, total: total)))
            }
            guard now != then.digest else { continue }
            throw ReplayError(
                .otherFiles,
                "\(then.path) holds other files than when run \(plan.run) began (\(now) now, \(then.digest) then): put the "
                    + "earlier ones back to show this again")
        }
    }

    private static func unknown(_ name: String, _ run: String, among cells: [Cell]) -> String {
        guard !cells.isEmpty else { return "run \(run) has no results, so it has no cell \(name)" }
        return "run \(run) has no result of \(name): a cell is NODE/METHOD/BATCH, one of " + list(cells)
    }

    private static func unknown(_ node: String, _ run: String, _ cell: Cell, among cells: [Cell]) -> String {
        let others = cells.filter { $0.method == cell.method && $0.batch == cell.batch && $0 != cell }
        let names = others.map(\.node)
        return "run \(run) has no other result of node \(node) to batch \(cell.batch) by \(cell.method): "
            + (names.isEmpty
                ? "only \(cell.node) has one" : "\(NumberText.list(names)) \(names.count == 1 ? "has" : "have") one")
    }

    private static func list(_ cells: [Cell]) -> String {
        let more = cells.count - mostListed
        return cells.prefix(mostListed).map(\.name).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }
}
