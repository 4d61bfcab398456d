import MAECompute
import MAETensor
import Synchronization

/// The tile of a device's linear layers: from the cache, or searched for when first a program is large enough to gain by it.
final class TileChoice: Sendable {
    private enum State {
        case open(TileSearch, TileCache?)
        case made(ProductTile)
    }

    private let usual: ProductTile
    private let state: Mutex<State>

    /// One tile, whatever the device.
    init(always tile: ProductTile) {
        usual = tile
        state = Mutex(.made(tile))
    }

    /// The choice that `policy` makes on the device of `pipelines`.
    init(_ policy: TilePolicy, on pipelines: PipelineStore) {
        let device = pipelines.device.physical
        usual = .usual(for: device)
        switch policy {
        // A processor gains little by another tile, and takes long to compile the larger ones.
        case .automatic where device.kind == .cpu: state = Mutex(.made(usual))
        case .automatic: state = Mutex(.open(TileSearch(on: pipelines), TileCache.ofUser()))
        case .measured(let cache, let limit): state = Mutex(.open(TileSearch(on: pipelines, limit: limit), cache))
        case .fixed(let tile): state = Mutex(.made(tile))
        }
    }

    /// The tile as far as it is known: the usual one until it is chosen.
    var current: ProductTile {
        state.withLock { state in
            guard case .made(let tile) = state else { return usual }
            return tile
        }
    }

    /// The tile for linear layers of so many multiply-adds, searched for if need be.
    ///
    /// - Throws: ``ComputeError`` when the device fails in the search.
    func tile(forWork work: Double) throws -> ProductTile {
        try state.withLock { state in
            switch state {
            case .made(let tile): return tile
            case .open(let search, let cache):
                guard work >= search.layer.work else { return usual }
                let tile = try search.choose(cache)
                state = .made(tile)
                return tile
            }
        }
    }
}

/// How the tile of linear layers is chosen; it changes no bit.
package enum TilePolicy: Sendable {
    /// By a search whose result is kept in the user's cache; on a device that is a processor, without one.
    case automatic
    /// By a search, tried tiles ending with `limit`, whose result is kept in a given cache.
    case measured(TileCache?, limit: Duration)
    /// Without a search.
    case fixed(ProductTile)
}

extension TileSearch {
    /// What the cache holds for this device, else the fastest tile, which is then stored.
    fileprivate func choose(_ cache: TileCache?) throws -> ProductTile {
        let fitting = ProductTile.candidates(for: device.limits)
        let key = cacheKey
        if let tile = cache?.tile(for: key, among: fitting), try works(tile) { return tile }
        let tile = try fastest(among: fitting)
        cache?.store(tile, for: key)
        return tile
    }
}

extension Program {
    /// Multiply-adds of all linear layers.
    var linearWork: Double {
        operations.reduce(0) { sum, operation in
            guard case .linear(let input, _, _, _, let output) = operation else { return sum }
            return sum + Double(self[input].columns) * Double(self[output].count)
        }
    }
}
