/// A `.npy` file whose header was read and found to fit its size; elements are read when they are asked for.
struct NpyContent {
    let header: NpyHeader
    /// Number of elements: the product of the header's shape.
    let count: Int
    private let input: NpyInput
    /// Where the elements begin in the file.
    private let dataOffset: Int
    private let elementWidth: Int

    /// Reads the header of the file at `path`, whose elements must be one of `elements`.
    ///
    /// In C order, unless `readsFortranOrder`.
    init(
        path: String, oneOf elements: [any NpyElement.Type], readsFortranOrder: Bool = false
    ) throws(TensorError) {
        try self.init(try NpyInput(path), oneOf: elements, readsFortranOrder: readsFortranOrder)
    }

    /// Reads the header at the beginning of `input`.
    init(
        _ input: NpyInput, oneOf elements: [any NpyElement.Type], readsFortranOrder: Bool
    ) throws(TensorError) {
        let path = input.path
        let header: NpyHeader
        let dataOffset: Int
        let head = try input.read(0..<min(input.byteCount, NpyHeader.maximumByteCountBeforeElements))
        do {
            (header, dataOffset) = try NpyHeader.parse(head.bytes)
        } catch {
            throw TensorError(
                .malformedFile, path: path,
                "\(error.message) (byte \(error.offset)). Write it again with numpy.save or writeNpy.")
        }
        let accepted = elements.map { $0.npyDescriptor }
        guard let type = elements.first(where: { $0.npyDescriptor == header.descriptor }) else {
            throw TensorError(
                .unsupportedDType, path: path,
                "holds elements of type \(header.descriptor), not \(accepted.joined(separator: " or ")). "
                    + "Save array.astype('\(accepted[0])') instead.")
        }
        guard readsFortranOrder || !header.isFortranOrder || header.shape.count <= 1 else {
            throw TensorError(
                .unsupportedDType, path: path,
                "is in Fortran order, and only C order is read. Save numpy.ascontiguousarray(array) instead.")
        }
        guard let count = Tensor.checkedElementCount(of: header.shape),
            case let (byteCount, overflow) = count.multipliedReportingOverflow(by: type.npyByteWidth), !overflow,
            byteCount == input.byteCount - dataOffset
        else {
            throw TensorError(
                .malformedFile, path: path,
                "has \(input.byteCount - dataOffset) bytes of elements, which is not what shape \(header.shape) of "
                    + "\(header.descriptor) takes. It was cut short or appended to: write it again.")
        }
        self.header = header
        self.count = count
        self.input = input
        self.dataOffset = dataOffset
        elementWidth = type.npyByteWidth
    }

    /// The bytes of the elements in `range`, counted in row-major order.
    func storage(_ range: Range<Int>) throws(TensorError) -> TensorStorage {
        try input.read(dataOffset + range.lowerBound * elementWidth..<dataOffset + range.upperBound * elementWidth)
    }

    /// The elements in `range`, counted in row-major order, as they lie in the file.
    func elements<Element: NpyElement>(as type: Element.Type, _ range: Range<Int>) throws(TensorError) -> [Element] {
        let storage = try storage(range)
        return Array(unsafeUninitializedCapacity: range.count) { buffer, initializedCount in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: storage.bytes)
            initializedCount = range.count
        }
    }
}
