import MAEDomain

/// A cell of a run that is to be computed again on one machine, with the stored results that this is set against.
public struct ReplayedCell: Sendable {
    /// The first result of the cell.
    public let cell: Observation
    /// The result that it was set against; nil where no other node has one to the same batch.
    public let reference: Observation?
    /// The layer that nodes looked at closely; nil where they were not asked to.
    public let layer: EncoderLayer?
    /// What the nodes of ``cell`` and ``reference`` found there.
    let answers: [ExaminationAnswer?]

    /// Finds the results of `cell`; nil where it has none, or where there is none of `node` to set it against.
    ///
    /// - Parameters:
    ///   - node: the node whose result by the same method and batch is the other side. Nil takes the one that the run set the cell
    ///     against, else one that had to agree and does not, else any other.
    ///   - observations: all results of the run.
    public init?(_ cell: Cell, against node: String? = nil, in observations: [Observation]) {
        let firsts = observations.filter { $0.attempt == 0 }.sorted { $0.cell < $1.cell }
        guard let found = firsts.first(where: { $0.cell == cell }) else { return nil }
        self.cell = found
        let suspect = FollowUp.suspects(in: observations).first { $0.cell == cell || $0.reference == cell }
        if let node {
            let place = Cell(node: node, method: cell.method, batch: cell.batch)
            guard let other = firsts.first(where: { $0.cell == place && place != cell }) else { return nil }
            reference = other
        } else if let suspect {
            let place = suspect.cell == cell ? suspect.reference : suspect.cell
            reference = firsts.first { $0.cell == place }
        } else {
            reference = Self.partner(of: found, among: firsts)
        }
        let answers = Answers(observations)
        layer = suspect?.layer
        let looks: [LayerAnswers?] = [found, reference].map { side in
            guard let side, let layer = suspect?.layer else { return nil }
            return answers[side.cell, layer]
        }
        // Values of both sides are those of one operation and the same images.
        let output = looks.compactMap { $0?.output }.first
        self.answers = looks.map { look in
            guard let look else { return nil }
            var answer = look.first
            answer.output = output.flatMap(look.output(like:))
            return answer
        }
    }

    /// What this machine is to be asked about ``layer``, or about `first` where nodes were not; nil without either.
    public func question(otherwise first: EncoderLayer?) -> Examination? {
        guard let layer = layer ?? first else { return nil }
        var examination = Examination(layer: layer)
        if let output = answers.compactMap({ $0?.output }).first {
            (examination.operation, examination.images) = (output.operation, output.images)
        }
        return examination
    }

    /// The result that says most when it is set against `cell`.
    private static func partner(of cell: Observation, among firsts: [Observation]) -> Observation? {
        func rank(_ other: Observation) -> Int {
            let isOfClass = other.node.numericClass == cell.node.numericClass
            let hadToAgree = isOfClass && cell.node.promisesBits
            return (hadToAgree && other.digests.layernorm != cell.digests.layernorm ? 4 : 0)
                // A witness is set against the engine.
                + (hadToAgree || cell.node.isWitness && !other.node.isWitness ? 2 : 0)
                + (other.method.label == cell.method.label ? 1 : 0)
        }
        let others = firsts.filter { $0.batch.index == cell.batch.index && $0.cell != cell.cell }
        let best = others.map(rank).max()
        return others.first { rank($0) == best }
    }
}

extension Cell {
    /// `NODE/METHOD/BATCH`, as commands name a cell.
    public var name: String { "\(node)/\(method)/\(batch)" }

    /// The first of `cells` that is called so; names of nodes and methods may have slashes of their own.
    public static func named(_ name: String, among cells: [Cell]) -> Cell? { cells.first { $0.name == name } }
}
