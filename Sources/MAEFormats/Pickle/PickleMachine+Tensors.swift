import MAETensor

/// The calls by which PyTorch makes tensors again, after `torch/_utils.py` and `torch/_tensor.py`.
extension PickleMachine {
    mutating func rebuild(
        _ function: KnownFunction, _ arguments: [PickleSlot]
    ) throws(CheckpointError) -> PickleSlot? {
        switch function {
        case .rebuildTensor:
            // (storage, offset, size, stride)
            return try rebuildTensor(arguments, count: 4...4, requiresGradient: nil, dtype: nil, metadata: nil)
        case .rebuildTensorV2:
            // (storage, offset, size, stride, requires_grad, backward_hooks, metadata)
            return try rebuildTensor(arguments, count: 6...7, requiresGradient: 4, dtype: nil, metadata: 6)
        case .rebuildTensorV3:
            // (storage, offset, size, stride, requires_grad, backward_hooks, dtype, metadata)
            return try rebuildTensor(arguments, count: 7...8, requiresGradient: 4, dtype: 6, metadata: 7)
        case .rebuildParameter, .rebuildParameterWithState:
            // (data, requires_grad, backward_hooks) and what was set on the parameter
            return try rebuildParameter(arguments)
        case .rebuildDeviceTensor:
            return try convertedTensor(arguments)
        case .rebuildFromArray:
            return try rebuildFromArray(arguments)
        case .rebuildFromType:
            // (function, type, arguments, state): a subclass of Tensor; its elements are those of the tensor inside.
            guard arguments.count == 4, case .global(let name) = arguments[0], case .tuple(let inner) = arguments[2],
                let function = functions[name], function.makesPlainTensor
            else { return nil }
            return try rebuild(function, try copiedElements(of: inner))
        default: preconditionFailure("\(function) makes no tensor")
        }
    }

    private mutating func rebuildTensor(
        _ arguments: [PickleSlot], count: ClosedRange<Int>, requiresGradient: Int?, dtype: Int?, metadata: Int?
    ) throws(CheckpointError) -> PickleSlot? {
        guard count.contains(arguments.count) else {
            throw cursor.malformed("A tensor is described by \(arguments.count) values.")
        }
        guard case .storage(let index) = arguments[0] else {
            // A storage of an unread element type, noted where it was met.
            if case .object = arguments[0] { return nil }
            throw cursor.malformed("A tensor without a storage.")
        }
        guard case .int(let offset) = arguments[1], let shape = try integers(arguments[2]),
            let strides = try integers(arguments[3])
        else { throw cursor.malformed("The offset, size or stride of a tensor are no integers.") }
        if let metadata, arguments.count > metadata, !isEmpty(arguments[metadata]) {
            note("a tensor that PyTorch negates or conjugates when it is read stays unread.")
            return nil
        }
        let storage = heap.storages[index]
        var type = storage.dtype ?? .uint8
        if let dtype {
            guard case .dtype(let name) = arguments[dtype] else { throw cursor.malformed("A tensor without a dtype.") }
            guard let named = DType(torchName: heap.names[name]) else {
                note("a tensor of \(heap.names[name]) stays unread.")
                return nil
            }
            type = named
        }
        let (byteOffset, overflow) = Int(offset).multipliedReportingOverflow(by: type.byteWidth)
        guard !overflow else {
            throw CheckpointError(
                .malformedTensor, at: storage.location, "an offset of \(offset) elements. The file is damaged.")
        }
        let tensor = try CheckpointTensor(
            dtype: type, shape: shape, strides: strides, storage: storage.storage, byteOffset: byteOffset,
            location: storage.location)
        return try makeTensor(
            PickleTensor(
                tensor: tensor, isParameter: false,
                requiresGradient: requiresGradient.map { arguments[$0] == .bool(true) } ?? false,
                storageKey: storage.key, device: storage.device))
    }

    private mutating func rebuildParameter(_ arguments: [PickleSlot]) throws(CheckpointError) -> PickleSlot? {
        guard arguments.count == 3 || arguments.count == 4 else {
            throw cursor.malformed("A parameter is described by \(arguments.count) values.")
        }
        guard case .tensor(let index) = arguments[0] else {
            if case .object = arguments[0] { return nil }
            throw cursor.malformed("A parameter without a tensor.")
        }
        let data = heap.tensors[index]
        return try makeTensor(
            PickleTensor(
                tensor: data.tensor, isParameter: true, requiresGradient: arguments[1] == .bool(true),
                storageKey: data.storageKey, device: data.device))
    }

    mutating func makeTensor(_ tensor: PickleTensor) throws(CheckpointError) -> PickleSlot {
        try takeMemory(PickleCost.tensor(dimensions: tensor.tensor.shape.count))
        // Any number of tensors may be the same elements, and each is read by itself.
        try takeSteps(tensor.tensor.byteCount >> 6)
        heap.tensors.append(tensor)
        return .tensor(heap.tensors.count - 1)
    }

    private func isEmpty(_ metadata: PickleSlot) -> Bool {
        switch metadata {
        case .none: true
        case .dictionary(let index): heap.dictionaries[index].entries.isEmpty
        default: false
        }
    }
}

extension KnownFunction {
    /// Whether the call makes a tensor from a storage, not from another tensor.
    fileprivate var makesPlainTensor: Bool {
        switch self {
        case .rebuildTensor, .rebuildTensorV2, .rebuildTensorV3: true
        default: false
        }
    }
}
