import Glibc
import Synchronization
import Testing
import ZeroMQ

@testable import mae_coord

@Suite("Work that a signal ends", .serialized)
struct InterruptibleWorkTests {
    private struct Failure: Error {}

    private final class Renewals: Sendable {
        let count = Atomic(0)
    }

    @Test("what it returns or throws comes through, and the sign of life is renewed meanwhile")
    func ends() throws {
        let signals = try SignalWatch([SIGUSR1])
        defer { signals.release() }
        let renewals = Renewals()
        let value = try InterruptibleWork.run(until: signals, renew: { renewals.count.add(1, ordering: .relaxed) }) {
            _ in
            while renewals.count.load(ordering: .relaxed) < 2 { usleep(1000) }
            return 7
        }
        #expect(value == 7)
        #expect(throws: Failure.self) {
            try InterruptibleWork.run(until: signals, renew: {}) { _ -> Int in throw Failure() }
        }
    }

    @Test("a signal ends it at once: the work is told to stop, and nobody waits for it")
    func interrupted() throws {
        // The signal is this thread's own, so that no other one has to block it.
        let signals = try SignalWatch([SIGUSR1])
        defer { signals.release() }
        raise(SIGUSR1)
        let value = try InterruptibleWork.run(until: signals, renew: {}) { isCancelled in
            while !isCancelled() { usleep(1000) }
            return 7
        }
        #expect(value == nil)
    }
}
