/// Coordinator to worker: send me a whole tensor of a shard that you have computed.
public struct TensorRequest: Sendable, Equatable {
    /// The lease under which the shard was computed.
    public var lease: LeaseReference
    /// Which tensor.
    public var name: TensorName

    /// Asks for a tensor.
    public init(lease: LeaseReference, name: TensorName) {
        self.lease = lease
        self.name = name
    }
}

/// Worker to coordinator: the tensor that was asked for.
public struct TensorReply: Sendable, Equatable {
    /// The lease under which the shard was computed.
    public var lease: LeaseReference
    /// The tensor.
    public var payload: TensorPayload

    /// A tensor of a shard.
    public init(lease: LeaseReference, payload: TensorPayload) {
        self.lease = lease
        self.payload = payload
    }
}
