import MAETensor

/// A Python object to be written: what ``PickleValue`` is for reading, as a tree to build by hand.
package indirect enum PickleExpression: Sendable {
    case none
    case bool(Bool)
    case int(Int)
    case float(Double)
    case string(String)
    case list([PickleExpression])
    case tuple([PickleExpression])
    case dictionary([(key: PickleExpression, value: PickleExpression)])
    /// A class or function, by name.
    case global(PickleGlobal)
    /// What calling a function with positional arguments gives (REDUCE).
    case call(PickleGlobal, [PickleExpression])
    /// An object of a class made without `__init__` (NEWOBJ), with its `__dict__` (BUILD).
    case object(PickleGlobal, state: PickleExpression?)
    /// A `collections.OrderedDict`, with what is set on the dictionary itself, such as `_metadata`.
    case orderedDictionary([(key: PickleExpression, value: PickleExpression)], state: PickleExpression?)
    /// A tensor or parameter, whose elements go into a record of their own.
    case tensor(PickledTensor)
    /// An object written once and referred to from several places.
    case shared(PickleSharedObject)

    /// A function or class of a Python module.
    package static func global(_ module: String, _ name: String) -> PickleExpression {
        .global(PickleGlobal(module: module, name: name))
    }

    /// A Python set.
    package static func set(_ elements: [PickleExpression]) -> PickleExpression {
        .call(PickleGlobal(module: "__builtin__", name: "set"), [.list(elements)])
    }
}

/// An object that several places refer to; its identity is that of the Python object.
package final class PickleSharedObject: Sendable {
    package let expression: PickleExpression

    package init(_ expression: PickleExpression) { self.expression = expression }
}

/// A tensor to be written, with its elements in memory or in a mapped file.
///
/// Tensors that look at the same bytes share one storage in the new file, so tied weights stay tied.
package struct PickledTensor: Sendable {
    private enum Source {
        case memory(Tensor)
        case file(CheckpointTensor)
    }

    private let source: Source
    /// Whether it is written as a `torch.nn.Parameter`.
    package let isParameter: Bool

    /// Whether PyTorch tracks gradients for the parameter.
    package let requiresGradient: Bool

    /// A dense fp32 tensor.
    package init(_ tensor: Tensor, isParameter: Bool = false, requiresGradient: Bool = true) {
        source = .memory(tensor)
        self.isParameter = isParameter
        self.requiresGradient = requiresGradient
    }

    /// A tensor as it lies in another file, with its element type and strides.
    package init(_ tensor: CheckpointTensor, isParameter: Bool = false) {
        source = .file(tensor)
        self.isParameter = isParameter
        requiresGradient = true
    }

    var dtype: DType {
        switch source {
        case .memory: .float32
        case .file(let tensor): tensor.dtype
        }
    }

    var shape: [Int] {
        switch source {
        case .memory(let tensor): tensor.shape
        case .file(let tensor): tensor.shape
        }
    }

    var strides: [Int] {
        switch source {
        case .memory(let tensor): CheckpointTensor.rowMajorStrides(of: tensor.shape)
        case .file(let tensor): tensor.strides
        }
    }

    /// Calls `body` with the bytes from the first to the last element.
    func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch source {
        case .memory(let tensor):
            return try tensor.withUnsafeElements { elements throws(Failure) in
                try body(UnsafeRawBufferPointer(elements))
            }
        case .file(let tensor):
            defer { withExtendedLifetime(tensor) {} }
            let end = tensor.byteOffset + tensor.elementSpan * tensor.dtype.byteWidth
            return try body(UnsafeRawBufferPointer(rebasing: tensor.storage.bytes[tensor.byteOffset..<end]))
        }
    }
}
