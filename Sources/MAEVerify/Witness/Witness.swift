import MAEDomain

/// PyTorch as a node: a program that runs transformers' ViTMAE itself, so that its results are what people get.
///
/// Its numeric class says what computes: `torch-2.13.0/sdpa/avx2`. It promises no bits: PyTorch's own sums depend on threads, on the
/// processor and on the libraries that it was built with (docs.pytorch.org, "Reproducibility"). So its results are held to the
/// tolerance, those of one class among themselves too, and never outvote results of an engine whose bits are promised.
public struct Witness: Sendable, Hashable {
    /// Name of the node.
    public let node: String
    /// Its numeric class.
    public let numericClass: String
    /// Version of PyTorch: `2.13.0`.
    public let version: String
    /// Implementation of attention, and the capability or device that computes; nil where the class does not say.
    public let attention: String?, capability: String?

    /// What the class of a witness begins with.
    static let classPrefix = "torch-"

    /// Reads a node's class; nil for a node that is no witness.
    public init?(_ node: NodeIdentity) {
        guard node.isWitness else { return nil }
        let parts = node.numericClass.dropFirst(Self.classPrefix.count).split(
            separator: "/", omittingEmptySubsequences: false
        ).map(String.init)
        self.node = node.name
        numericClass = node.numericClass
        version = parts[0]
        attention = parts.count > 1 && !parts[1].isEmpty ? parts[1] : nil
        capability = parts.count > 2 && !parts[2].isEmpty ? parts[2] : nil
    }

    /// `PyTorch 2.13.0`.
    public var program: String { version.isEmpty ? "PyTorch" : "PyTorch \(version)" }
}

extension NodeIdentity {
    /// Whether the node runs PyTorch itself, by what it says of its class.
    package var isWitness: Bool { numericClass.hasPrefix(Witness.classPrefix) }

    /// Whether the node's class promises bits that depend on nothing but weights, input and kept patches.
    var isCanonical: Bool { numericClass.hasPrefix("canonical-") }

    /// Whether nodes of its class have to agree bit for bit where they compute the same in the same order.
    var promisesBits: Bool { !isWitness }
}
