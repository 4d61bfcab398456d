import MAETensor
import Synchronization

/// The weights that a backend takes over, shared out to its threads: each thread takes the largest that is left.
public final class WeightQueue: Sendable {
    /// A weight, and who takes its elements.
    public struct Delivery: Sendable {
        /// The weight.
        public let weight: Weight
        /// Takes elements from the one at `first` on, which it must copy.
        ///
        /// They are whole rows of the first dimension, each once, in ascending order, handed over by one thread.
        public let take: @Sendable (_ elements: UnsafeBufferPointer<Float>, _ first: Int) -> Void
        /// Position in what the queue was made of.
        fileprivate let place: Int
    }

    /// Threads that share the deliveries.
    public let threadCount: Int
    /// Elements of all weights, and of the largest.
    public let elementCount: Int, largestCount: Int
    /// The largest first: then no thread is left with one when the others are done.
    private let deliveries: [Delivery]
    private let taken = Atomic<Int>(0)
    private let failures = Mutex<[Int: any Error]>([:])

    /// A queue of `weights`, each with who takes it (``Delivery/take``), for so many threads.
    public init(
        _ weights: [(weight: Weight, take: @Sendable (_ elements: UnsafeBufferPointer<Float>, _ first: Int) -> Void)],
        threadCount: Int
    ) {
        self.threadCount = threadCount
        elementCount = weights.reduce(0) { $0 + $1.weight.count }
        deliveries = weights.enumerated().map { Delivery(weight: $1.weight, take: $1.take, place: $0) }
            .sorted { ($1.weight.count, $0.place) < ($0.weight.count, $1.place) }
        largestCount = deliveries.first?.weight.count ?? 0
    }

    /// The next delivery that no thread has taken; nil when all are.
    ///
    /// The caller carries it out, or says why not with ``fail(_:_:)``.
    public func next() -> Delivery? {
        let index = taken.add(1, ordering: .relaxed).oldValue
        return index < deliveries.count ? deliveries[index] : nil
    }

    /// Notes that a delivery failed.
    public func fail(_ delivery: Delivery, _ error: any Error) { failures.withLock { $0[delivery.place] = error } }

    /// Carries out deliveries on the calling thread until none is left: its share, where other threads do the same.
    public func work() {
        while let delivery = next() {
            if let origin = delivery.weight.origin {
                origin.deliver(delivery, of: self)
            } else {
                deliverWhole(delivery)
            }
        }
    }

    /// Carries out one delivery with all elements in one piece.
    public func deliverWhole(_ delivery: Delivery) {
        do {
            try delivery.weight.read { tensor in tensor.withUnsafeElements { delivery.take($0, 0) } }
        } catch {
            fail(delivery, error)
        }
    }

    /// Throws the error of the earliest weight that failed, by its place in what the queue was made of; all threads are done.
    public func requireSuccess() throws {
        if let first = failures.withLock({ $0.min { $0.key < $1.key } }) { throw first.value }
    }
}

/// Where weights come from that are best read several at a time.
public protocol WeightOrigin: AnyObject, Sendable {
    /// Carries out `first`, whose weight is of this origin, and whatever else it takes from `queue`, on the calling thread.
    ///
    /// Deliveries of weights of another origin go to ``WeightQueue/deliverWhole(_:)``.
    func deliver(_ first: WeightQueue.Delivery, of queue: WeightQueue)
}
