import MAECluster
import MAEWire

/// Whole tensors of the last shards, for the coordinator to ask for; older ones make room.
struct KeptTensors {
    /// Shards whose tensors are kept.
    private static let capacity = 4

    private var shards: [(lease: Lease, tensors: [TensorPayload])] = []

    mutating func keep(_ tensors: [TensorPayload], of lease: Lease) {
        guard !tensors.isEmpty else { return }
        if shards.count == Self.capacity { shards.removeFirst() }
        shards.append((lease, tensors))
    }

    subscript(name: TensorName, lease: Lease) -> TensorPayload? {
        shards.first { $0.lease == lease }?.tensors.first { $0.name == name }
    }
}
