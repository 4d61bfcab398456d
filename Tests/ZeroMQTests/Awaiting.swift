import ZeroMQ

extension Socket {
    /// Waits a moment, in which libzmq sees to what its other threads have told it.
    func settle() throws { try Poller(sockets: [self], in: context).wait(atMost: .milliseconds(1)) }

    /// The next message, or nil when none has come after ten seconds.
    func awaitMessage() throws -> Message? {
        let poller = Poller(sockets: [self], in: context)
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            if let message = try receive() { return message }
            try poller.wait(atMost: deadline - ContinuousClock.now)
        }
        return nil
    }
}
