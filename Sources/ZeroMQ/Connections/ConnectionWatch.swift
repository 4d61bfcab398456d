/// Keeps account of what came over each connection of a socket, and cuts connections.
///
/// What the system has received over a connection, less what was taken off the socket as whole messages, is what libzmq
/// holds of it. A thread looks at that several times a second, so it is bounded even while the socket's own thread is busy;
/// and at once when the memory of the process grows fast, which shows a flood sooner.
final class ConnectionWatch: Sendable {
    /// How often the account is looked at, and how often the memory in use.
    private static let interval = Duration.milliseconds(100)
    private static let heapInterval = Duration.milliseconds(20)
    /// A look at the memory in use holds up every thread that takes memory, and takes the longer the more is free in pieces: so between
    /// two of them pass so many times as long as one took, or the interval at which the account is looked at.
    private static let heapRest = 100
    /// Growth of the memory in use that calls for a look at the account.
    private static let growth = 4 << 20

    private let account: ConnectionAccount
    private let thread: SocketThread

    /// Watches the socket that emits its events at `endpoint`, and that is not bound or connected yet.
    init(
        of endpoint: String, in context: Context, _ limits: ConnectionLimits, _ security: SocketOptions.Security
    ) throws(ZeroMQError) {
        let account = ConnectionAccount(limits, security)
        self.account = account
        thread = try SocketThread("mae-connections") { stop, ready throws(ZeroMQError) in
            let monitor = try SocketMonitor(connectingTo: endpoint, in: context)
            let poller = Poller(sockets: [monitor.socket], descriptors: [stop.descriptor], in: context)
            ready()
            var nextLook = ContinuousClock.now
            var heap = HeapUse.bytes
            var heapBefore = heap
            var nextHeapLook = ContinuousClock.now
            while !stop.isSignalled {
                try poller.wait(atMost: account.isEmpty ? nil : Self.heapInterval)
                let now = ContinuousClock.now
                if now >= min(nextLook, nextHeapLook) {
                    heap = HeapUse.bytes
                    let end = ContinuousClock.now
                    nextHeapLook = end + max(Self.heapInterval, (end - now) * Self.heapRest)
                }
                let isDue = now >= nextLook || heap > heapBefore + Self.growth
                let traffic = isDue ? account.traffic() : [:]
                while let event = try monitor.next() {
                    account.note(event)
                    limits.observer(.event(event))
                }
                guard isDue else { continue }
                (nextLook, heapBefore) = (now + Self.interval, heap)
                for notice in account.enforce(traffic, heap: heap) { limits.observer(notice) }
                for notice in account.thin() { limits.observer(notice) }
            }
        }
    }

    /// Notes that a whole message was taken off the socket; `route` is a ROUTER's name for its sender.
    func take(_ wireBytes: Int, from descriptor: CInt, route: [UInt8], userID: [UInt8]) {
        account.take(wireBytes, from: descriptor, route, userID)
    }

    /// Notes that the peer at `route` may send so many bytes more than others.
    func expect(_ bytes: Int, from route: [UInt8]) { account.expect(bytes, from: route) }

    /// Cuts every connection whose last message came from `userID`.
    func cut(_ userID: [UInt8]) { account.cut { $0.userID == userID } }

    /// Cuts the connection of a peer by a ROUTER's name for it.
    func cut(route: [UInt8]) { account.cut { $0.route == route } }

    /// Cuts the connection with a descriptor.
    func cut(_ descriptor: CInt) { account.cut { $0.socket.descriptor == descriptor } }
}
