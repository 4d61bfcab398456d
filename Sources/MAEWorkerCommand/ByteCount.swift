import ArgumentParser

/// A number of bytes as people write it: `20GB`, `1.5GiB`, `4096`.
struct ByteCount: ExpressibleByArgument {
    let bytes: Int

    private static let units = [
        ("KIB", 1 << 10), ("MIB", 1 << 20), ("GIB", 1 << 30), ("TIB", 1 << 40),
        ("KB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("B", 1),
    ]

    init(_ bytes: Int) { self.bytes = bytes }

    init?(argument: String) {
        let text = argument.uppercased()
        let (suffix, unit) = Self.units.first { text.hasSuffix($0.0) } ?? ("", 1)
        guard let number = Double(text.dropLast(suffix.count)), number > 0, number * Double(unit) < 1e18 else {
            return nil
        }
        self.init(Int(number * Double(unit)))
    }

    var defaultValueDescription: String { bytes % 1_000_000_000 == 0 ? "\(bytes / 1_000_000_000)GB" : "\(bytes)" }
}
