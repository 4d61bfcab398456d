import Glibc
import Synchronization

/// Keeps the test process from opening more files, for a while; what is open stays so.
final class DescriptorLimit: Sendable {
    private struct State {
        var former: rlimit?
        var held: [CInt] = []

        /// Opens one more; false when there is none.
        mutating func take() -> Bool {
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return false }
            held.append(descriptor)
            return true
        }
    }

    private struct Failure: Error { let number: CInt }

    /// `poll` takes no more descriptors than a process may have, so the limit cannot be lower.
    private static let least: CInt = 64
    private static let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    private let state = Mutex(State())

    /// Takes all low numbers, so that what is opened from now on has higher ones.
    init() {
        state.withLock { state in while state.held.last ?? -1 < Self.least, state.take() {} }
    }

    deinit { restore() }

    /// No descriptor is given out, not even one that is closed.
    func refuseNew() throws { try state.withLock { try Self.set(rlim_t(Self.least), &$0) } }

    /// All descriptors are in use; one that is closed is given out again.
    func useUp() throws {
        try state.withLock { state in
            try Self.set(rlim_t(max(state.held.last ?? 0, Self.least)) + 512, &state)
            while state.take() {}
        }
    }

    /// Gives back what was taken.
    func restore() {
        state.withLock { state in
            for descriptor in state.held { close(descriptor) }
            state.held = []
            if var former = state.former { setrlimit(Self.files, &former) }
        }
    }

    private static func set(_ count: rlim_t, _ state: inout State) throws {
        var limit = rlimit()
        guard getrlimit(files, &limit) == 0 else { throw Failure(number: errno) }
        state.former = limit
        limit.rlim_cur = count
        guard setrlimit(files, &limit) == 0 else { throw Failure(number: errno) }
    }
}
