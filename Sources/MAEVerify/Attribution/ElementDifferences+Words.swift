import MAEText

extension ElementDifferences {
    /// How the values differ, as sentences of evidence on the side that is suspected, which is called `name`.
    package func sentences(of name: String) -> [String] {
        let names = NumberText.list(images.map(String.init), limit: 4)
        let share =
            "\(differing) of its \(NumberText.count(compared, "value")) in \(images.count == 1 ? "image" : "images") \(names) "
            + "differ" + (differing == 1 ? "s" : "")
        let distance = largestDistance.map {
            ", by up to \(NumberText.count(Int(clamping: $0), "unit")) in the last place"
        }
        let list = first.prefix(3).map(Self.words).joined(separator: "; ")
        let more = differing > 3 ? "; …" : ""
        return [
            "\(share)\(distance ?? ", some NaN or infinite"): \(pattern.words). \(bitWords).",
            "\(name) has \(list)\(more).",
        ]
    }

    /// `0.25 (3e800000) for 0.5 (3f000000) at image 0, row 3, channel 17`.
    private static func words(_ element: Element) -> String {
        "\(value(element.suspected)) for \(value(element.reference)) at image \(element.image), row \(element.row), "
            + "channel \(element.column)"
    }

    private static func value(_ bits: UInt32) -> String {
        "\(Float(bitPattern: bits)) (\(bits.hexadecimal))"
    }

    /// Which bits differ.
    private var bitWords: String {
        if anyBits.nonzeroBitCount == 1 {
            let bit = anyBits.trailingZeroBitCount
            return "Only bit \(bit) is flipped, \(Self.part(ofBit: bit))"
        }
        let parts = [(UInt32(1) << 31, "sign"), (0x7F80_0000, "exponent"), (0x007F_FFFF, "mantissa")]
            .filter { anyBits & $0.0 != 0 }.map(\.1)
        let common = allBits == 0 ? "no bit in all of them" : "in all of them \(allBits.hexadecimal)"
        return "Bits that differ: \(anyBits.hexadecimal) in any (\(NumberText.list(parts))), \(common)"
    }

    private static func part(ofBit bit: Int) -> String {
        bit == 31 ? "the sign" : bit > 22 ? "of the exponent" : "of the mantissa"
    }
}
