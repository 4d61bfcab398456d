import MAECPU
import MAEDomain
import MAETensor

/// Runs of one pass, half of them as always and half of them bound to one processor each.
///
/// A fault that comes in each n-th run must not look like that of a processor: each processor has several turns, in another order
/// each time.
struct Repetitions {
    private let count: Int
    private let expected: [SHA256Digest]
    /// Those that runs are bound to; empty where none can be.
    private let processors: [Int]

    /// Rounds over all processors.
    private static let rounds = 3
    /// Processors of a larger machine that have a turn, evenly spread.
    private static let mostProcessors = 48
    /// No further round begins after this time: bound runs take as long as one thread does.
    private static let roundsBegin = Duration.seconds(60)
    /// Further turns of processors that seem to part in right and wrong ones.
    private static let confirmations = 5
    /// Processors of each kind that have further turns.
    private static let mostSuspects = 4

    init(_ examination: Examination, bindsRuns: Bool) {
        count = examination.repetitions
        expected = examination.expected
        let all = bindsRuns ? Processor.allowedNumbers : []
        let turns = min(all.count, Self.mostProcessors)
        processors = (0..<turns).map { all[$0 * all.count / turns] }
    }

    /// Carries them out; `run` gives the digests after the operations of a run on a processor, or on all.
    func run(_ run: (_ processor: Int?) throws -> [SHA256Digest]) rethrows -> [PassRepetition] {
        guard count > 0 else { return [] }
        var done: [PassRepetition] = []
        func runOnce(_ processor: Int?) throws {
            done.append(PassRepetition(processor: processor, digests: try run(processor)))
        }
        let free = processors.isEmpty ? count : (count + 1) / 2
        for _ in 0..<free { try runOnce(nil) }
        guard !processors.isEmpty else { return done }
        let start = ContinuousClock.now
        var round = 0
        while done.count < count || round < Self.rounds && start.duration(to: .now) < Self.roundsBegin {
            guard done.count + processors.count <= Examination.repetitionLimit else { break }
            for processor in processors.shuffled() { try runOnce(processor) }
            round += 1
        }
        // Some processors wrong each time and others never: chance must not look like that.
        let suspicious = suspicious(done)
        for _ in 0..<Self.confirmations where done.count + suspicious.count <= Examination.repetitionLimit {
            for processor in suspicious.shuffled() { try runOnce(processor) }
        }
        return done
    }

    /// The processors that were wrong each time, with some that never were; empty where runs do not part by processors.
    private func suspicious(_ done: [PassRepetition]) -> [Int] {
        let turns = Dictionary(grouping: done.filter { $0.processor != nil }) { $0.processor ?? 0 }
        let wrong = turns.mapValues { runs in runs.count { $0.digests != expected } }
        let odd = turns.keys.filter { wrong[$0, default: 0] == turns[$0, default: []].count }.sorted()
        let even = turns.keys.filter { wrong[$0, default: 0] == 0 }.sorted()
        guard !odd.isEmpty, !even.isEmpty, odd.count + even.count == turns.count else { return [] }
        return Array((odd.prefix(Self.mostSuspects) + even.prefix(Self.mostSuspects)))
    }
}
