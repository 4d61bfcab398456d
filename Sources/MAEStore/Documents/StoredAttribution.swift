import MAEDomain
import MAEVerify

/// Where the bits of two results part, in a document.
struct StoredAttribution: Codable, Hashable {
    struct Operation: Codable, Hashable {
        var position, count: Int
        var words: String
        var rows, columns: Int
    }

    struct Element: Codable, Hashable {
        var image, row, column: Int
        /// Bit patterns of fp32.
        var suspected, reference: UInt32
    }

    /// A ``FaultPattern``: its name, and the numbers that it has.
    struct Pattern: Codable, Hashable {
        var name: String
        var numbers: [Int]
    }

    struct Elements: Codable, Hashable {
        var compared, differing: Int
        var images: [Int]
        var first: [Element]
        var anyBits, allBits: UInt32
        var largestDistance: UInt64?
        var pattern: Pattern
    }

    struct ProcessorRuns: Codable, Hashable {
        var processor, runs, wrong: Int
    }

    struct Repetitions: Codable, Hashable {
        var runs, wrong: Int
        var processors: [ProcessorRuns]
    }

    var suspected, reference: StoredPlace
    var layer: String
    var operation: Operation?
    var elements: Elements?
    var adding, inheriting: [String]
    var repetitions: Repetitions?
    var hint: StoredWord<FaultHint>?

    init(_ attribution: Attribution) {
        (suspected, reference) = (StoredPlace(attribution.suspected), StoredPlace(attribution.reference))
        layer = attribution.layer.name
        operation = attribution.operation.map {
            Operation(position: $0.position, count: $0.count, words: $0.words, rows: $0.rows, columns: $0.columns)
        }
        elements = attribution.elements.map { elements in
            Elements(
                compared: elements.compared, differing: elements.differing, images: elements.images,
                first: elements.first.map {
                    Element(
                        image: $0.image, row: $0.row, column: $0.column, suspected: $0.suspected,
                        reference: $0.reference)
                }, anyBits: elements.anyBits, allBits: elements.allBits, largestDistance: elements.largestDistance,
                pattern: Pattern(name: elements.pattern.name, numbers: elements.pattern.numbers))
        }
        hint = attribution.hint.map { StoredWord($0) }
        adding = attribution.adding.map(\.name)
        inheriting = attribution.inheriting.map(\.name)
        repetitions = attribution.repetitions.map { repetitions in
            Repetitions(
                runs: repetitions.runs, wrong: repetitions.wrong,
                processors: repetitions.processors.map {
                    ProcessorRuns(processor: $0.processor, runs: $0.runs, wrong: $0.wrong)
                })
        }
    }

    /// The attribution as it was; nil when it names what there is not.
    var attribution: Attribution? {
        guard let layer = EncoderLayer(name: layer) else { return nil }
        var found: ElementDifferences?
        if let elements {
            guard let pattern = FaultPattern(name: elements.pattern.name, numbers: elements.pattern.numbers) else {
                return nil
            }
            found = ElementDifferences(
                compared: elements.compared, differing: elements.differing, images: elements.images,
                first: elements.first.map {
                    ElementDifferences.Element(
                        image: $0.image, row: $0.row, column: $0.column, suspected: $0.suspected,
                        reference: $0.reference)
                }, anyBits: elements.anyBits, allBits: elements.allBits, largestDistance: elements.largestDistance,
                pattern: pattern)
        }
        return Attribution(
            suspected: suspected.cell, reference: reference.cell, layer: layer,
            operation: operation.map {
                Attribution.Operation(
                    position: $0.position, count: $0.count, words: $0.words, rows: $0.rows, columns: $0.columns)
            }, elements: found, adding: adding.compactMap(EncoderLayer.init(name:)),
            inheriting: inheriting.compactMap(EncoderLayer.init(name:)),
            repetitions: repetitions.map { repetitions in
                Attribution.Repetitions(
                    runs: repetitions.runs, wrong: repetitions.wrong,
                    processors: repetitions.processors.map {
                        Attribution.ProcessorRuns(processor: $0.processor, runs: $0.runs, wrong: $0.wrong)
                    })
            }, hint: hint?.value)
    }
}
