import Glibc
import Testing
import ZeroMQ

@testable import MAERun

@Suite("Steps that a signal ends", .serialized)
struct InterruptibleStepsTests {
    private struct Failure: Error {}

    /// What a step told, on the thread that waits for it.
    private final class Told {
        var steps: [RunStep] = []
        var signsOfLife = 0
        var endings = 0

        func tell(_ event: VerificationEvent) {
            switch event {
            case .step(let step): steps.append(step)
            case .alive: signsOfLife += 1
            case .stepEnded: endings += 1
            default: Issue.record("\(event)")
            }
        }
    }

    @Test("what a step returns, throws and shows comes through, with signs of life meanwhile")
    func ends() throws {
        let signals = try SignalWatch([SIGUSR1])
        defer { signals.release() }
        let told = Told()
        let steps = InterruptibleSteps(signals: signals, tell: told.tell)
        let ending = try steps.run("mae-test") { step in
            step.show("adding:", 1, of: 2)
            usleep(200_000)
            return 7
        }
        #expect(ending.value == 7)
        #expect(told.steps == [RunStep(text: "adding:", share: .init(done: 1, total: 2))])
        #expect(told.signsOfLife > 0 && told.endings == 1)
        #expect(throws: Failure.self) { try steps.run("mae-test") { _ -> Int in throw Failure() } }
        #expect(told.endings == 2)
    }

    @Test("a signal ends it at once, and the step is asked to stop")
    func interrupted() throws {
        // The signal is this thread's own, so that no other one has to block it.
        let signals = try SignalWatch([SIGUSR1])
        defer { signals.release() }
        raise(SIGUSR1)
        let ending = try InterruptibleSteps(signals: signals, tell: { _ in }).run("mae-test") { step in
            while !step.isCancelled { usleep(1000) }
            return 7
        }
        guard case .interrupted(SIGUSR1) = ending else {
            Issue.record("\(ending)")
            return
        }
    }
}
