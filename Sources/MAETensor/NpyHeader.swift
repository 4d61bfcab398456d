/// The head of a `.npy` file: what the elements are and where they begin.
///
/// The format is that of NumPy's `numpy.lib.format`: magic, version, length, a Python dictionary literal padded with
/// spaces, a newline, the elements.
struct NpyHeader: Equatable {
    /// NumPy's name of the element type, such as `<f4`.
    var descriptor: String
    /// Whether the first index runs fastest.
    var isFortranOrder: Bool
    /// Extent of each dimension, outermost first.
    var shape: [Int]

    /// The six bytes that every file begins with.
    static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    /// Bytes that the dictionary may take; NumPy itself refuses more than 10,000.
    static let maximumLength = 1 << 16
    /// Bytes that come before the elements at most: magic, version, length and the dictionary.
    static let maximumByteCountBeforeElements = magic.count + 6 + maximumLength
    /// Dimensions an array may have; NumPy's own limit.
    static let maximumRank = 64
    /// The elements begin at a multiple of this.
    private static let alignment = 64
    /// NumPy leaves room for the first extent to grow in place to this many digits.
    private static let growthDigits = 21

    /// The bytes that NumPy writes before the elements of a C-ordered array, in version 1.0 of the format.
    var encoded: [UInt8] {
        let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var text = "{'descr': '\(descriptor)', 'fortran_order': \(isFortranOrder ? "True" : "False"), "
        text += "'shape': (\(extents)), }"
        if let first = shape.first {
            text += String(repeating: " ", count: max(0, Self.growthDigits - String(first).count))
        }
        let prefix = Self.magic.count + 4
        let unpadded = prefix + text.utf8.count + 1
        // One to 64 spaces: where none is needed, NumPy writes 64.
        text += String(repeating: " ", count: Self.alignment - unpadded % Self.alignment) + "\n"
        let length = text.utf8.count
        return Self.magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(text.utf8)
    }
}
