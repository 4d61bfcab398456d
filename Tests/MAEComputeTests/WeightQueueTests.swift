import MAETensor
import Synchronization
import Testing

@testable import MAECompute

@Suite("Weights shared out to threads")
struct WeightQueueTests {
    private struct Failure: Error, Equatable {
        let number: Int
    }

    /// Reads what it is given and all that follows, and notes what it was asked to.
    private final class Origin: WeightOrigin {
        let delivered = Mutex<[String]>([])

        func deliver(_ first: WeightQueue.Delivery, of queue: WeightQueue) {
            var next: WeightQueue.Delivery? = first
            while let delivery = next {
                if delivery.weight.origin === self { delivered.withLock { $0.append(delivery.weight.name) } }
                queue.deliverWhole(delivery)
                next = queue.next()
            }
        }
    }

    @Test("the largest goes first, and an origin is left what follows, weights of others included")
    func order() throws {
        let origin = Origin(), taken = Mutex<[Int]>([])
        let weights = [3, 5, 1, 4].map { count in
            let tensor = Tensor(shape: [count], repeating: 1)
            return count == 4
                ? Weight(tensor)
                : Weight(shape: [count], name: "of \(count)", origin: origin) { try $0(tensor) }
        }
        let queue = WeightQueue(
            weights.map { ($0, { elements, first in taken.withLock { $0.append(elements.count + first) } }) },
            threadCount: 2)
        #expect(queue.elementCount == 13 && queue.largestCount == 5 && queue.threadCount == 2)
        queue.work()
        try queue.requireSuccess()
        #expect(taken.withLock { $0 } == [5, 4, 3, 1])
        #expect(origin.delivered.withLock { $0 } == ["of 5", "of 3", "of 1"])
        #expect(queue.next() == nil)
    }

    @Test("of several failures the one of the earliest weight is thrown, and the others are read")
    func failures() throws {
        let taken = Mutex(0)
        let weights = (0..<5).map { number in
            Weight(shape: [number + 1]) { body in
                if number % 2 == 1 { throw Failure(number: number) }
                try body(Tensor(shape: [number + 1], repeating: 0))
            }
        }
        let queue = WeightQueue(
            weights.map { ($0, { elements, _ in taken.withLock { $0 += elements.count } }) }, threadCount: 1)
        queue.work()
        let error = #expect(throws: Failure.self) { try queue.requireSuccess() }
        #expect(error == Failure(number: 1))
        #expect(taken.withLock { $0 } == 1 + 3 + 5)
    }
}
