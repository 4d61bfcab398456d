import ZeroMQ

/// What carries messages between a worker and its coordinator: a socket, or the network of a simulation.
protocol CoordinatorChannel {
    /// Takes in what has happened to the connection, and connects again when it is time.
    func attend() throws

    /// How long until ``attend()`` has something to do; nil while it has not.
    var timeout: Duration? { get }

    /// The next message; nil when none has come.
    func receive() throws -> Message?

    /// Sends a message, or drops it when it cannot be sent now.
    func send(_ message: Message) throws
}
