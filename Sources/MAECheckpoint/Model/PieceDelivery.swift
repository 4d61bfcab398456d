/// A parameter that is read piece after piece, and who takes it.
package struct PieceDelivery {
    /// The canonical name.
    let name: String
    /// Takes fp32 elements from the one at `first` on; they are gone when it returns.
    ///
    /// They are whole rows of the first dimension, each once, in ascending order.
    let take: (_ elements: UnsafeBufferPointer<Float>, _ first: Int) -> Void
    /// Called once when all has been taken, or with what made that impossible.
    let end: ((any Error)?) -> Void

    /// The delivery of the parameter `name`.
    package init(
        name: String, take: @escaping (_ elements: UnsafeBufferPointer<Float>, _ first: Int) -> Void,
        end: @escaping ((any Error)?) -> Void
    ) {
        self.name = name
        self.take = take
        self.end = end
    }
}
