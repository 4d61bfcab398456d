import MAETensor

/// A weight of a model as a backend gets at it while it loads: of known shape, its elements read one time.
///
/// Weights are larger than caches and, together, than what should be held twice. So their provider does everything
/// that needs the elements (verifying, digesting, converting) around the one call in which the backend takes them over.
public struct Weight: Sendable {
    /// Extent of each dimension, outermost first.
    public let shape: [Int]
    /// Number of elements.
    public let count: Int
    /// Its name where it comes from.
    public let name: String
    /// What reads it together with others; nil where it is only read alone.
    public let origin: (any WeightOrigin)?
    private let provide: @Sendable (_ body: (Tensor) throws -> Void) throws -> Void

    /// A weight whose elements are provided only when a backend reads them.
    ///
    /// `provide` calls its argument once, with a tensor of the given shape, or throws. It may be called on any thread,
    /// at the same time as those of other weights. An `origin` knows the weight by `name`.
    public init(
        shape: [Int], name: String = "", origin: (any WeightOrigin)? = nil,
        provide: @escaping @Sendable (_ body: (Tensor) throws -> Void) throws -> Void
    ) {
        guard let count = Tensor.checkedElementCount(of: shape) else {
            preconditionFailure("shape \(shape) has no element count")
        }
        self.shape = shape
        self.count = count
        self.name = name
        self.origin = origin
        self.provide = provide
    }

    /// A weight that lies in memory.
    public init(_ tensor: Tensor) {
        shape = tensor.shape
        count = tensor.count
        name = ""
        origin = nil
        provide = { body in try body(tensor) }
    }

    /// Calls `body` with the elements, which it must copy: they may be gone when it returns.
    ///
    /// - Throws: what the provider or `body` throws.
    public func read(_ body: (Tensor) throws -> Void) throws {
        try provide { tensor in
            precondition(tensor.shape == shape, "a weight of shape \(shape) was provided with shape \(tensor.shape)")
            try body(tensor)
        }
    }
}
