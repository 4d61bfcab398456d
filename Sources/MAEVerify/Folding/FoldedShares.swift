import MAEDomain

/// The counts of each node and method while batches are folded.
struct FoldedShares {
    private var places: [Int64: Int] = [:]
    private var names: [NodeMethod: Int] = [:]
    private var all: [CountedBatches.Share] = []
    /// Whether a batch that is whole has a result of the place.
    private var whole: [Bool] = []
    /// Seconds of each result of a node, by the node's number.
    private var seconds: [[Float]] = []
    private var nodes: [String: Int] = [:]
    private var nodeOfPlace: [Int] = []

    /// The number of the node and method of a result.
    mutating func place(of observation: Observation, context: Int64) -> Int {
        if let known = places[context] { return known }
        let name = NodeMethod(observation.node.name, observation.method.label)
        let place = names[name] ?? all.count
        if place == all.count {
            names[name] = place
            all.append(CountedBatches.Share(node: name.node, method: name.method))
            whole.append(false)
            let node = nodes[name.node] ?? seconds.count
            if node == seconds.count {
                nodes[name.node] = node
                seconds.append([])
            }
            nodeOfPlace.append(node)
        }
        places[context] = place
        return place
    }

    func isWhole(_ place: Int) -> Bool { whole[place] }

    mutating func setWhole(_ place: Int) { whole[place] = true }

    /// Notes how long a result took, whether its batch is whole or not.
    mutating func note(_ seconds: StageSeconds, at place: Int) {
        self.seconds[nodeOfPlace[place]].append(Float(seconds.total))
    }

    /// Counts a result, or takes it out of the counts where `sign` is -1.
    mutating func count(_ fare: BatchRelations.Fare, at place: Int, sign: Int) {
        all[place].results += sign
        switch fare {
        case .identical: break
        case .close(let square):
            all[place].close += sign
            all[place].squares = max(0, all[place].squares + Double(sign) * square)
        case .differs: all[place].differing += sign
        }
    }

    /// The shares that have results.
    var counted: [CountedBatches.Share] { all.filter { $0.results > 0 } }

    /// How quick each node was, by name.
    var paces: [NodePace] {
        NodePace.all(
            nodes.mapValues { number in seconds[number].map(Double.init) }, of: seconds.reduce(0) { $0 + $1.count })
    }
}
