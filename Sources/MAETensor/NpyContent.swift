/// A `.npy` file whose header was read and found to fit its size.
struct NpyContent {
    let header: NpyHeader
    /// Number of elements: the product of the header's shape.
    let count: Int
    let storage: TensorStorage
    /// Where the elements begin in the storage.
    let dataOffset: Int

    /// Reads the file at `path`, whose elements must be one of `elements`.
    ///
    /// In C order, unless `readsFortranOrder`.
    init(
        path: String, oneOf elements: [any NpyElement.Type], readsFortranOrder: Bool = false
    ) throws(TensorError) {
        try self.init(
            try NpyFile.read(path), of: path, oneOf: elements, readsFortranOrder: readsFortranOrder)
    }

    /// Reads what lies in `storage`; `path` is for messages.
    init(
        _ storage: TensorStorage, of path: String, oneOf elements: [any NpyElement.Type], readsFortranOrder: Bool
    ) throws(TensorError) {
        let header: NpyHeader
        let dataOffset: Int
        do {
            (header, dataOffset) = try NpyHeader.parse(storage.bytes)
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
            byteCount == storage.bytes.count - dataOffset
        else {
            throw TensorError(
                .malformedFile, path: path,
                "has \(storage.bytes.count - dataOffset) bytes of elements, which is not what shape \(header.shape) of "
                    + "\(header.descriptor) takes. It was cut short or appended to: write it again.")
        }
        self.header = header
        self.count = count
        self.storage = storage
        self.dataOffset = dataOffset
    }

    /// The elements as they lie in the file.
    func elements<Element: NpyElement>(as type: Element.Type) -> [Element] {
        Array(unsafeUninitializedCapacity: count) { buffer, initializedCount in
            let source = UnsafeRawBufferPointer(rebasing: storage.bytes[dataOffset...])
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: source)
            initializedCount = count
        }
    }
}
