import MAEDomain

/// How long the jobs of each method take, from the last of them.
struct LatencyEstimator: Sendable {
    /// What is known of a method.
    private struct Method: Sendable {
        /// Of all nodes together: who does more has more to say.
        var all = DurationSample(capacity: 100)
        /// Of each node, as many as tell how fast it is.
        var nodes: [NodeNumber: DurationSample] = [:]
        /// The middle durations of the nodes, in order of length.
        var medians: [Duration] = []

        mutating func record(_ duration: Duration, of node: NodeNumber) {
            all.add(duration)
            let former = nodes[node]?.median
            nodes[node, default: DurationSample(capacity: 15)].add(duration)
            guard let median = nodes[node]?.median, median != former else { return }
            if let former { medians.remove(at: medians.index(notBelow: former)) }
            medians.insert(median, at: medians.index(notBelow: median))
        }
    }

    /// Fewer durations than this are no basis for an estimate.
    private static let leastSamples = 10

    /// By the number of the method.
    private var methods: [Method] = []

    /// Records how long a job of a method took on a node; returns whether there are enough durations from now on.
    mutating func record(_ duration: Duration, method: Int, node: NodeNumber) -> Bool {
        while methods.count <= method { methods.append(Method()) }
        methods[method].record(duration, of: node)
        return methods[method].all.count == Self.leastSamples
    }

    /// What a job of a method usually takes; nil while there are not enough durations.
    func median(method: Int) -> Duration? { sufficient(method)?.median }

    /// What a job of a method takes on the middle node, or on the longer of the two in the middle: enough to tell what is far too
    /// long for `node`.
    ///
    /// Nil while fewer than two nodes have ended any. How fast the only one is says nothing of the others, but of itself.
    func roughMedian(method: Int, node: NodeNumber?) -> Duration? {
        guard method < methods.count, methods[method].all.count >= 2 else { return nil }
        let nodes = methods[method].medians.count
        guard nodes >= 2 || node.map({ methods[method].nodes[$0] != nil }) ?? false else { return nil }
        return methods[method].medians[nodes / 2]
    }

    /// Twice the median or the 95th percentile, whichever is longer; nil while there are not enough durations.
    func stragglerLimit(method: Int) -> Duration? {
        guard let ordered = sufficient(method)?.ordered else { return nil }
        return max(ordered[ordered.count / 2] * 2, ordered[ordered.count * 95 / 100])
    }

    private func sufficient(_ method: Int) -> DurationSample? {
        guard method < methods.count, methods[method].all.count >= Self.leastSamples else { return nil }
        return methods[method].all
    }
}
