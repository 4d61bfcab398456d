/// The share of the peak that one kernel reaches at a product of base, for the targets.
struct KernelFigure {
    let isa: String
    let product: String
    let kind: ModelProduct.Kind
    /// Whether the engine takes this kernel when it computes with this instruction set.
    let isPick: Bool
    let share: Double
}

extension [KernelFigure] {
    /// The lowest share of each kind next to its target, for each instruction set: what the engine takes counts, and all of its products.
    func judged() -> [JudgedTarget] {
        var sets: [String] = []
        for figure in self where !sets.contains(figure.isa) { sets.append(figure.isa) }
        let targets: [(ModelProduct.Kind, Target)] = [
            (.product, .product), (.productWithGELU, .productWithGELU), (.attention(width: 64), .attention64),
            (.attention(width: 32), .attention32),
        ]
        return sets.flatMap { isa in
            targets.compactMap { kind, target in
                let some = filter { $0.isa == isa && $0.kind == kind && $0.isPick }
                guard let lowest = some.min(by: { $0.share < $1.share }) else { return nil }
                let place = some.count == 1 ? lowest.product : "lowest of \(some.count): \(lowest.product)"
                return JudgedTarget(target, lowest.share, "\(isa), \(place)")
            }
        }
    }
}
