import MAETensor

/// Arrays of numpy, as XLA, HPU and DirectML tensors are pickled: `_rebuild_device_tensor_from_numpy(array, dtype, device, …)`.
extension PickleMachine {
    /// The tensor that an array gives; nil when the array or the conversion is of a kind that is not read.
    mutating func rebuildFromArray(_ arguments: [PickleSlot]) throws(CheckpointError) -> PickleSlot? {
        // (data, dtype, device, requires_grad)
        guard arguments.count == 4, let array = try array(arguments[0]), case .dtype(let name) = arguments[1] else {
            return nil
        }
        try takeMemory(PickleCost.text(array.bytes.count))
        try takeSteps(array.bytes.count >> 3)
        let tensor = try CheckpointTensor(
            dtype: array.dtype, shape: array.shape, strides: array.strides,
            storage: TensorStorage(byteCount: array.bytes.count) { $0.copyBytes(from: array.bytes) }, byteOffset: 0,
            location: cursor.location)
        guard tensor.count * tensor.dtype.byteWidth == array.bytes.count else {
            throw cursor.malformed("An array of \(array.bytes.count) bytes for shape \(array.shape).")
        }
        guard let target = DType(torchName: heap.names[name]), tensor.keepsValues(as: target) else {
            note("an array of \(array.dtype.rawValue) that PyTorch converts to \(heap.names[name]) stays unread.")
            return nil
        }
        return try makeTensor(
            PickleTensor(
                tensor: tensor, isParameter: false, requiresGradient: arguments[3] == .bool(true),
                storageKey: "array \(heap.tensors.count)", device: deviceName(arguments[2])))
    }

    /// A tensor saved from a device without storages, which PyTorch converts to the named type as it loads it.
    mutating func convertedTensor(_ arguments: [PickleSlot]) throws(CheckpointError) -> PickleSlot? {
        // (data, dtype, device, requires_grad)
        guard arguments.count == 4, case .tensor(let index) = arguments[0], case .dtype(let name) = arguments[1],
            let target = DType(torchName: heap.names[name])
        else { return nil }
        let tensor = heap.tensors[index].tensor
        // One tensor may be converted any number of times.
        try takeSteps(tensor.elementSpan >> 3)
        return tensor.keepsValues(as: target) ? arguments[0] : nil
    }

    private func deviceName(_ slot: PickleSlot) -> String {
        if case .device(let index) = slot { heap.names[index] } else { text(slot) ?? "" }
    }

    /// An array taken apart.
    private struct NumpyArray {
        let dtype: DType
        let shape: [Int]
        let isFortran: Bool
        let bytes: [UInt8]

        /// Row-major, or column-major when it is so stored; nil, row-major, where a column-major one has no element count.
        var strides: [Int]? {
            guard isFortran else { return nil }
            return CheckpointTensor.rowMajorStrides(of: shape.reversed()).reversed()
        }
    }

    private static let modules: Set<String> = ["numpy.core", "numpy._core"]

    /// The array that a call makes: `multiarray._reconstruct` with a state, or from protocol 5 on `numeric._frombuffer`.
    private mutating func array(_ slot: PickleSlot) throws(CheckpointError) -> NumpyArray? {
        guard case .object(let index) = slot else { return nil }
        let object = heap.objects[index]
        guard object.isCall, case .global(let global) = object.callable else { return nil }
        switch numpyFunction(heap.globals[global]) {
        case "multiarray._reconstruct":
            // (version, shape, dtype, is Fortran order, bytes)
            guard let state = object.state.flatMap({ parts(of: $0, count: 5...5) }), let shape = try integers(state[1]),
                let dtype = elementType(state[2]), case .bool(let isFortran) = state[3],
                case .bytes(let bytes) = state[4]
            else { return nil }
            return NumpyArray(dtype: dtype, shape: shape, isFortran: isFortran, bytes: heap.bytes[bytes])
        case "numeric._frombuffer":
            // (bytes, dtype, shape, order)
            guard let parts = parts(of: object.arguments, count: 4...4), case .bytes(let bytes) = parts[0],
                let dtype = elementType(parts[1]), let shape = try integers(parts[2]), let order = text(parts[3]),
                order == "C" || order == "F"
            else { return nil }
            return NumpyArray(dtype: dtype, shape: shape, isFortran: order == "F", bytes: heap.bytes[bytes])
        default: return nil
        }
    }

    /// The name inside numpy's core, which numpy 2 calls `_core`; nil for anything else.
    private func numpyFunction(_ global: PickleGlobal) -> String? {
        guard let point = global.module.lastIndex(of: "."), Self.modules.contains(String(global.module[..<point]))
        else {
            return nil
        }
        return global.module[global.module.index(after: point)...] + "." + global.name
    }

    /// The type of a little-endian `numpy.dtype('f4', False, True)` with its state `(3, '<', …)`.
    private func elementType(_ slot: PickleSlot) -> DType? {
        guard case .object(let index) = slot, case .global(let global) = heap.objects[index].callable,
            heap.globals[global].qualifiedName == "numpy.dtype",
            let name = heap.elements(of: heap.objects[index].arguments)?.first.flatMap(text),
            let type = Self.elementTypes[name]
        else { return nil }
        let order = heap.objects[index].state.flatMap(heap.elements)?.dropFirst().first.flatMap(text)
        return order == ">" ? nil : type
    }

    private static let elementTypes: [String: DType] = [
        "f2": .float16, "f4": .float32, "f8": .float64, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64,
        "u1": .uint8, "b1": .bool,
    ]
}

extension CheckpointTensor {
    /// Whether converting to `other` changes no value, so that the elements may stay as they are stored.
    ///
    /// XLA saved bf16 as fp32: the low half of each element is clear then.
    fileprivate func keepsValues(as other: DType) -> Bool {
        switch (dtype, other) {
        case _ where dtype == other, (.float16, .float32), (.bfloat16, .float32): true
        case (.float32, .bfloat16):
            withExtendedLifetime(storage) {
                stride(from: byteOffset, to: byteOffset + 4 * elementSpan, by: 4).allSatisfy {
                    storage.bytes.loadUnaligned(fromByteOffset: $0, as: UInt16.self) == 0
                }
            }
        default: false
        }
    }
}
