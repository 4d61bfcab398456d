import MAEDomain
import MAETensor
import MAEText

/// What kind of fault gives such differences, as far as they show it.
public enum FaultHint: String, Sendable, CaseIterable {
    /// The same images, in another order.
    case otherOrder = "other-order"
    /// Values that fit into bfloat16.
    case bfloat16 = "bfloat16"
    /// Values that fit into float16.
    case float16 = "float16"
    /// A layer norm that differs everywhere, in no common bit.
    case layerNorm = "layer-norm"
    /// A product and its activation that differ everywhere, in no common bit.
    case activation = "activation"
    /// A product that differs in one channel.
    case weight = "weight"
    /// Some processors of several alone.
    case processor = "processor"
    /// One lane of a vector.
    case lane = "lane"
    /// Runs that differ at times.
    case intermittent = "intermittent"
    /// One bit.
    case bit = "bit"

    /// What it is, as a sentence about a node.
    func sentence(of node: String, against other: String) -> String {
        switch self {
        case .otherOrder: "\(node) computes the images of \(other) in another order."
        case .bfloat16:
            "All values of \(node) fit into bfloat16, those of \(other) do not: it rounds to half precision."
        case .float16: "All values of \(node) fit into float16, those of \(other) do not: it rounds to half precision."
        case .layerNorm:
            "A layer norm that differs everywhere is one with another epsilon or formula, and no flipped bit."
        case .activation:
            "A product that differs everywhere once its activation is applied has another activation function, and no flipped bit."
        case .weight:
            "One channel of a product is made of one row of weights: they were right when they were read, and one of them is not any more."
        case .processor: "What these processors compute alone is wrong, and what the others compute is right."
        case .lane: "Channels of one remainder are computed by one lane of a vector unit."
        case .intermittent: "The same computation is right at times: no program errs like that."
        case .bit: "In every value that differs it is the same bit."
        }
    }

    /// What to do about it.
    func remedy(on node: NodeIdentity, _ attribution: Attribution) -> String {
        switch self {
        case .otherOrder: "Look at what makes the batch on \(node.name): this engine keeps the order of images."
        case .bfloat16, .float16:
            "See what runs on \(node.name) under that name: no build of this engine computes in half precision."
        case .layerNorm, .activation:
            "See which program runs on \(node.name): it says that it is engine \(node.engineBuild), with the configuration of the others, and "
                + "computes something else. Install it again."
        case .weight:
            "Start the worker of \(node.name) again, so that it reads the weights again, and test its memory."
        case .processor:
            "Take \(attribution.wrongProcessors.count == 1 ? "the core" : "the cores") out of service, as root: "
                + attribution.wrongProcessors.prefix(4).map { "echo 0 > /sys/devices/system/cpu/cpu\($0)/online" }
                .joined(separator: "; ") + ". Then have the processor (\(node.device)) replaced."
        case .lane:
            "Run \(node.name) with --isa scalar: where that is right, a vector unit of its processor (\(node.device)) is broken."
        case .intermittent:
            "Take \(node.name) out of service and test its memory and processor (\(node.device)); trust none of its results."
        case .bit:
            "Test the memory and processor of \(node.name) (\(node.device)); with --isa scalar and with one thread it is seen "
                + "which of its units errs."
        }
    }
}

extension FaultHint {
    /// Whether the same differences hint at it from the other side.
    var isOfEitherSide: Bool {
        switch self {
        case .otherOrder, .layerNorm, .activation, .weight, .lane, .bit: true
        case .bfloat16, .float16, .processor, .intermittent: false
        }
    }

    /// What answers show of the kind of a fault; nil where nothing stands out.
    init?(
        images: ([SHA256Digest], [SHA256Digest]), values: (Tensor, Tensor)?, _ kind: ExaminedOperation.Kind?,
        _ elements: ElementDifferences?, _ repetitions: Attribution.Repetitions?
    ) {
        if Self.isInOtherOrder(images.0, images.1) {
            self = .otherOrder
        } else if let half = Self.half(values?.0, values?.1) {
            self = half
        } else if let repetitions, repetitions.isOfSomeProcessors {
            self = .processor
        } else if let repetitions, repetitions.isIntermittent {
            self = .intermittent
        } else if let elements, let ofElements = Self.ofElements(elements, kind) {
            self = ofElements
        } else {
            return nil
        }
    }

    private static func ofElements(_ elements: ElementDifferences, _ kind: ExaminedOperation.Kind?) -> FaultHint? {
        let isWhole = elements.allBits == 0 && elements.differing * 2 > elements.compared
        switch (kind, elements.pattern) {
        case (.layerNorm, _) where isWhole: return .layerNorm
        case (.activatedProduct, _) where isWhole: return .activation
        case (.product, .column), (.activatedProduct, .column): return .weight
        case (_, .lane): return .lane
        default: return elements.anyBits.nonzeroBitCount == 1 ? .bit : nil
        }
    }

    private static func isInOtherOrder(_ mine: [SHA256Digest], _ theirs: [SHA256Digest]) -> Bool {
        guard mine != theirs, mine.count == theirs.count, Set(theirs).count > 1 else { return false }
        func counts(_ digests: [SHA256Digest]) -> [SHA256Digest: Int] {
            digests.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        return counts(mine) == counts(theirs)
    }

    /// The type of half precision that the suspected values are the others rounded to, within a step of it.
    private static func half(_ mine: Tensor?, _ theirs: Tensor?) -> FaultHint? {
        guard let mine, let theirs, mine.shape == theirs.shape, mine.count > 16 else { return nil }
        let types: [(FaultHint, rest: UInt32, step: Float, largest: Float)] = [
            (.bfloat16, 0xFFFF, 0x1p-7, .greatestFiniteMagnitude), (.float16, 0x1FFF, 0x1p-10, 65504),
        ]
        return mine.withUnsafeElements { mine in
            theirs.withUnsafeElements { theirs in
                let others = theirs.indices.filter { theirs[$0] != 0 }
                guard others.count * 2 > theirs.count else { return nil }
                return types.first { _, rest, step, largest in
                    theirs.contains { $0.bitPattern & rest != 0 }
                        && mine.indices.allSatisfy { index in
                            let (value, exact) = (mine[index], theirs[index])
                            return value.bitPattern & rest == 0 && value.magnitude <= largest
                                && (value - exact).magnitude <= step * exact.magnitude + 0x1p-24
                        }
                }?.0
            }
        }
    }
}

extension Attribution.Repetitions {
    /// Whether runs bound to some processors all differ, and those bound to others never.
    var isOfSomeProcessors: Bool {
        let odd = processors.filter { $0.wrong > 0 }
        // A turn may have come at a bad time, the more likely the fewer processors there are; and many cores do not break at once.
        let turns = processors.count > 4 ? 3 : 8
        return !odd.isEmpty && odd.count <= max(1, processors.count / 4)
            && odd.count < processors.count && odd.allSatisfy { $0.wrong == $0.runs && $0.runs >= turns }
    }

    /// Whether runs differ at times.
    var isIntermittent: Bool {
        let all = runs + processors.reduce(0) { $0 + $1.runs }
        let odd = wrong + processors.reduce(0) { $0 + $1.wrong }
        return odd < all
    }
}

extension Attribution {
    /// The processors on which runs differed.
    var wrongProcessors: [Int] { repetitions?.processors.filter { $0.wrong > 0 }.map(\.processor) ?? [] }
}
