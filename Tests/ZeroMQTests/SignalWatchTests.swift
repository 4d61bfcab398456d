import Glibc
import TestSupport
import Testing

@testable import ZeroMQ

@Suite("Signals that are watched", .serialized)
struct SignalWatchTests {
    /// Whether a signal has its usual effect, which for this one is the end of the process.
    private var isDeadly: Bool {
        var action = sigaction()
        sigaction(SIGUSR1, nil, &action)
        return action.__sigaction_handler.sa_handler == nil
    }

    @Test(
        "the first one after the outcome is known passes, whether it came before or not, and a second would end the process"
    )
    func first() async throws {
        for comesEarly in [true, false] {
            try await onThread {
                let signals = try SignalWatch([SIGUSR1])
                if comesEarly { raise(SIGUSR1) }
                signals.releaseAfterFirst()
                #expect(signals.hasComeLate == comesEarly)
                if !comesEarly {
                    #expect(!isDeadly)
                    raise(SIGUSR1)
                }
                #expect(isDeadly && signals.hasComeLate)
            }
        }
    }

    @Test("signals that were released are caught again")
    func hold() async throws {
        try await onThread {
            let signals = try SignalWatch([SIGUSR1])
            signals.release()
            signals.hold()
            raise(SIGUSR1)
            #expect(signals.take() == SIGUSR1)
            #expect(signals.take() == nil)
        }
    }
}
