import MAEFormats

/// A list with pairs of a name and a tensor that has something else among them, so that it is no state dict.
struct MixedList {
    /// The keys that lead to the list.
    private let keys: [String]
    /// The first element that is no pair, and what it is.
    private let otherElement: (index: Int, kind: String)

    /// The first such list inside `root`; nil without one.
    init?(in root: PickleValue) {
        var found: MixedList?
        root.walk(includesSettings: false) { visit in
            guard found == nil else { return false }
            if let list = visit.value.sequence { found = MixedList(list, visit) }
            return found == nil
        }
        guard let found else { return nil }
        self = found
    }

    private init?(_ list: PickleSequence, _ visit: PickleVisit) {
        guard let index = list.firstIndex(where: { StateDictionary.pair($0) == nil }),
            list.contains(where: { StateDictionary.pair($0).map(StateDictionary.isParameter) ?? false })
        else { return nil }
        keys = visit.path.names
        otherElement = (index, list[index].kind)
    }

    /// The error for a file without any other weights.
    func error(path: String) -> CheckpointError {
        CheckpointError(
            .unsupportedFormat, path: path, place: keys.isEmpty ? nil : keys.joined(separator: ".").shortName,
            "is a list with pairs of a name and a tensor, but element \(otherElement.index) is \(otherElement.kind), so that "
                + "Python's dict() refuses it too. Save the pairs alone: torch.save({pair[0]: pair[1] for pair in weights if "
                + "isinstance(pair, (list, tuple)) and len(pair) == 2}, FILE).")
    }
}
