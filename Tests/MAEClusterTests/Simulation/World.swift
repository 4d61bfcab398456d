import MAEDomain

@testable import MAECluster

/// What the simulated machines share: chance, the weather, and the shards that are the end of whoever computes them.
struct World {
    var chance: SplitMix
    var weather: Weather
    var killers: Set<ShardID> = []
    /// Nodes that end their process at every shard, on purpose.
    var spoilers: Set<NodeID> = []
}
