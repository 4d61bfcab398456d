import MAEDomain
import MAETensor

/// What to ask nodes when results disagree, until it is known which operation computed other bits, and how.
///
/// In three rounds, each a run of the cell again:
/// 1. Both sides say the digests after each operation of the first layer that differs.
/// 2. Both sides send the values of the first operation that differs. The suspected side runs the pass again and again; the other sends
///    its tokens before and after each block from there on.
/// 3. The suspected side computes each of those blocks from the other's tokens: it *adds* a difference where it gets other tokens
///    out, and only *inherits* it where it gets the same.
public enum FollowUp {
    /// One cell to be run again.
    public struct Question: Sendable, Equatable {
        /// The cell.
        public var cell: Cell
        /// What is looked at; nil where no layer is known.
        public var examination: Examination?

        /// Asks for a cell to be run again.
        public init(cell: Cell, examination: Examination?) {
            self.cell = cell
            self.examination = examination
        }
    }

    /// Says what to ask in a round, from 1, after all that was observed so far.
    public typealias Choice = (_ round: Int, _ results: RunResults) -> [Question]

    /// Number of rounds.
    public static let rounds = 3
    /// Nodes that are looked at closely in one run: what is at fault shows in one cell of each.
    private static let suspectLimit = 8
    /// Runs of the pass on a suspected node.
    private static let repetitions = 10
    /// Images whose values are asked for where it is not known which differ.
    private static let blindImages = 4

    /// What to ask in `round`, from 1, after these results: of those that are only counted, nothing.
    public static func questions(_ round: Int, _ results: RunResults) -> [Question] {
        questions(round, results.whole)
    }

    /// What to ask in `round`, from 1, after these observations.
    public static func questions(_ round: Int, _ observations: [Observation]) -> [Question] {
        questions(round, observations, tolerance: Tolerance())
    }

    /// The same where classes may lie further apart, or less far.
    public static func questions(_ round: Int, _ observations: [Observation], tolerance: Tolerance) -> [Question] {
        let suspects = suspects(in: observations)
        var questions = round == 1 ? LayerParting.questions(observations, tolerance) : []
        let answers = Answers(observations)
        for suspect in suspects {
            for question in self.questions(round, suspect, answers) where !questions.contains(question) {
                questions.append(question)
            }
        }
        return questions
    }

    private static func questions(_ round: Int, _ suspect: Suspect, _ answers: Answers) -> [Question] {
        guard let layer = suspect.layer else {
            let cells = round == 1 ? [suspect.reference, suspect.cell] : []
            return cells.map { Question(cell: $0, examination: nil) }
        }
        var examination = Examination(layer: layer)
        guard round > 1 else {
            return [suspect.reference, suspect.cell].map { Question(cell: $0, examination: examination) }
        }
        guard let reference = answers[suspect.reference, layer] else { return [] }
        let suspected = answers[suspect.cell, layer]
        switch round {
        case 2:
            examination.images = images(suspected?.first, reference.first, suspect.images)
            examination.operation = suspected.flatMap { Self.firstDifference($0.first, reference.first) }
            var toReference = examination
            toReference.wantsStates = true
            examination.expected = reference.digests
            examination.repetitions = repetitions
            return [
                Question(cell: suspect.reference, examination: toReference),
                Question(cell: suspect.cell, examination: examination),
            ]
        case 3:
            var questions: [Question] = []
            // A repetition may have shown an operation that nothing was known of.
            if let output = suspected?.output, reference.output(like: output) == nil {
                examination.images = output.images
                examination.operation = output.operation
                questions.append(Question(cell: suspect.reference, examination: examination))
            }
            if layer != .finalNorm, let states = reference.states(ofImage: suspected?.output?.images.first) {
                var restart = Examination(layer: layer)
                restart.states = states
                questions.append(Question(cell: suspect.cell, examination: restart))
            }
            return questions
        default: return []
        }
    }

    /// The first operation after which two answers about one layer differ.
    static func firstDifference(_ left: ExaminationAnswer, _ right: ExaminationAnswer) -> Int? {
        zip(left.operations, right.operations).enumerated().first { $0.element.0.digest != $0.element.1.digest }?.offset
    }

    /// The images to look at: those that differ after the layer, or the first few where none does.
    private static func images(
        _ suspected: ExaminationAnswer?, _ reference: ExaminationAnswer, _ count: Int
    ) -> [Int] {
        let differing = suspected.map { suspected in
            zip(suspected.images, reference.images).enumerated().filter { $0.element.0 != $0.element.1 }.map(\.offset)
        }
        guard let differing, !differing.isEmpty else { return Array(0..<min(count, blindImages)) }
        return Array(differing.prefix(Examination.imageLimit))
    }
}

/// A cell that differs from another although both had the same weights, input and kept patches.
struct Suspect: Hashable {
    let cell: Cell
    let reference: Cell
    /// Where they part; nil where nodes sent no digests after layers.
    let layer: EncoderLayer?
    /// Images of the batch.
    let images: Int
}

extension FollowUp {
    /// The cells to look at closely, one for each node: the first that is not on the side of its computation that most are on.
    ///
    /// Where sides are of one size, the one whose nodes are at odds with fewer others is taken for right.
    static func suspects(in observations: [Observation]) -> [Suspect] {
        // A class without a promise of bits has no bits to look for.
        let firsts = observations.filter { $0.attempt == 0 && $0.node.promisesBits }.sorted { $0.cell < $1.cell }
        // By batch and first cell: the order is the same whenever it is asked for.
        let groups = Dictionary(grouping: firsts, by: Computation.init).values.sorted {
            ($0[0].batch.index, $0[0].cell) < ($1[0].batch.index, $1[0].cell)
        }.map(sides)
        let odds = odds(groups)
        func rank(_ side: [Observation]) -> Int { side.map { odds[$0.node.name]?.count ?? 0 }.min() ?? 0 }
        var suspects: [Suspect] = []
        var nodes: Set<String> = []
        for sides in groups where sides.count > 1 {
            let ranked = sides.sorted { (-$0.count, rank($0), $0[0].cell) < (-$1.count, rank($1), $1[0].cell) }
            for odd in ranked.dropFirst().joined() where suspects.count < suspectLimit {
                guard
                    let reference = ranked[0].first(where: { $0.method.label == odd.method.label }) ?? ranked[0].first,
                    nodes.insert(odd.node.name).inserted
                else { continue }
                suspects.append(
                    Suspect(
                        cell: odd.cell, reference: reference.cell, layer: FirstLayer.between(reference, odd),
                        images: odd.batch.size))
            }
        }
        return suspects
    }

    /// The observations of one computation by what came of it, the sides in the order of their first cell.
    private static func sides(_ observations: [Observation]) -> [[Observation]] {
        // A worker that takes no digests after layers is compared by its output.
        let hasLayers = observations.allSatisfy { $0.layers != nil }
        return Dictionary(grouping: observations) { Outcome($0, withLayers: hasLayers) }.values.sorted {
            $0[0].cell < $1[0].cell
        }
    }

    /// For each node those others that it is at odds with in some computation.
    private static func odds(_ groups: [[[Observation]]]) -> [String: Set<String>] {
        var odds: [String: Set<String>] = [:]
        for sides in groups where sides.count > 1 {
            let names = sides.map { Set($0.map(\.node.name)) }
            for (index, some) in names.enumerated() {
                let others = names.enumerated().filter { $0.offset != index }.reduce(into: Set()) {
                    $0.formUnion($1.element)
                }
                for name in some { odds[name, default: []].formUnion(others.subtracting([name])) }
            }
        }
        return odds
    }

    /// Everything that must be equal before bits can be expected to be.
    private struct Computation: Hashable {
        let batch: Int
        let weights, input, mask: SHA256Digest
        let numericClass: String

        init(_ observation: Observation) {
            (batch, weights) = (observation.batch.index, observation.weights.digest)
            (input, mask) = (observation.digests.input, observation.digests.mask)
            numericClass = observation.node.numericClass
        }
    }

    /// What came of a computation.
    private struct Outcome: Hashable {
        let layers: LayerDigests?
        let layernorm, pooled: SHA256Digest

        init(_ observation: Observation, withLayers: Bool) {
            layers = withLayers ? observation.layers : nil
            (layernorm, pooled) = (observation.digests.layernorm, observation.digests.pooled)
        }
    }
}
