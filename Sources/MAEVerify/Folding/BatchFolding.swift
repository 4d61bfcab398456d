import MAEDomain

/// Takes the results of a run batch by batch, and keeps of a long run only what its judgement needs.
///
/// A batch stays whole while there is room, and when it shows what no batch before it did: a node by a method, results that relate
/// otherwise, or lie further apart. All others are compared, counted and let go, so that memory and reports don't grow with the run.
public struct BatchFolding: Sendable {
    private let plan: RunPlan
    private let limits: FoldingLimits
    /// Batches that stay whole whatever is in them.
    private let required: Set<Int>
    private var whole: [Observation] = []
    private var wholeBatches: Set<Int> = []
    private var highest = -1
    private var counted = CountedBatches()
    private var shares = FoldedShares()
    private var companies = Companies()
    private var comparer: PairComparer
    /// Results in batches that are whole, by what they are whole for.
    private var taken: [Reason: Int] = [:]
    private var kinds: Set<BatchRelations.Kind> = []
    private var furthest = BatchRelations.Distances()
    private var knownContexts: Set<Int64> = []

    /// Batches that were counted before all of their results were there: the results have to be taken again, with these required.
    public private(set) var torn: Set<Int> = []

    /// Kinds of batches that are remembered; more are not told apart.
    private static let mostKinds = 4096

    /// Takes nothing yet; `required` are batches that stay whole whatever is in them.
    public init(_ plan: RunPlan, requiring required: Set<Int> = [], limits: FoldingLimits = FoldingLimits()) {
        self.plan = plan
        self.required = required
        self.limits = limits
        comparer = PairComparer(tolerance: plan.tolerance)
    }

    /// Takes results of one batch.
    ///
    /// Batches come in ascending order; what comes of an earlier one is taken too where that is whole, and makes it ``torn`` otherwise.
    ///
    /// - Parameter contexts: for each result a number of all that it shares with others: results with equal numbers have the same node,
    ///   method, batch size, attempt, weights, configuration, mask ratio, findings of the reader and source of noise.
    public mutating func add(_ batch: [Observation], contexts: [Int64]) {
        guard let index = batch.first?.batch.index else { return }
        if plan.isFresh(index) {
            whole += batch
            return
        }
        let isLate = index <= highest
        highest = max(highest, index)
        if isLate, !wholeBatches.contains(index) {
            torn.insert(index)
            return
        }
        let places = zip(batch, contexts).map { shares.place(of: $0, context: $1) }
        for (observation, place) in zip(batch, places) where observation.attempt == 0 {
            shares.note(observation.seconds, at: place)
        }
        let mustStay =
            isLate || required.contains(index) || batch.contains { $0.attempt > 0 }
            || Set(places).count < places.count || places.contains { !shares.isWhole($0) }
        let isNews = !knownContexts.isSuperset(of: contexts)
        let relations = relations(batch, contexts)
        let hasRoom = isLate || hasRoom(for: batch.count, relations, isNews: isNews)
        guard mustStay || hasRoom else {
            return count(batch, contexts, places, relations, sign: 1)
        }
        if let relations {
            if kinds.count < Self.mostKinds { kinds.insert(relations.kind) }
            furthest.take(relations.distances)
        }
        keep(index, batch, contexts, places)
    }

    /// Whether the results of a batch are judged one by one.
    public func isWhole(_ batch: Int) -> Bool { wholeBatches.contains(batch) || plan.isFresh(batch) }

    /// Takes a batch that was counted back, with all of its results, to be judged one by one.
    public mutating func makeWhole(_ batch: [Observation], contexts: [Int64]) {
        guard let index = batch.first?.batch.index, index <= highest, !isWhole(index) else { return }
        let places = zip(batch, contexts).map { shares.place(of: $0, context: $1) }
        count(batch, contexts, places, relations(batch, contexts), sign: -1)
        keep(index, batch, contexts, places)
    }

    /// What is whole, and what is counted.
    public var results: RunResults {
        guard counted.batches > 0 else { return RunResults(whole: whole) }
        var counted = counted
        counted.shares = shares.counted
        counted.paces = shares.paces
        if plan.replicas != nil { counted.neighbors = companies.neighbors }
        return RunResults(whole: whole, counted: counted)
    }

    private mutating func keep(_ index: Int, _ batch: [Observation], _ contexts: [Int64], _ places: [Int]) {
        knownContexts.formUnion(contexts)
        for place in places { shares.setWhole(place) }
        wholeBatches.insert(index)
        whole += batch
    }

    /// How the results of a batch relate; nil where all are equal.
    private mutating func relations(_ batch: [Observation], _ contexts: [Int64]) -> BatchRelations? {
        companies.isAlike(batch, contexts) && Self.hasEqualBits(batch)
            ? nil : BatchRelations(batch, contexts, plan, &comparer)
    }

    /// Whether every two results are equal in all that is compared, and finite, where what they share is alike.
    private static func hasEqualBits(_ batch: [Observation]) -> Bool {
        guard let first = batch.first, first.hasFiniteOutput else { return false }
        return batch.dropFirst().allSatisfy { $0.digests == first.digests && $0.layers == first.layers }
    }

    private enum Reason { case agreeing, disagreeing, unlike, further }

    /// Takes room for a batch that stays whole; false where there is none.
    private mutating func hasRoom(for cells: Int, _ relations: BatchRelations?, isNews: Bool) -> Bool {
        let agrees = relations?.agrees ?? true
        if take(cells, agrees ? .agreeing : .disagreeing, agrees ? limits.agreeing : limits.disagreeing) { return true }
        let isUnlike = isNews || relations.map { !kinds.contains($0.kind) } ?? false
        if isUnlike, take(cells, .unlike, limits.unlike) { return true }
        // Apart from these: larger and larger differences of one kind leave room for another kind.
        return relations.map { furthest.isSurpassed(by: $0.distances) } ?? false
            && take(cells, .further, limits.further)
    }

    private mutating func take(_ cells: Int, _ reason: Reason, _ limit: Int) -> Bool {
        let now = taken[reason, default: 0] + cells
        guard now <= limit else { return false }
        taken[reason] = now
        return true
    }

    /// Counts a batch, or takes it out of the counts where `sign` is -1.
    private mutating func count(
        _ batch: [Observation], _ contexts: [Int64], _ places: [Int], _ relations: BatchRelations?, sign: Int
    ) {
        counted.batches += sign
        counted.results += sign * batch.count
        counted.pairs += sign * batch.count * (batch.count - 1) / 2
        if let relations {
            if !relations.agrees { counted.disagreeing += sign }
            counted.disagreeingPairs += sign * relations.disagreeingPairs
            counted.closePairs += sign * relations.closePairs
        }
        for (index, place) in places.enumerated() {
            shares.count(relations?.fares[index] ?? .identical, at: place, sign: sign)
        }
        if plan.replicas != nil { companies.note(batch, contexts) }
    }
}
