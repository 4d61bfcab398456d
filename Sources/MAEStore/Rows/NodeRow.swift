import Foundation
import GRDB
import MAEDomain

/// A node of a run, as it introduced itself last.
struct NodeRow: CheckedRow {
    static let databaseTableName = "nodes"

    private(set) var id: Int64?
    let run: Int64
    let name: String
    let host: String
    let backend: String
    let device: String
    let isa: String
    let threads: Int
    let numericClass: String
    let classReason: String?
    let engineBuild: String
    /// A document; nil where the node told nothing of its machine.
    let machine: StoredMachine?
    private(set) var checksum: Int64?

    enum CodingKeys: String, CodingKey {
        case id, run, name, host, backend, device, isa, threads, machine, checksum
        case numericClass = "numeric_class"
        case classReason = "class_reason"
        case engineBuild = "engine_build"
    }

    init(_ node: NodeIdentity, run: Int64) {
        self.run = run
        (name, host, backend) = (node.name, node.host, node.backend)
        (device, isa, threads) = (node.device, node.isa, node.threads)
        (numericClass, classReason, engineBuild) = (node.numericClass, node.classReason, node.engineBuild)
        machine = node.machine.map(StoredMachine.init)
        checksum = RecordChecksum.of(checked)
    }

    /// What the node said of itself; how it is doing changes every second, and has no checksum.
    var checked: [DatabaseValue] {
        [
            run.databaseValue, name.databaseValue, host.databaseValue, backend.databaseValue, device.databaseValue,
            isa.databaseValue, threads.databaseValue, numericClass.databaseValue, classReason.databaseValue,
            engineBuild.databaseValue, (machine?.checkedText).databaseValue,
        ]
    }

    mutating func didInsert(_ inserted: InsertionSuccess) { id = inserted.rowID }

    /// The node as it introduced itself.
    var identity: NodeIdentity {
        NodeIdentity(
            name: name, host: host, backend: backend, device: device, isa: isa, threads: threads,
            numericClass: numericClass, classReason: classReason, engineBuild: engineBuild,
            machine: machine?.facts)
    }

    /// The nodes of a run, in the order in which they first joined.
    static func of(_ run: Int64) -> QueryInterfaceRequest<NodeRow> {
        filter(Column(CodingKeys.run) == run).order(Column(CodingKeys.id))
    }

    /// The number of a node of a run; nil when it was never recorded.
    static func identifier(of name: String, run: Int64, _ database: Database) throws -> Int64? {
        let statement = try database.cachedStatement(sql: "SELECT id FROM nodes WHERE run = ? AND name = ?")
        return try Int64.fetchOne(statement, arguments: [run, name])
    }

    /// The names of all nodes of all runs, in order.
    static func allNames(_ database: Database) throws -> [String] {
        try select(Column(CodingKeys.name), as: String.self).distinct().order(Column(CodingKeys.name))
            .fetchAll(database)
    }
}
