import MAEDomain

extension NodeID {
    /// A file name that no other name has: letters, digits and `_-.` as they are, other bytes as `%` and two digits.
    ///
    /// A dot at the front is among the others, so that no name makes a hidden file or leads out of the folder.
    public var fileName: String {
        var text = ""
        for (index, byte) in name.utf8.enumerated() {
            let scalar = Unicode.Scalar(byte)
            switch scalar {
            case "a"..."z", "A"..."Z", "0"..."9", "_", "-": text.unicodeScalars.append(scalar)
            case "." where index > 0: text.unicodeScalars.append(scalar)
            default: text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        return text
    }
}
