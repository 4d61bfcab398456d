/// Numbers of the zip format, after PKWARE's APPNOTE 6.3.
enum ZipFormat {
    static let localSignature: UInt32 = 0x0403_4B50
    static let centralSignature: UInt32 = 0x0201_4B50
    static let endSignature: UInt32 = 0x0605_4B50
    static let end64Signature: UInt32 = 0x0606_4B50
    static let locator64Signature: UInt32 = 0x0706_4B50

    static let localHeaderSize = 30
    static let centralHeaderSize = 46
    static let endRecordSize = 22
    static let end64RecordSize = 56
    static let locator64Size = 20
    /// The comment after an end record has a length of 16 bits.
    static let maximumCommentSize = 0xFFFF

    /// Value of a 16-bit field whose true value stands in a zip64 record.
    static let saturated16 = UInt64(UInt16.max)
    /// Value of a 32-bit field whose true value stands in a zip64 record.
    static let saturated32 = UInt64(UInt32.max)

    static let zip64ExtraID: UInt16 = 0x0001

    /// Flag bits: encrypted, strong encryption, masked headers.
    static let encryptionFlags: UInt16 = 1 << 0 | 1 << 6 | 1 << 13
    /// Flag bit: sizes and CRC follow the data, and the local header need not hold them.
    static let descriptorFlag: UInt16 = 1 << 3
    /// Flag bit: the name is UTF-8.
    static let utf8Flag: UInt16 = 1 << 11

    static let stored: UInt16 = 0
    static let deflated: UInt16 = 8
}
