import MAETensor

/// What the header of a safetensors file says about one tensor, checked against the file.
struct SafetensorsTensorDescription {
    /// The element type; nil for one that is not read.
    let dtype: DType?
    /// The element type as the header names it.
    let dtypeName: String
    let shape: [Int]
    let extent: SafetensorsExtent
    let location: CheckpointLocation

    /// Reads the description of one tensor.
    ///
    /// Throws ``CheckpointError/Code/malformedTensor`` unless dtype, shape and bytes agree and lie in the file.
    init(_ member: JSONMember, path: String, dataSize: Int) throws(CheckpointError) {
        let location = CheckpointLocation(path: path, place: "tensor \(member.key)")
        func malformed(_ message: String) -> CheckpointError {
            CheckpointError(.malformedTensor, at: location, message + ". The file is damaged; fetch or save it again.")
        }
        guard let name = member.value["dtype"]?.string else { throw malformed("has no dtype") }
        let dtype = DType(safetensors: name)
        guard let bits = dtype.map({ 8 * $0.byteWidth }) ?? Self.otherWidths[name] else {
            throw CheckpointError(
                .unsupportedFormat, at: location,
                "has dtype \(name), which no known version of safetensors has; save the model as F32, F16 or BF16.")
        }
        guard let extents = member.value["shape"]?.array else { throw malformed("has no shape") }
        var shape: [Int] = []
        for extent in extents {
            guard let extent = extent.int, extent >= 0 else { throw malformed("has a shape of other than integers") }
            shape.append(extent)
        }
        guard let offsets = member.value["data_offsets"]?.array, offsets.count == 2, let start = offsets[0].int,
            let end = offsets[1].int
        else { throw malformed("has no pair of data_offsets") }
        guard 0 <= start, start <= end, end <= dataSize else {
            throw malformed("lies at bytes \(start)..<\(end) of \(dataSize)")
        }
        guard let count = Tensor.checkedElementCount(of: shape) else {
            throw malformed("has shape \(shape), which has no element count")
        }
        let (bitCount, overflow) = count.multipliedReportingOverflow(by: bits)
        let size = bitCount / 8
        guard !overflow, bitCount % 8 == 0, size == end - start else {
            throw malformed(
                "has \(end - start) bytes, but shape \(shape) of \(name) needs \(overflow ? "more" : "\(size)")")
        }
        self.dtype = dtype
        dtypeName = name
        self.shape = shape
        self.location = location
        extent = SafetensorsExtent(name: member.key, start: start, end: end)
    }

    /// Bits of an element of the types that safetensors has and that are not read.
    private static let otherWidths = [
        "U16": 16, "U32": 32, "U64": 64, "C64": 64, "F8_E8M0": 8, "F6_E2M3": 6, "F6_E3M2": 6, "F4": 4,
    ]
}

/// The bytes of one tensor, counted from the end of the header.
struct SafetensorsExtent {
    let name: String
    let start: Int
    let end: Int

    /// Checks that `extents` cover `total` bytes without holes or overlaps, as the format demands.
    static func requireGapless(
        _ extents: [SafetensorsExtent], total: Int, path: String
    ) throws(CheckpointError) {
        var covered = 0
        for extent in extents.sorted(by: { ($0.start, $0.end) < ($1.start, $1.end) }) {
            guard extent.start == covered else {
                throw CheckpointError(
                    .malformedFile, path: path, place: "tensor \(extent.name)",
                    extent.start > covered
                        ? "leaves bytes \(covered)..<\(extent.start) before it to no tensor. The file is damaged."
                        : "overlaps the tensor before it from byte \(extent.start). The file is damaged.")
            }
            covered = extent.end
        }
        guard covered == total else {
            throw CheckpointError(
                .malformedFile, path: path, place: "data byte \(covered)",
                "\(total - covered) bytes after the last tensor belong to none. The file is damaged.")
        }
    }
}

extension DType {
    /// The type by its name in a safetensors header; nil for one that is not read.
    init?(safetensors name: String) {
        guard let dtype = Self.allCases.first(where: { $0.safetensorsName == name }) else { return nil }
        self = dtype
    }

    /// The name in a safetensors header.
    var safetensorsName: String {
        switch self {
        case .float32: "F32"
        case .float64: "F64"
        case .float16: "F16"
        case .bfloat16: "BF16"
        case .int8: "I8"
        case .int16: "I16"
        case .int32: "I32"
        case .int64: "I64"
        case .uint8: "U8"
        case .bool: "BOOL"
        case .float8E4M3FN: "F8_E4M3"
        case .float8E5M2: "F8_E5M2"
        case .float8E4M3FNUZ: "F8_E4M3FNUZ"
        case .float8E5M2FNUZ: "F8_E5M2FNUZ"
        }
    }
}
