import CMAEThreads
import Glibc
import Synchronization

/// A loop whose iterations are shared out among threads, which are joined before it returns.
public enum ParallelLoop {
    /// Processors that the calling thread may run on.
    public static var processorCount: Int {
        var set = cpu_set_t()
        guard mae_get_affinity(&set) else {
            return max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        }
        return max(1, withUnsafeBytes(of: set) { bytes in bytes.reduce(0) { $0 + $1.nonzeroBitCount } })
    }

    /// Calls `body` once for each number below `count`, on at most `threads` threads, of which the caller's is one.
    ///
    /// The others are called `name`. Where the system grants fewer of them, those there are do all the work.
    public static func run(
        _ name: String, count: Int, threads: Int = processorCount, _ body: @Sendable (Int) -> Void
    ) {
        // Each thread is joined before `body` ends, and none keeps it.
        withoutActuallyEscaping(body) { body in
            let iterations = Iterations(count: count, body)
            var helpers: [NamedThread] = []
            while helpers.count < min(threads, count) - 1, let helper = try? NamedThread(name, { iterations.take() }) {
                helpers.append(helper)
            }
            iterations.take()
            // Iterations throw nothing.
            for helper in helpers { try? helper.join() }
        }
    }

    private final class Iterations: Sendable {
        private let next = Atomic(0)
        private let count: Int
        private let body: @Sendable (Int) -> Void

        init(count: Int, _ body: @escaping @Sendable (Int) -> Void) {
            self.count = count
            self.body = body
        }

        /// Calls the body with numbers that no other thread has taken, until none is left.
        func take() {
            while true {
                let number = next.add(1, ordering: .relaxed).oldValue
                guard number < count else { return }
                body(number)
            }
        }
    }
}
