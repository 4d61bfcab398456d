import MAEDomain

/// A node in a document, as it was when it handed in a result.
struct StoredNode: Codable, Hashable {
    var name, host, backend, device, isa: String
    var threads: Int
    var numericClass: String
    var classReason: String?
    var engineBuild: String
    /// Nil in stores of before nodes told of their machines.
    var machine: StoredMachine?

    init(_ node: NodeIdentity) {
        (name, host, backend) = (node.name, node.host, node.backend)
        (device, isa, threads) = (node.device, node.isa, node.threads)
        (numericClass, classReason, engineBuild) = (node.numericClass, node.classReason, node.engineBuild)
        machine = node.machine.map(StoredMachine.init)
    }

    /// The node as it introduced itself.
    var identity: NodeIdentity {
        NodeIdentity(
            name: name, host: host, backend: backend, device: device, isa: isa, threads: threads,
            numericClass: numericClass, classReason: classReason, engineBuild: engineBuild,
            machine: machine?.facts)
    }
}
