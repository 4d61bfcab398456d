import MAEFormats

/// The ways to the models of a file: one object may be stored under several names.
struct ModelWays {
    /// One way from the root of a file to a model.
    private struct Way {
        let model: Int
        /// The containers on it, the root first and what holds the model's tensors last.
        let containers: [PickleID]
        /// The steps between them.
        let steps: [PicklePathStep]
    }

    private var ways: [Way] = []
    /// The ways that lead through a container, each with the container's place on it.
    private var through: [PickleID: [(way: Int, place: Int)]] = [:]
    /// The names of each model, by its number: first the way by which it was found.
    private(set) var names: [[[String]]] = []

    /// Most names of one model; more come of hostile files only.
    private static let mostNames = 8
    /// Most ways that are followed, and most containers on one of them.
    private static let mostWays = 1 << 10
    private static let longestWay = 64

    /// Notes a model that is stored in `visit`'s value, whose identity is `id`.
    mutating func add(_ visit: PickleVisit, _ id: PickleID) {
        let steps = visit.path
        names.append([steps.names])
        remember(Way(model: names.count - 1, containers: visit.containers + [id], steps: steps))
    }

    /// Notes another way to a container, if it leads to models.
    mutating func add(_ meeting: PickleReturn) {
        // Limits first: a way is as long as the file is deep, and a hostile file leads to one place a million times.
        guard meeting.depth <= Self.longestWay, ways.count < Self.mostWays, let known = through[meeting.id],
            known.contains(where: { names[ways[$0.way].model].count < Self.mostNames })
        else { return }
        let (containers, steps) = (meeting.containers, meeting.path)
        for (index, place) in known {
            let old = ways[index]
            let way = Way(
                model: old.model, containers: containers + old.containers[place...], steps: steps + old.steps[place...])
            let name = way.steps.names
            guard names[old.model].count < Self.mostNames, !names[old.model].contains(name) else { continue }
            names[old.model].append(name)
            remember(way)
        }
    }

    private mutating func remember(_ way: Way) {
        guard way.containers.count <= Self.longestWay, ways.count < Self.mostWays else { return }
        for (place, id) in way.containers.enumerated() { through[id, default: []].append((ways.count, place)) }
        ways.append(way)
    }
}
