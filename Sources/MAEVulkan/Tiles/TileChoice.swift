import MAECompute
import MAETensor
import Synchronization

/// The tile of a device's linear layers: from the cache, or searched for when first a program is large enough to gain by it.
final class TileChoice: Sendable {
    private struct State {
        /// The tile that was chosen; nil until then.
        var tile: ProductTile?
        /// What it was seen to compute with the default tile's bits.
        var checked: Set<LinearFinish> = []
        /// What chooses it; nil when nothing is left to choose.
        var choosing: (search: TileSearch, cache: TileCache?)?
    }

    private let defaultTile: ProductTile
    private let state: Mutex<State>

    /// One tile, whatever the device.
    init(always tile: ProductTile) {
        defaultTile = tile
        state = Mutex(State(tile: tile))
    }

    /// The choice that `policy` makes on the device of `pipelines`.
    init(_ policy: TilePolicy, on pipelines: PipelineStore) {
        let device = pipelines.device.physical
        defaultTile = .defaultTile(for: device)
        switch policy {
        // A processor gains little by another tile, and takes long to compile the larger ones.
        case .automatic where device.kind == .cpu: state = Mutex(State(tile: defaultTile))
        case .automatic: state = Mutex(State(choosing: (TileSearch(on: pipelines), TileCache.ofUser())))
        case .measured(let cache, let limit):
            state = Mutex(State(choosing: (TileSearch(on: pipelines, limit: limit), cache)))
        case .fixed(let tile): state = Mutex(State(tile: tile))
        }
    }

    /// The tile as far as it is known: the default one until it is chosen.
    var current: ProductTile { state.withLock { $0.tile ?? defaultTile } }

    /// The tile for linear layers of so many multiply-adds that end in `finishes`, searched for if need be.
    ///
    /// A driver that compiles some tile wrongly may do so for one finish only: the tile is given for those that it was seen
    /// to compute rightly.
    ///
    /// - Throws: ``ComputeError`` when the device is lost or hangs in the search.
    func tile(for finishes: Set<LinearFinish>, work: Double) throws -> ProductTile {
        try state.withLock { state in
            guard let (search, cache) = state.choosing else { return state.tile ?? defaultTile }
            if state.tile == nil && work < search.layer.work { return defaultTile }
            if let tile = state.tile, finishes.isSubset(of: state.checked) { return tile }
            let all = finishes.union(state.checked)
            do {
                state.tile = try search.choose(cache, keeping: state.tile, for: all)
                state.checked = all
            } catch let error as ComputeError where error.isResourceShortage {
                // A search is not needed: without the memory for one, the pass itself may still have room.
                (state.tile, state.choosing) = (defaultTile, nil)
            }
            return state.tile ?? defaultTile
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
    /// `tile`, or what the cache holds for this device, if it computes `finishes` rightly; else the fastest tile, which is
    /// then stored.
    fileprivate func choose(
        _ cache: TileCache?, keeping tile: ProductTile?, for finishes: Set<LinearFinish>
    ) throws -> ProductTile {
        let fitting = ProductTile.candidates(for: device.limits)
        let key = cacheKey
        if let tile = tile ?? cache?.tile(for: key, among: fitting), try works(tile, for: finishes) { return tile }
        let found = try fastest(among: fitting, for: finishes)
        cache?.store(found, for: key)
        return found
    }
}

extension ComputeError {
    /// Whether the device or its driver lacks something, and is sound otherwise.
    var isResourceShortage: Bool { code == .unsupportedDevice || code == .outOfMemory }
}
