import FoundationEssentials

extension Tensor: Equatable {
    /// Whether shape and bits are the same, every NaN being equal to every NaN.
    public static func == (left: Tensor, right: Tensor) -> Bool { left.hasSameBits(as: right) }
}

extension Tensor: Codable {
    private enum CodingKeys: String, CodingKey {
        case shape
        case bytes = "fp32_little_endian"
    }

    /// Reads what ``encode(to:)`` wrote; throws when the bytes do not fill the shape.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let shape = try container.decode([Int].self, forKey: .shape)
        let bytes = try container.decode(Data.self, forKey: .bytes)
        let width = MemoryLayout<UInt32>.size
        guard let count = Self.checkedElementCount(of: shape), bytes.count % width == 0, bytes.count / width == count
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .bytes, in: container,
                debugDescription: "\(bytes.count) bytes do not fill shape \(shape) with fp32")
        }
        self.init(shape: shape) { elements in
            bytes.withUnsafeBytes { raw in
                for index in 0..<count {
                    let pattern = raw.loadUnaligned(fromByteOffset: index * width, as: UInt32.self)
                    elements.initializeElement(at: index, to: Float(bitPattern: UInt32(littleEndian: pattern)))
                }
            }
        }
    }

    /// Writes the shape and the elements' exact bits (base64 in JSON), so that NaN and -0 survive.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(shape, forKey: .shape)
        var bytes = Data(capacity: count * MemoryLayout<UInt32>.size)
        withUnsafeElements { elements in
            for element in elements {
                withUnsafeBytes(of: element.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
            }
        }
        try container.encode(bytes, forKey: .bytes)
    }
}
