import MAERecording

/// How two recorded tensors, or lists of them, compare by their digests.
public enum ValueRelation: String, Sendable, Hashable, Comparable {
    /// The same bits.
    case equal
    /// The same rows in another order.
    case permuted
    /// Other values.
    case differs
    /// Nothing tells: no digest on one side, or nothing at all.
    case unknown

    /// Compares the values at the same places, or of the same names where both sides name them.
    ///
    /// `first` takes the first of each side alone, which is the tokens of a ViT-MAE's stages: what follows them is masks and orders.
    init(_ left: [Recording.Value], _ right: [Recording.Value], first: Bool) {
        if left.isEmpty, right.isEmpty {
            self = .equal
            return
        }
        let pairs = Self.pairs(left.filter(\.isFloatingPoint), right.filter(\.isFloatingPoint))
        self = (first ? Array(pairs.prefix(1)) : pairs).map { Self($0, $1) }.filter { $0 != .unknown }.max() ?? .unknown
    }

    /// Compares two values.
    init(_ left: Recording.Value, _ right: Recording.Value) {
        if left.shape != right.shape {
            self = .differs
        } else if let mine = left.sha256, let theirs = right.sha256 {
            if mine == theirs {
                self = .equal
            } else {
                self = left.rowsSHA256 != nil && left.rowsSHA256 == right.rowsSHA256 ? .permuted : .differs
            }
        } else {
            self = .unknown
        }
    }

    /// Compares two values that may not have been recorded.
    init(_ left: Recording.Value?, _ right: Recording.Value?) {
        if let left, let right { self.init(left, right) } else { self = .unknown }
    }

    private static func pairs(
        _ left: [Recording.Value], _ right: [Recording.Value]
    ) -> [(Recording.Value, Recording.Value)] {
        // The rest is paired by place: one version names what another returns as a tuple, one program what another gives by place.
        let (mine, theirs) = (Set(left.map(\.name)), Set(right.map(\.name)))
        var rest = right.filter { !mine.contains($0.name) }[...]
        return left.compactMap { value in
            if theirs.contains(value.name) { return right.first { $0.name == value.name }.map { (value, $0) } }
            return rest.popFirst().map { (value, $0) }
        }
    }

    /// From the least to the most that may be wrong.
    public static func < (left: ValueRelation, right: ValueRelation) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .unknown: 0
        case .equal: 1
        case .permuted: 2
        case .differs: 3
        }
    }
}

extension Recording.Value {
    /// Whether its elements are numbers with a fraction: others are masks, orders and indices.
    var isFloatingPoint: Bool { dtype.contains("float") }
}
