import Foundation
import Synchronization
import ZeroMQ

/// Work of moments or of minutes that a signal ends at once.
///
/// It goes on a thread of its own. A signal does not wait for it: it is told to stop, and left behind by a program that is
/// about to end. So it must change nothing that lasts.
enum InterruptibleWork {
    private static let interval = 0.05

    /// The state that both threads look at.
    private final class Work<Value: Sendable>: Sendable {
        let isCancelled = Mutex(false)
        let result = Mutex<Result<Value, any Error>?>(nil)
        let end = DispatchSemaphore(value: 0)
    }

    /// What `work` returns, while `renew` is called several times a second; nil when a signal came first.
    static func run<Value: Sendable>(
        until signals: SignalWatch, renew: () -> Void,
        _ work: @escaping @Sendable (_ isCancelled: @escaping @Sendable () -> Bool) throws -> Value
    ) throws -> Value? {
        let shared = Work<Value>()
        DispatchQueue.global().async {
            let result = Result { try work { shared.isCancelled.withLock { $0 } } }
            shared.result.withLock { $0 = result }
            shared.end.signal()
        }
        while shared.end.wait(timeout: .now() + interval) == .timedOut {
            renew()
            guard signals.take() == nil else {
                shared.isCancelled.withLock { $0 = true }
                return nil
            }
        }
        return try shared.result.withLock { $0 }?.get()
    }
}
