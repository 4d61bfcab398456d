import ArgumentParser

/// A seed as `torch.manual_seed` takes it.
public enum SeedArgument {
    /// The seed where none is given.
    public static let `default`: UInt64 = 42

    /// The seed that `text` gives PyTorch's generator: a negative one counts from 2^64 down, as in PyTorch.
    ///
    /// - Throws: `ValidationError` for anything but a whole number from -2^63 to 2^64 - 1.
    public static func parse(_ text: String) throws -> UInt64 {
        if let seed = UInt64(text) { return seed }
        if let seed = Int64(text) { return UInt64(bitPattern: seed) }
        throw ValidationError("\(text): a seed is a whole number from -2^63 to 2^64 - 1, as torch.manual_seed takes it")
    }
}
