/// What reading one pickle may cost, whatever its bytes say.
///
/// A pickle of a model has some thousand objects. The limits leave room for the largest training checkpoints and keep a
/// hostile file within a few gigabytes of memory and a minute of time.
package struct PickleBudget: Sendable {
    /// Objects made.
    package var objects = 1 << 22
    /// Elements put on the stack, into containers and into the memo.
    package var elements = 1 << 24
    /// Bytes of text, of byte strings and of dictionary keys.
    package var bytes = 1 << 28

    package init() {}

    /// Takes `amount` from one of the limits; false when it is used up.
    mutating func take(_ amount: Int, from limit: WritableKeyPath<PickleBudget, Int>) -> Bool {
        guard amount <= self[keyPath: limit] else { return false }
        self[keyPath: limit] -= amount
        return true
    }
}
