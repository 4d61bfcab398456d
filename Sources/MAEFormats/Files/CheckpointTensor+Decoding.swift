import MAETensor

extension CheckpointTensor {
    /// The elements as a contiguous fp32 tensor.
    ///
    /// Contiguous, aligned fp32 is looked at where it lies, without a copy. Everything else is copied: gathered along
    /// its strides, fp64 rounded to nearest even, fp16, bf16 and float8 widened exactly. Throws
    /// ``CheckpointError/Code/malformedTensor`` for integers and booleans, which are no weights.
    public func tensor() throws(CheckpointError) -> Tensor {
        try applyingMasks(to: try storedTensor())
    }

    /// The elements as they lie in the storage.
    private func storedTensor() throws(CheckpointError) -> Tensor {
        if dtype == .float32, isContiguous,
            let view = Tensor(shape: shape, viewing: storage, byteOffset: byteOffset)
        {
            return view
        }
        switch dtype {
        case .float32: return gathered { Float(bitPattern: UInt32(littleEndian: $0)) }
        case .float64: return gathered { Float(Double(bitPattern: UInt64(littleEndian: $0))) }
        case .float16: return gathered { Float(Float16(bitPattern: UInt16(littleEndian: $0))) }
        case .bfloat16: return gathered { Float(bitPattern: UInt32(UInt16(littleEndian: $0)) << 16) }
        case .float8E4M3FN, .float8E5M2, .float8E4M3FNUZ, .float8E5M2FNUZ:
            let table = Float8(dtype)?.table ?? []
            return gathered { (bits: UInt8) in table[Int(bits)] }
        case .int8, .int16, .int32, .int64, .uint8, .bool:
            throw CheckpointError(
                .malformedTensor, at: location,
                "holds \(dtype.rawValue) where floating-point weights are needed; save the model in a float dtype.")
        }
    }

    /// Reads the elements in row-major order, whatever their strides, and converts each.
    private func gathered<Raw: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        _ convert: (Raw) -> Float
    ) -> Tensor {
        defer { withExtendedLifetime(storage) {} }
        let source = UnsafeRawBufferPointer(rebasing: storage.bytes[byteOffset...])
        let width = MemoryLayout<Raw>.size
        return Tensor(shape: shape) { elements in
            guard !elements.isEmpty else { return }
            let rowLength = shape.last ?? 1
            let rowStride = strides.last ?? 0
            var index = [Int](repeating: 0, count: max(shape.count - 1, 0))
            var start = 0
            var next = 0
            while true {
                for column in 0..<rowLength {
                    let raw = source.loadUnaligned(fromByteOffset: (start + column * rowStride) * width, as: Raw.self)
                    elements.initializeElement(at: next, to: convert(raw))
                    next += 1
                }
                guard let dimension = index.indices.last(where: { index[$0] + 1 < shape[$0] }) else { return }
                for rewound in index.indices where rewound > dimension {
                    start -= index[rewound] * strides[rewound]
                    index[rewound] = 0
                }
                index[dimension] += 1
                start += strides[dimension]
            }
        }
    }
}
