import CZeroMQ
import MAEThreads

/// The owner of libzmq's I/O threads, from which sockets are made; a process needs one.
///
/// Sockets keep their context alive; when the last of them and the last other reference are gone, it is terminated.
public final class Context: @unchecked Sendable {
    // Sendable: a libzmq context "is thread safe and may be shared among as many application threads as necessary,
    // without any additional locking" (zmq_ctx_new(3)); the pointer never changes.
    let handle: UnsafeMutableRawPointer
    let calls: Calls
    /// Threads for network traffic.
    let ioThreads: Int

    /// Starts a context with the given number of threads for network traffic.
    public convenience init(ioThreads: Int = 1) throws(ZeroMQError) {
        try self.init(ioThreads: ioThreads, failing: nil)
    }

    /// As ``init(ioThreads:)``; `failing` names the `errno` with which an operation of this context shall fail.
    package init(
        ioThreads: Int = 1, failing: (@Sendable (Operation) -> CInt?)?
    ) throws(ZeroMQError) {
        precondition(ioThreads >= 1 && ioThreads <= 64, "a socket can be bound to one of 64 threads")
        self.ioThreads = ioThreads
        calls = Calls(forcedFailure: failing)
        handle = try calls.pointer(.contextNew) { zmq_ctx_new() }
        let context = handle
        do {
            _ = try calls.run(.contextSet) { zmq_ctx_set(context, ZMQ_IO_THREADS, CInt(clamping: ioThreads)) }
            _ = try calls.run(.contextSet) { zmq_ctx_set(context, Self.zeroCopyReceive, 0) }
        } catch {
            zmq_ctx_term(context)
            throw error
        }
    }

    /// The option `ZMQ_ZERO_COPY_RECV`, which the header of libzmq shows only with the interfaces that may still change.
    ///
    /// It is turned off: a small frame would keep the buffer alive that it was received into, which is hundreds of times
    /// larger, so a peer that sends one small frame at a time could make us hold gigabytes.
    private static let zeroCopyReceive: CInt = 10

    /// How long the end waits for libzmq's own threads, which hand in what sockets still had to send within their linger.
    ///
    /// Such a thread also asks for the address of a host. Where the name server does not answer, that takes as long as the
    /// system tries, and longer than a container engine waits before it kills: then the thread is left to itself.
    private static let longestEnd = Duration.seconds(3)

    deinit {
        nonisolated(unsafe) let context = handle
        let end: @Sendable () -> Void = { while zmq_ctx_term(context) == -1 && zmq_errno() == EINTR {} }
        guard let ending = try? NamedThread("mae-zmq-end", end) else { return end() }
        _ = try? ending.join(orDetachAfter: Self.longestEnd)
    }
}
