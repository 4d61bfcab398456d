extension UInt32 {
    /// Eight hexadecimal digits, as bits of fp32 are written.
    package var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
