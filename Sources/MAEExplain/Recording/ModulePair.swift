import MAERecording

/// The same call of the same module on both sides of a pair.
public struct ModulePair: Sendable {
    /// The module on either side.
    public let left: Recording.Module, right: Recording.Module
    /// How what it was given compares.
    public let inputs: ValueRelation
    /// How what it returned compares.
    public let outputs: ValueRelation
    /// Which call of the module it is, counted from 0.
    public let call: Int
    /// Index in the calls of modules of either side.
    let leftCall: Int, rightCall: Int
    /// Index of the pair around it in the list that it is in; nil for the outermost.
    let parent: Int?

    /// Whether digests of the rows were taken, so that permuted tokens are told from changed ones.
    let tellsOrder: Bool

    /// Whether the difference begins here: what was given is the same but perhaps for its order, and what came out is not.
    public var adds: Bool { outputs == .differs && (inputs == .equal || inputs == .permuted && tellsOrder) }

    /// Whether it adds a difference, or would not be known to pass one on.
    fileprivate var mayAdd: Bool { adds || outputs == .differs && inputs == .unknown }

    /// Whether it only passes a difference on.
    public var inherits: Bool { outputs == .differs && inputs == .differs }

    /// What it is called in sentences.
    public var words: String { left.words + (call == 0 ? "" : " (its call \(call))") }
}

extension ModulePair {
    /// Pairs the calls of modules of two calls, in the order in which those of the left one began.
    static func pairs(
        _ left: Recording.Call, _ leftModel: Recording.Model, _ leftKeys: ModuleKeys, _ right: Recording.Call,
        _ rightModel: Recording.Model, _ rightKeys: ModuleKeys
    ) -> [ModulePair] {
        var others: [String: Int] = [:]
        for (index, call) in right.modules.enumerated() {
            others["\(rightKeys.keys[call.module])#\(call.call)"] = index
        }
        var pairs: [ModulePair] = []
        var places: [Int: Int] = [:]
        for (index, call) in left.modules.enumerated() {
            guard let other = others["\(leftKeys.keys[call.module])#\(call.call)"] else { continue }
            let (mine, theirs) = (leftModel.modules[call.module], rightModel.modules[right.modules[other].module])
            var around = call.parent
            while let parent = around, places[parent] == nil { around = left.modules[parent].parent }
            places[index] = pairs.count
            pairs.append(
                ModulePair(
                    left: mine, right: theirs,
                    inputs: ValueRelation(call.inputs, right.modules[other].inputs, first: mine.role != nil),
                    outputs: ValueRelation(call.outputs, right.modules[other].outputs, first: mine.role != nil),
                    call: call.call, leftCall: index, rightCall: other,
                    parent: around.flatMap { places[$0] },
                    tellsOrder: call.outputs.first?.rowsSHA256 != nil))
        }
        return pairs
    }

    /// The chain of modules, outermost first, in which a difference begins: the last one is the smallest that was seen.
    ///
    /// Inside of one, the first that differs may have an input of which no digest was taken: then it begins there or just before.
    /// Empty where no module adds a difference.
    static func chain(_ pairs: [ModulePair]) -> [Int] {
        guard var found = pairs.indices.first(where: { pairs[$0].adds }) else { return [] }
        var chain = [found]
        while let inner = pairs.indices.first(where: { pairs[$0].mayAdd && isInside($0, found, pairs) }) {
            chain.append(inner)
            found = inner
        }
        return chain
    }

    private static func isInside(_ index: Int, _ outer: Int, _ pairs: [ModulePair]) -> Bool {
        var around = pairs[index].parent
        while let parent = around {
            if parent == outer { return true }
            around = pairs[parent].parent
        }
        return false
    }
}
