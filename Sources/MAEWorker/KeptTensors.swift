import MAECluster
import MAEWire

/// Whole tensors of the last shards, for the coordinator to ask for; older ones make room.
struct KeptTensors {
    private let byteLimit: Int
    private var shards: [(lease: Lease, tensors: [TensorPayload])] = []
    private var byteCount = 0

    /// Keeps at most `byteLimit` bytes.
    init(byteLimit: Int = 64 << 20) { self.byteLimit = byteLimit }

    /// Keeps the tensors of a shard; those of a shard that is over the limit by itself are not kept.
    mutating func keep(_ tensors: [TensorPayload], of lease: Lease) {
        shards.append((lease, tensors))
        byteCount += Self.byteCount(tensors)
        while byteCount > byteLimit { byteCount -= Self.byteCount(shards.removeFirst().tensors) }
    }

    subscript(name: TensorName, lease: Lease) -> TensorPayload? {
        shards.last { $0.lease == lease }?.tensors.first { $0.name == name }
    }

    private static func byteCount(_ tensors: [TensorPayload]) -> Int { tensors.reduce(0) { $0 + $1.bytes.count } }
}
