import Synchronization

/// A queue through which any thread tells something to a thread that waits in a ``Poller``.
public final class Mailbox<Element: Sendable>: Sendable {
    /// Signalled whenever something was posted: give it to the poller.
    public let wakeUp: WakeUp
    private let queue = Mutex<[Element]>([])

    /// Makes an empty mailbox.
    public init() throws(ZeroMQError) {
        wakeUp = try WakeUp()
    }

    /// Appends `element` and wakes the reader.
    public func post(_ element: Element) {
        queue.withLock { $0.append(element) }
        wakeUp.signal()
    }

    /// Removes everything posted so far, in order.
    public func takeAll() -> [Element] {
        wakeUp.clear()
        return queue.withLock { queue in
            defer { queue = [] }
            return queue
        }
    }
}
