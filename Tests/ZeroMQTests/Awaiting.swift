import TestSupport
import ZeroMQ

extension Socket {
    /// Waits a moment, in which libzmq sees to what its other threads have told it.
    func settle() throws { try Poller(sockets: [self], in: context).wait(atMost: .milliseconds(1)) }

    /// The next message.
    func awaitMessage() throws -> Message {
        let poller = Poller(sockets: [self], in: context)
        return try blockUntilFound("a message comes", every: .zero) {
            if let message = try receive() { return message }
            try poller.wait(atMost: .milliseconds(100))
            return nil
        }
    }
}
