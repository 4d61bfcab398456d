import MAERecording
import MAETensor

/// Which recorded calls are set against each other.
enum CallPairing {
    /// Calls of one recording up to which each two of them are compared; of more, each is compared with the first.
    static let mostOfAll = 8

    /// Each two calls of one recording; of several, those with the same images, and the rest in their order.
    static func planned(_ given: [GivenRecording]) -> [(RecordedCallID, RecordedCallID)] {
        func id(_ recording: Int, _ call: Int) -> RecordedCallID { RecordedCallID(recording: recording, call: call) }
        if given.count == 1 {
            let calls = usable(given[0].recording)
            guard let first = calls.first else { return [] }
            guard calls.count <= mostOfAll else { return calls.dropFirst().map { (id(0, first), id(0, $0)) } }
            return calls.indices.flatMap { left in
                calls[(left + 1)...].map { (id(0, calls[left]), id(0, $0)) }
            }
        }
        return given.indices.flatMap { left in
            given.indices.dropFirst(left + 1).flatMap { right in
                pairs(given[left].recording, given[right].recording).map { (id(left, $0), id(right, $1)) }
            }
        }
    }

    /// The calls that can be compared: those that threw are left out where others did not.
    private static func usable(_ recording: Recording) -> [Int] {
        let calls = recording.calls.indices.filter { !recording.calls[$0].modules.isEmpty }
        let whole = calls.filter { recording.calls[$0].modules[0].error == nil }
        return whole.isEmpty ? calls : whole
    }

    /// Calls at the same place with the same images first, then any with the same images, then what is left in its order.
    private static func pairs(_ left: Recording, _ right: Recording) -> [(Int, Int)] {
        let (mine, theirs) = (usable(left), usable(right))
        let (images, others) = (mine.map { Self.images(left.calls[$0]) }, theirs.map { Self.images(right.calls[$0]) })
        var partners: [Int?] = mine.indices.map { place in
            others.indices.contains(place) && images[place] != nil && images[place] == others[place] ? place : nil
        }
        var taken = Set(partners.compactMap(\.self))
        var free: [SHA256Digest: [Int]] = [:]
        for place in others.indices.reversed() where !taken.contains(place) {
            if let digest = others[place] { free[digest, default: []].append(place) }
        }
        for place in mine.indices where partners[place] == nil {
            guard let digest = images[place], let partner = free[digest]?.popLast() else { continue }
            partners[place] = partner
            taken.insert(partner)
        }
        var rest = others.indices.filter { !taken.contains($0) }[...]
        for place in mine.indices where partners[place] == nil { partners[place] = rest.popFirst() }
        return mine.indices.compactMap { place in partners[place].map { (mine[place], theirs[$0]) } }
    }

    private static func images(_ call: Recording.Call) -> SHA256Digest? {
        let inputs = call.modules.first?.inputs.filter(\.isFloatingPoint) ?? []
        return (inputs.first { $0.shape.count == 4 } ?? inputs.first)?.sha256
    }
}
