import MAECheckpoint
import MAECompute
import MAETensor

extension ModelCheckpoint {
    /// The parameter `name` for a backend to read alone: verified, digested and handed over in one go.
    ///
    /// `name` is a parameter of ``layout``.
    package func weight(_ name: String) -> Weight {
        Weight(shape: shape(of: name)) { body in try read(name, body) }
    }

    fileprivate func shape(of name: String) -> [Int] {
        guard let shape = tensors[name]?.shape else {
            preconditionFailure("\(name) is bound, but is no parameter of the checkpoint's layout")
        }
        return shape
    }
}

/// The parameters of a checkpoint for a backend that reads all of them: verified, digested and handed over in one go, several at
/// a time and piece after piece where the backend lets them.
package final class CheckpointWeights: WeightOrigin {
    private let checkpoint: ModelCheckpoint
    private let whenRead: @Sendable (_ name: String, _ count: Int) -> Void

    /// The parameters of `checkpoint`; `whenRead` is called with the name and the number of elements of each, when it was handed over.
    package init(
        _ checkpoint: ModelCheckpoint,
        whenRead: @escaping @Sendable (_ name: String, _ count: Int) -> Void = { _, _ in }
    ) {
        self.checkpoint = checkpoint
        self.whenRead = whenRead
    }

    /// The parameter `name`, which is one of the checkpoint's layout.
    package func weight(_ name: String) -> Weight {
        Weight(shape: checkpoint.shape(of: name), name: name, origin: self) { [checkpoint, whenRead] body in
            try checkpoint.read(name) { tensor in
                try body(tensor)
                whenRead(name, tensor.count)
            }
        }
    }

    package func deliver(_ first: WeightQueue.Delivery, of queue: WeightQueue) {
        var first: WeightQueue.Delivery? = first
        checkpoint.readInPieces(lanes: Self.lanes(for: queue)) {
            while let delivery = first.take() ?? queue.next() {
                guard delivery.weight.origin === self else {
                    queue.deliverWhole(delivery)
                    continue
                }
                return PieceDelivery(name: delivery.weight.name, take: delivery.take) { [whenRead] error in
                    if let error {
                        queue.fail(delivery, error)
                    } else {
                        whenRead(delivery.weight.name, delivery.weight.count)
                    }
                }
            }
            return nil
        }
    }

    /// Parameters that a thread reads at a time.
    ///
    /// All lanes together take half the time for as many bytes, but each for itself is slower: where a thread's share is little
    /// more than the largest parameter, that one would be waited for.
    private static func lanes(for queue: WeightQueue) -> Int {
        let lanes = SHA256Lanes.best
        return lanes * queue.largestCount < 2 * queue.elementCount / queue.threadCount ? lanes : 1
    }
}
