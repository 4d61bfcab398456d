import Testing

@testable import MAECluster

@Suite("Coverings")
struct CoveringTests {
    static let sizes: [(nodes: Int, replicas: Int)] = (2...40).flatMap { nodes in
        (2...6).filter { $0 <= nodes }.map { (nodes, $0) }
    }

    @Test("with enough batches every two nodes meet, and with one fewer they do not")
    func everyPairMeets() throws {
        for (nodes, replicas) in Self.sizes {
            let enough = try #require(PairCoverage.batchesForAllPairs(nodes: nodes, replicas: replicas))
            let covering = PairCoverage(nodes: nodes, replicas: replicas, batches: enough)
            #expect(pairs(covering, enough).count == nodes * (nodes - 1) / 2, "\(replicas) of \(nodes)")
            #expect(pairs(covering, enough - 1).count < nodes * (nodes - 1) / 2, "\(replicas) of \(nodes)")
        }
    }

    @Test("a covering takes little more than twice the batches that any must have")
    func economy() throws {
        for (nodes, replicas) in Self.sizes {
            // Schönheim's bound.
            func up(_ a: Int, _ b: Int) -> Int { (a + b - 1) / b }
            let least = up(nodes * up(nodes - 1, replicas - 1), replicas)
            let enough = try #require(PairCoverage.batchesForAllPairs(nodes: nodes, replicas: replicas))
            #expect(enough >= least)
            #expect(10 * enough <= 21 * least, "\(replicas) of \(nodes): \(enough), where \(least) are needed at least")
        }
    }

    @Test("whatever the number of batches, no node runs many more than another, and none runs one twice")
    func balance() {
        for (nodes, replicas) in Self.sizes {
            let covering = PairCoverage(nodes: nodes, replicas: replicas, batches: 400)
            var load = Array(repeating: 0, count: nodes)
            let most = replicas == 2 && nodes % 2 == 1 ? 2 : 1
            var worst = 0
            for batch in 0..<400 {
                let block = covering[batch]
                #expect(Set(block).count == min(replicas, nodes))
                for node in block { load[node] += 1 }
                worst = max(worst, (load.max() ?? 0) - (load.min() ?? 0))
            }
            #expect(worst <= most, "\(replicas) of \(nodes)")
        }
    }

    @Test("as soon as a chain can tie all nodes together, one does")
    func chain() throws {
        for (nodes, replicas) in Self.sizes {
            let enough = try #require(PairCoverage.batchesForChain(nodes: nodes, replicas: replicas))
            let covering = PairCoverage(nodes: nodes, replicas: replicas, batches: enough)
            #expect(isConnected(covering, enough), "\(replicas) of \(nodes)")
            #expect(enough == 1 || !isConnected(covering, enough - 1), "\(replicas) of \(nodes)")
        }
    }

    @Test("the same batches go to the same nodes, however many come after them")
    func prefix() {
        for (nodes, replicas) in Self.sizes {
            let short = PairCoverage(nodes: nodes, replicas: replicas, batches: 7)
            let long = PairCoverage(nodes: nodes, replicas: replicas, batches: 700)
            #expect((0..<7).allSatisfy { short[$0] == long[$0] })
        }
    }

    private func pairs(_ covering: PairCoverage, _ batches: Int) -> Set<[Int]> {
        var pairs: Set<[Int]> = []
        for batch in 0..<batches {
            let block = covering[batch]
            for left in block { for right in block where left < right { pairs.insert([left, right]) } }
        }
        return pairs
    }

    private func isConnected(_ covering: PairCoverage, _ batches: Int) -> Bool {
        var reached: Set<Int> = [0]
        var before = 0
        while before < reached.count {
            before = reached.count
            for batch in 0..<batches where !reached.isDisjoint(with: covering[batch]) {
                reached.formUnion(covering[batch])
            }
        }
        return reached.count == covering.nodes
    }
}
