import MAETensor

/// A class or function, by the names a pickle gives it; never imported.
public struct PickleGlobal: Sendable, Hashable {
    /// The module, such as `torch._utils`.
    public let module: String
    /// The name inside the module, such as `_rebuild_tensor_v2`.
    public let name: String

    /// Names something of a Python module.
    public init(module: String, name: String) {
        self.module = module
        self.name = name
    }

    /// `module.name`.
    public var qualifiedName: String { module + "." + name }
}

/// A tensor or parameter of a pickle.
public struct PickleTensor: Sendable {
    /// The elements.
    public let tensor: CheckpointTensor
    /// Whether it is a `torch.nn.Parameter`.
    public let isParameter: Bool
    /// Whether PyTorch would track gradients for it.
    public let requiresGradient: Bool
    /// The storage it looks at; tensors of equal keys in one file share their storage (tied weights).
    public let storageKey: String
    /// The device it was saved from, such as `cuda:0`; it is always read into memory of the host.
    public let device: String

    package init(
        tensor: CheckpointTensor, isParameter: Bool, requiresGradient: Bool, storageKey: String, device: String
    ) {
        self.tensor = tensor
        self.isParameter = isParameter
        self.requiresGradient = requiresGradient
        self.storageKey = storageKey
        self.device = device
    }
}

/// A block of elements that tensors look at.
public struct PickleStorage: Sendable {
    /// Name of the storage in its file.
    public let key: String
    /// Type of the elements; nil for an untyped storage.
    public let dtype: DType?
    /// The device it was saved from, such as `cpu` or `cuda:0`.
    public let device: String
    /// The bytes.
    public let storage: TensorStorage
    /// The file and record the bytes come from.
    public let location: CheckpointLocation

    package init(
        key: String, dtype: DType?, device: String, storage: TensorStorage, location: CheckpointLocation
    ) {
        self.key = key
        self.dtype = dtype
        self.device = device
        self.storage = storage
        self.location = location
    }
}
