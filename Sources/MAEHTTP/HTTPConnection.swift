import Glibc

/// One connection of a client: at any time it waits for a request, sends an answer, or waits for the client to go.
///
/// It belongs to the thread of the server. Nothing is read while an answer is being sent, so a client that asks faster than it
/// reads waits itself.
final class HTTPConnection {
    private enum Phase {
        case receiving, sending, draining
    }

    /// What all connections of a server have in common.
    struct Manner {
        let limits: HTTPLimits
        /// Whether only this machine is served.
        let isLoopback: Bool
        let answer: @Sendable (HTTPRequest) -> HTTPResponse
    }

    let descriptor: CInt
    private let manner: Manner
    private var phase = Phase.receiving
    /// When the phase ends by itself, and with it the connection.
    private(set) var deadline: ContinuousClock.Instant
    /// Since when a request is waited for.
    private var waitingSince: ContinuousClock.Instant

    /// What was received and belongs to no request that was answered, at most the bytes of a head.
    private var received: [UInt8] = []
    private var searched = 0
    /// Whether the client sends no more.
    private var hasInputEnded = false
    private var drained = 0
    /// The head of the answer, and its body unless only the head is wanted; bytes of both that were sent.
    private var output: (head: [UInt8], body: [UInt8], sent: Int) = ([], [], 0)
    /// Whether the connection goes on after the answer.
    private var staysOpen = true

    /// Takes over a connection that was accepted at `now`, and does not wait.
    init(_ descriptor: CInt, _ manner: Manner, now: ContinuousClock.Instant) {
        self.descriptor = descriptor
        self.manner = manner
        waitingSince = now
        deadline = now + manner.limits.requestTime
    }

    deinit {
        // A process that was started meanwhile may hold the descriptor too: closing alone would not tell the client.
        shutdown(descriptor, CInt(SHUT_RDWR))
        close(descriptor)
    }

    /// What `poll` is to wait for.
    var events: Int16 { Int16(phase == .sending ? POLLOUT : POLLIN) }

    /// When it gives way to a new connection; nil while an answer is being sent.
    var givesWay: ContinuousClock.Instant? { phase == .sending ? nil : waitingSince + manner.limits.patience }

    /// Goes on as far as the client lets it without waiting.
    ///
    /// - Returns: whether the connection goes on.
    func proceed(now: ContinuousClock.Instant) -> Bool {
        guard now < deadline else { return false }
        return switch phase {
        case .receiving: receive(now: now)
        case .sending: send(now: now)
        case .draining: drain()
        }
    }

    private func receive(now: ContinuousClock.Instant) -> Bool {
        switch take(atMost: manner.limits.headBytes - received.count) {
        case .nothing: return true
        case .failed: return false
        case .ended: hasInputEnded = true
        case .bytes(let bytes): received += bytes
        }
        return answerNext(now: now)
    }

    /// Answers the first request that was received, and those behind it as far as the client takes the answers.
    private func answerNext(now: ContinuousClock.Instant) -> Bool {
        let limits = manner.limits
        switch HTTPInput(received, searched: searched, limit: limits.headBytes, isLoopback: manner.isLoopback) {
        case .incomplete:
            searched = received.count
            return !hasInputEnded
        case .request(let request, let length):
            received.removeFirst(length)
            begin(manner.answer(request), isHead: request.isHead, staysOpen: request.keepsConnection, now: now)
        case .refused(let response):
            received = []
            begin(response, isHead: false, staysOpen: false, now: now)
        }
        searched = 0
        return send(now: now)
    }

    private func begin(_ response: HTTPResponse, isHead: Bool, staysOpen: Bool, now: ContinuousClock.Instant) {
        phase = .sending
        deadline = now + manner.limits.answerTime
        self.staysOpen = staysOpen
        output = (
            head: response.head(keepsConnection: staysOpen, at: time(nil)), body: isHead ? [] : response.body, sent: 0
        )
    }

    private func send(now: ContinuousClock.Instant) -> Bool {
        let total = output.head.count + output.body.count
        while output.sent < total {
            let inHead = output.sent < output.head.count
            let part = inHead ? output.head : output.body
            let start = inHead ? output.sent : output.sent - output.head.count
            let count = part.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
                // A client that is gone is an error of this call, and no signal.
                return Glibc.send(descriptor, rest.baseAddress, rest.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return errno == EAGAIN || errno == EINTR }
            output.sent += count
        }
        output = ([], [], 0)
        waitingSince = now
        guard staysOpen else {
            // Closing with bytes unread would reset the connection, and the client might never see the answer.
            phase = .draining
            deadline = now + manner.limits.drainTime
            return !hasInputEnded && shutdown(descriptor, CInt(SHUT_WR)) == 0
        }
        phase = .receiving
        deadline = now + manner.limits.requestTime
        return received.isEmpty ? !hasInputEnded : answerNext(now: now)
    }

    private func drain() -> Bool {
        switch take(atMost: 4096) {
        case .nothing: return true
        case .failed, .ended: return false
        case .bytes(let bytes):
            drained += bytes.count
            return drained < manner.limits.drainBytes
        }
    }

    private enum Taken {
        case nothing, failed, ended
        case bytes([UInt8])
    }

    /// What the client has sent, without waiting.
    private func take(atMost count: Int) -> Taken {
        var bytes = [UInt8](repeating: 0, count: count)
        let taken = recv(descriptor, &bytes, count, 0)
        if taken > 0 { return .bytes(Array(bytes.prefix(taken))) }
        if taken == 0 { return .ended }
        return errno == EAGAIN || errno == EINTR ? .nothing : .failed
    }
}
