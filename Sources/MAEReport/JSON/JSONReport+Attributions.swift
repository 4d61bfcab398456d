import MAEVerify

extension JSONReport {
    /// Where the bits of two cells part.
    struct AttributionEntry: Encodable {
        struct Operation: Encodable {
            var position, count: Int
            var name: String
            var rows, columns: Int
        }

        struct Element: Encodable {
            var image, row, column: Int
            /// The bits of both sides, eight hexadecimal digits.
            var value, reference: String
        }

        struct Elements: Encodable {
            var compared, differing: Int
            var images: [Int]
            var pattern, anyBits, allBits: String
            var maxUlps: UInt64?
            var first: [Element]

            init(_ elements: ElementDifferences) {
                (compared, differing) = (elements.compared, elements.differing)
                images = elements.images
                pattern = elements.pattern.name
                (anyBits, allBits) = (elements.anyBits.hexadecimal, elements.allBits.hexadecimal)
                maxUlps = elements.largestDistance
                first = elements.first.map {
                    Element(
                        image: $0.image, row: $0.row, column: $0.column, value: $0.suspected.hexadecimal,
                        reference: $0.reference.hexadecimal)
                }
            }
        }

        struct ProcessorRuns: Encodable {
            var processor, runs, wrong: Int
        }

        struct Repetitions: Encodable {
            var runs, wrong: Int
            var processors: [ProcessorRuns]
        }

        var suspected, reference: CellName
        var layer: String
        var operation: Operation?
        var elements: Elements?
        var adding, inheriting: [String]
        var repetitions: Repetitions?
        var hint: String?

        init(_ attribution: Attribution) {
            (suspected, reference) = (CellName(attribution.suspected), CellName(attribution.reference))
            layer = attribution.layer.name
            operation = attribution.operation.map {
                Operation(
                    position: $0.position, count: $0.count, name: $0.words, rows: $0.rows, columns: $0.columns)
            }
            elements = attribution.elements.map(Elements.init)
            hint = attribution.hint?.rawValue
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
    }
}
