import MAEText

/// Where in the matrix some cells lie, in the words of a person: a node, a loading method, one method on one node.
struct Scope {
    /// What the cells have in common that the others have not.
    enum Kind: Equatable {
        /// All work of some nodes.
        case nodes([String])
        /// Some loading methods on every node.
        case methods([String])
        /// Some methods on some nodes.
        case nodesAndMethods
        /// Only some of the batches.
        case batches
        /// No simple pattern.
        case mixed
    }

    let kind: Kind
    /// Names the cells, to stand at the start or in the middle of a sentence.
    let words: String

    /// Describes `odd` among `universe`, which contains it.
    init(_ odd: [Int], among universe: [Int], in context: DiagnosisContext) {
        let all = Axes(universe, context.cells)
        let some = Axes(odd, context.cells)
        let box = universe.filter { some.contains(context.cells[$0]) }
        guard box.count == odd.count else {
            kind = .mixed
            words = NumberText.list(odd.map { "\(context.cells[$0].cell)" }, limit: 3)
            return
        }
        let everyNode = some.nodes.count == all.nodes.count
        let everyMethod = some.methods.count == all.methods.count
        var words: String
        if everyNode, !everyMethod {
            words = Self.quoted(some.methods) + (all.nodes.count > 1 ? " on every node" : "")
        } else if everyMethod {
            words = Self.named(some.nodes) + (all.methods.count > 1 ? " with every loading method" : "")
        } else {
            words = Self.quoted(some.methods) + " on " + Self.named(some.nodes)
        }
        // Each node may have run other batches: these are all its own.
        let own = Set(
            universe.map { context.cells[$0].cell }.filter { cell in
                some.nodes.contains(cell.node) && some.methods.contains(cell.method)
            }.map(\.batch))
        let everyBatch = some.batches.count == own.count
        if !everyBatch {
            let batches = some.batches.sorted()
            words +=
                " in " + (batches.count == 1 ? "batch" : "batches") + " " + NumberText.list(batches.map(String.init))
        }
        self.words = words
        kind =
            !everyBatch
            ? .batches
            : everyNode && everyMethod
                ? .mixed
                : everyMethod ? .nodes(some.nodes) : everyNode ? .methods(some.methods) : .nodesAndMethods
    }

    /// `node n1`, `nodes n1 and n2`.
    static func named(_ nodes: [String]) -> String { (nodes.count == 1 ? "node " : "nodes ") + NumberText.list(nodes) }

    /// `` `full` and `state-dict` ``.
    static func quoted(_ methods: [String]) -> String { NumberText.list(methods.map { "`\($0)`" }) }

    /// The nodes, methods and batches that some cells cover.
    private struct Axes {
        var nodes: [String] = []
        var methods: [String] = []
        var batches: [Int] = []
        private var covered: (nodes: Set<String>, methods: Set<String>, batches: Set<Int>) = ([], [], [])

        init(_ cells: [Int], _ observations: [Observation]) {
            for cell in cells.map({ observations[$0].cell }) {
                if covered.nodes.insert(cell.node).inserted { nodes.append(cell.node) }
                if covered.methods.insert(cell.method).inserted { methods.append(cell.method) }
                if covered.batches.insert(cell.batch).inserted { batches.append(cell.batch) }
            }
        }

        func contains(_ observation: Observation) -> Bool {
            let cell = observation.cell
            return covered.nodes.contains(cell.node) && covered.methods.contains(cell.method)
                && covered.batches.contains(cell.batch)
        }
    }
}
