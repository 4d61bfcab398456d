import MAEDomain
import MAETensor

/// Where the bits of two cells part: layer, operation, elements, and what more runs on the suspected node gave.
public struct Attribution: Sendable, Hashable {
    /// The cell that is suspected, and the one that it was set against.
    public var suspected: Cell, reference: Cell
    /// The first layer that differs.
    public var layer: EncoderLayer
    /// The first operation of it that differs; nil where both sides gave the same digests when they ran again.
    public var operation: Operation?
    /// How the values of the operation differ; nil where they were not sent.
    public var elements: ElementDifferences?
    /// Blocks that gave other tokens when the suspected node began them with the other side's: they add differences of their own.
    public var adding: [EncoderLayer]
    /// Blocks that gave the same tokens: they only pass on what came before.
    public var inheriting: [EncoderLayer]
    /// What came of running the pass again on the suspected node; nil where it was not.
    public var repetitions: Repetitions?

    /// What kind of fault it looks like; nil where nothing stands out.
    public var hint: FaultHint?

    /// An operation of a layer.
    public struct Operation: Sendable, Hashable {
        /// Which one, from 1, and of how many.
        public var position: Int, count: Int
        /// What it is, in words.
        public var words: String
        /// Rows for each image, and elements of a row.
        public var rows: Int, columns: Int

        package init(position: Int, count: Int, words: String, rows: Int, columns: Int) {
            self.position = position
            self.count = count
            self.words = words
            self.rows = rows
            self.columns = columns
        }
    }

    /// Runs of the pass on the suspected node.
    public struct Repetitions: Sendable, Hashable {
        /// Runs as the node always computes, and those of them that differed from the other side.
        public var runs: Int, wrong: Int
        /// For each processor that runs were bound to, those runs and those that differed.
        public var processors: [ProcessorRuns]

        package init(runs: Int, wrong: Int, processors: [ProcessorRuns]) {
            self.runs = runs
            self.wrong = wrong
            self.processors = processors
        }
    }

    /// Runs that were bound to one processor.
    public struct ProcessorRuns: Sendable, Hashable {
        /// The system's number of it.
        public var processor: Int
        /// Runs, and those that differed.
        public var runs: Int, wrong: Int

        package init(processor: Int, runs: Int, wrong: Int) {
            self.processor = processor
            self.runs = runs
            self.wrong = wrong
        }
    }

    package init(
        suspected: Cell, reference: Cell, layer: EncoderLayer, operation: Operation?, elements: ElementDifferences?,
        adding: [EncoderLayer], inheriting: [EncoderLayer], repetitions: Repetitions?, hint: FaultHint?
    ) {
        self.suspected = suspected
        self.reference = reference
        self.layer = layer
        self.operation = operation
        self.elements = elements
        self.adding = adding
        self.inheriting = inheriting
        self.repetitions = repetitions
        self.hint = hint
    }
}

extension Attribution {
    /// The same with the sides changed over, for a tie in which it was the other one that erred; what was asked of the suspected side
    /// alone is left out.
    var reversed: Attribution {
        Attribution(
            suspected: reference, reference: suspected, layer: layer, operation: operation,
            elements: elements?.reversed, adding: [], inheriting: [], repetitions: nil,
            hint: hint.flatMap { $0.isOfEitherSide ? $0 : nil })
    }

    /// What the answers of both sides say; nil where the sides were not looked at closely.
    init?(_ suspect: Suspect, _ answers: Answers) {
        guard let layer = suspect.layer, let suspected = answers[suspect.cell, layer],
            let reference = answers[suspect.reference, layer],
            suspected.first.operations.count == reference.first.operations.count
        else { return nil }
        let index = FollowUp.firstDifference(suspected.first, reference.first) ?? suspected.output?.operation
        // What an operation is, the side says that most are on.
        let operation = index.flatMap { index in
            reference.first.operations.indices.contains(index) ? (index, reference.first.operations[index]) : nil
        }
        let values = suspected.output.flatMap { mine in
            mine.operation == index ? reference.output(like: mine).map { (mine: mine, theirs: $0) } : nil
        }
        let elements = values.flatMap { values in
            ElementDifferences(
                values.mine.values, values.theirs.values, images: values.mine.images, of: suspect.images,
                heads: operation?.1.heads ?? 1)
        }
        let (adding, inheriting) = Self.blocks(
            layer, suspected.restarted, reference.states(ofImage: suspected.output?.images.first))
        let repetitions = Repetitions(suspected.repetitions, against: reference.digests)
        self.init(
            suspected: suspect.cell, reference: suspect.reference, layer: layer,
            operation: operation.map { index, operation in
                Operation(
                    position: index + 1, count: reference.first.operations.count, words: operation.words,
                    rows: operation.rows, columns: operation.columns)
            }, elements: elements, adding: adding, inheriting: inheriting, repetitions: repetitions,
            hint: FaultHint(
                images: (suspected.first.images, reference.first.images),
                values: values.map { ($0.mine.values, $0.theirs.values) }, operation?.1.kind, elements, repetitions))
    }

    /// The blocks that were begun with the other side's tokens, by what came of it.
    private static func blocks(
        _ layer: EncoderLayer, _ restarted: [SHA256Digest], _ states: Tensor?
    ) -> (adding: [EncoderLayer], inheriting: [EncoderLayer]) {
        guard let states else { return ([], []) }
        let first = if case .block(let index) = layer { index } else { 0 }
        var (adding, inheriting): ([EncoderLayer], [EncoderLayer]) = ([], [])
        for (index, digest) in restarted.enumerated() where index + 1 < states.shape[0] {
            let expected = states.rows(index + 1..<index + 2).digest()
            if digest == expected {
                inheriting.append(.block(first + index))
            } else {
                adding.append(.block(first + index))
            }
        }
        return (adding, inheriting)
    }
}

extension Attribution {
    /// The same of two sides neither of which is known to be right: only what is true of both.
    var undecided: Attribution {
        Attribution(
            suspected: suspected, reference: reference, layer: layer, operation: operation, elements: elements,
            adding: [], inheriting: [], repetitions: nil, hint: nil)
    }
}

extension Attribution.Repetitions {
    /// Counts the repetitions whose digests are not those of the other side; nil without any.
    init?(_ repetitions: [PassRepetition], against expected: [SHA256Digest]) {
        guard !repetitions.isEmpty else { return nil }
        var (runs, wrong) = (0, 0)
        var processors: [Int: Attribution.ProcessorRuns] = [:]
        for repetition in repetitions {
            let isWrong = repetition.digests != expected
            guard let processor = repetition.processor else {
                (runs, wrong) = (runs + 1, wrong + (isWrong ? 1 : 0))
                continue
            }
            processors[processor, default: .init(processor: processor, runs: 0, wrong: 0)].runs += 1
            if isWrong { processors[processor]?.wrong += 1 }
        }
        self.init(runs: runs, wrong: wrong, processors: processors.values.sorted { $0.processor < $1.processor })
    }
}
