import MAEKeys
import MAEStore
import MAEText
import MAEVerify

/// Finds out which nodes were expected in a run and never came.
struct AbsentNodes {
    /// The names given with `--expect`; empty when none were.
    let expected: [String]
    /// The keys in use; nil where none are.
    let keys: KeyFolder?
    let store: Store

    /// Runs that are looked through for the last one in which a node took part.
    private static let history = 100

    /// The absent nodes of `run`, which was planned for `workers` nodes and had those named `present`.
    ///
    /// The names are those of `--expect`, else of the nodes that have keys, else of the last run of as many nodes. Where more
    /// of these are not here than nodes are missing, it cannot be told which were meant, and none is named.
    func find(in run: String, workers: Int, present: Set<String>) -> [AbsentNode] {
        let missing = workers - present.count
        guard missing > 0 || !expected.isEmpty else { return [] }
        let former = ((try? store.history(limit: Self.history)) ?? []).map(\.run).filter { $0 != run }
        let nodes = former.lazy.map { name in
            (run: name, names: Set(((try? store.nodes(of: name)) ?? []).map(\.identity.name)))
        }
        let keyed = keys.flatMap { try? $0.list() }?.nodes.map(\.node.name) ?? []
        // The last run that was not short of nodes itself.
        let whole = nodes.first { $0.names.count >= workers }.map { Array($0.names) } ?? []
        let known = !expected.isEmpty ? expected : !keyed.isEmpty ? keyed : whole
        let absent = Set(known).subtracting(present)
        guard !expected.isEmpty || absent.count <= missing else { return [] }
        return absent.sorted(by: NaturalOrder.precedes).map { name in
            AbsentNode(name: name, lastRun: nodes.first { $0.names.contains(name) }?.run)
        }
    }
}
