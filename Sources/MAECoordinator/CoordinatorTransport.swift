import ZeroMQ

/// What carries a coordinator's messages: a socket, or the network of a simulation.
protocol CoordinatorTransport {
    /// The next message, with the sender's route in front; nil when none has come.
    func receive() throws -> Message?

    /// Sends a message to the peer whose route is its first frame; `last` is a frame more, sent without a copy.
    func send(_ message: Message, last: (any SharedBytes)?) throws -> Socket.SendOutcome

    /// Cuts the connections of an authenticated identity.
    func disconnect(_ userID: [UInt8])

    /// Cuts the connection of the peer at a route.
    func disconnect(route: [UInt8])

    /// Says that the peer at a route was asked for answers that take so many bytes.
    func expect(_ bytes: Int, from route: [UInt8])
}

extension Socket: CoordinatorTransport {}
