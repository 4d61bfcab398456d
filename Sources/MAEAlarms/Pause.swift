import Glibc

/// A pause between two tries.
enum Pause {
    private static let step = Duration.milliseconds(50)

    /// Waits for `length`; false as soon as `isHasty` says that there is no time for another try.
    static func take(_ length: Duration, unless isHasty: () -> Bool) -> Bool {
        let end = ContinuousClock.now + length
        while !isHasty() {
            let left = end - .now
            guard left > .zero else { return true }
            usleep(useconds_t(min(left, step) / .microseconds(1)))
        }
        return false
    }
}
