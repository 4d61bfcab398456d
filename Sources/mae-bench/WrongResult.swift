/// A result that is not what it must be: nothing is timed then, since a fast wrong answer is worth nothing.
struct WrongResult: Error, CustomStringConvertible {
    /// What differs from what.
    let description: String

    init(_ description: String) { self.description = description }
}
