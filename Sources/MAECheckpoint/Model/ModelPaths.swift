import MAEFormats

/// The paths to the models of a file: one object may be stored under several names.
struct ModelPaths {
    /// One path from the root of a file to a model.
    private struct Path {
        let model: Int
        /// The containers on it, the root first and what holds the model's tensors last.
        let containers: [PickleID]
        /// The steps between them.
        let steps: [PicklePathStep]
    }

    private var paths: [Path] = []
    /// The paths that lead through a container, each with the container's place on it.
    private var through: [PickleID: [(path: Int, place: Int)]] = [:]
    /// The names of each model, by its number: first the path by which it was found.
    private(set) var names: [[[String]]] = []

    /// Most names of one model; more come of hostile files only.
    private static let maximumNameCount = 8
    /// Most paths that are followed, and most containers on one of them.
    private static let maximumPathCount = 1 << 10
    private static let maximumPathLength = 64

    /// Notes a model that is stored in `visit`'s value, whose identity is `id`.
    mutating func add(_ visit: PickleVisit, _ id: PickleID) {
        let steps = visit.path
        names.append([steps.names])
        remember(Path(model: names.count - 1, containers: visit.containers + [id], steps: steps))
    }

    /// Notes another path to a container, if it leads to models.
    mutating func add(_ meeting: PickleRevisit) {
        // Limits first: a path is as long as the file is deep, and a hostile file leads to one place a million times.
        guard meeting.depth <= Self.maximumPathLength, paths.count < Self.maximumPathCount,
            let known = through[meeting.id],
            known.contains(where: { names[paths[$0.path].model].count < Self.maximumNameCount })
        else { return }
        let (containers, steps) = (meeting.containers, meeting.path)
        for (index, place) in known {
            let old = paths[index]
            let path = Path(
                model: old.model, containers: containers + old.containers[place...], steps: steps + old.steps[place...])
            let name = path.steps.names
            guard names[old.model].count < Self.maximumNameCount, !names[old.model].contains(name) else { continue }
            names[old.model].append(name)
            remember(path)
        }
    }

    private mutating func remember(_ path: Path) {
        guard path.containers.count <= Self.maximumPathLength, paths.count < Self.maximumPathCount else { return }
        for (place, id) in path.containers.enumerated() { through[id, default: []].append((paths.count, place)) }
        paths.append(path)
    }
}
