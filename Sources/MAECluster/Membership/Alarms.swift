import HeapModule

/// When to look at which node next.
///
/// Each node has one instant at which something may be due; most are moved on before they come. So an alarm may ring early,
/// never late, and what is put off costs nothing until it rings.
@usableFromInline
struct Alarms: Sendable {
    private struct Alarm: Sendable, Comparable {
        let instant: Instant
        let number: NodeNumber

        static func < (left: Alarm, right: Alarm) -> Bool {
            (left.instant, left.number) < (right.instant, right.number)
        }
    }

    private var heap = Heap<Alarm>()
    private var earliest: [NodeNumber: Instant] = [:]

    /// How many are set, those included that have nothing to say.
    var count: Int { heap.count }

    /// The next instant at which one rings.
    @usableFromInline
    var next: Instant? { heap.min?.instant }

    /// Whether one rings for `number` at `instant` or before.
    func rings(for number: NodeNumber, by instant: Instant) -> Bool {
        earliest[number].map { $0 <= instant } ?? false
    }

    /// Rings for `number` at `instant` at the latest.
    mutating func set(_ number: NodeNumber, at instant: Instant) {
        if let earlier = earliest[number], earlier <= instant { return }
        earliest[number] = instant
        heap.insert(Alarm(instant: instant, number: number))
    }

    /// Takes one off that rings at `now`.
    @usableFromInline
    mutating func take(_ now: Instant) -> NodeNumber? {
        while let first = heap.min, first.instant <= now {
            _ = heap.popMin()
            // One that was set before an earlier one of the same node has nothing to say.
            guard earliest[first.number] == first.instant else { continue }
            earliest[first.number] = nil
            return first.number
        }
        return nil
    }
}
