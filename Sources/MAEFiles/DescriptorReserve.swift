import Glibc
import Synchronization

/// Descriptors that are held back, so that files can be opened when all others are in use.
///
/// For work that must not fail because something else of the process has taken too many: strangers that connect, say. Another
/// thread may still take a released one first; then the work fails as it would have without a reserve.
public final class DescriptorReserve: Sendable {
    private let count: Int
    private let held = Mutex<[CInt]>([])

    /// Holds `count` descriptors, or as many as there are.
    public init(_ count: Int) {
        self.count = count
        fill()
    }

    deinit { release() }

    /// Calls `body` while the reserve is free to be used, and fills it again afterwards.
    public func whileReleased<Result>(_ body: () throws -> Result) rethrows -> Result {
        release()
        defer { fill() }
        return try body()
    }

    private func fill() {
        held.withLock { held in
            while held.count < count {
                let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
                guard descriptor >= 0 else { return }
                held.append(descriptor)
            }
        }
    }

    private func release() {
        held.withLock { held in
            for descriptor in held { close(descriptor) }
            held = []
        }
    }
}
