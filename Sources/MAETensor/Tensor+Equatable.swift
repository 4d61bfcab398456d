extension Tensor: Equatable {
    /// Whether shape and bits are the same, every NaN being equal to every NaN.
    public static func == (left: Tensor, right: Tensor) -> Bool { left.hasSameBits(as: right) }
}
