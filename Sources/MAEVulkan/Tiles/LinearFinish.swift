import MAECompute

/// What a linear layer does in addition to the product: for each, in each tile, a driver compiles the shader once more.
struct LinearFinish: Sendable, Hashable {
    /// Where the matrix lies that is added.
    enum Residual: Sendable, Hashable {
        case none, apart
        /// Where the output goes.
        case inPlace
    }

    let activation: Activation?
    let hasBias: Bool
    let residual: Residual

    /// The product alone.
    static let bare = LinearFinish(activation: nil, hasBias: false, residual: .none)
}

extension Program {
    /// What the linear layers do in addition to their products, `hasBias` telling which of them have one.
    func linearFinishes(hasBias: (LinearID) -> Bool) -> Set<LinearFinish> {
        var finishes: Set<LinearFinish> = []
        for case .linear(_, let id, let activation, let residual, let output) in operations {
            finishes.insert(
                LinearFinish(
                    activation: activation, hasBias: hasBias(id),
                    residual: residual.map { $0 == output ? .inPlace : .apart } ?? .none))
        }
        return finishes
    }

    /// Multiply-adds of all linear layers.
    var linearWork: Double {
        operations.reduce(0) { sum, operation in
            guard case .linear(let input, _, _, _, let output) = operation else { return sum }
            return sum + Double(self[input].columns) * Double(self[output].count)
        }
    }
}
