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
    /// Runs that confirm what few turns of a large machine showed.
    private static let confirmations = 2

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
        if round == 1 {
            let odd = Set(done.filter { $0.digests != expected }.compactMap(\.processor))
            for processor in odd.sorted().prefix((Examination.repetitionLimit - done.count) / Self.confirmations) {
                for _ in 0..<Self.confirmations { try runOnce(processor) }
            }
        }
        return done
    }
}
