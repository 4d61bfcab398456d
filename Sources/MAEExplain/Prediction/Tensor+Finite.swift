import MAETensor

extension Tensor {
    /// Whether no element is NaN or infinite.
    var isFinite: Bool { withUnsafeElements { $0.allSatisfy(\.isFinite) } }

    /// Number of elements that are NaN or infinite.
    var nonFiniteCount: Int { withUnsafeElements { elements in elements.count { !$0.isFinite } } }
}
