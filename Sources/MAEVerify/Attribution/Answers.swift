import MAEDomain
import MAETensor

/// What nodes answered when they looked closely, by cell.
struct Answers {
    private var byCell: [Cell: [ExaminationAnswer]] = [:]

    init(_ observations: [Observation]) {
        for observation in observations.sorted(by: { $0.attempt < $1.attempt }) {
            guard let answer = observation.examination else { continue }
            byCell[observation.cell, default: []].append(answer)
        }
    }

    /// All that a cell answered about a layer; nil where it was not asked.
    subscript(cell: Cell, layer: EncoderLayer) -> LayerAnswers? {
        LayerAnswers(byCell[cell, default: []].filter { $0.layer == layer })
    }
}

/// What one cell answered about one layer, question by question.
///
/// Several cells may have been set against this one, each with images and an operation of its own.
struct LayerAnswers {
    /// The first answer.
    let first: ExaminationAnswer
    private let all: [ExaminationAnswer]

    init?(_ answers: [ExaminationAnswer]) {
        guard let first = answers.first else { return nil }
        (self.first, all) = (first, answers)
    }

    /// Digest after each operation.
    var digests: [SHA256Digest] { first.operations.map(\.digest) }

    /// The values that were sent last.
    var output: OperationOutput? { all.last { $0.output != nil }?.output }

    /// Values of the same operation and images as others; nil where there are none.
    func output(like other: OperationOutput) -> OperationOutput? {
        all.compactMap(\.output).last { $0.operation == other.operation && $0.images == other.images }
    }

    /// The tokens of an image before and after layers; of any where nothing tells of which image tokens are.
    func states(ofImage image: Int?) -> Tensor? {
        let looks = all.filter { $0.states != nil }
        return (looks.last { $0.output?.images.first == image } ?? looks.last { $0.output == nil || image == nil })?
            .states
    }

    /// Digests of the tokens that blocks gave when they began with the other side's.
    var restarted: [SHA256Digest] { all.last { !$0.restarted.isEmpty }?.restarted ?? [] }

    /// What came of more runs.
    var repetitions: [PassRepetition] { all.last { !$0.repetitions.isEmpty }?.repetitions ?? [] }
}
