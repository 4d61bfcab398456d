/// Height and width of an image or patch, in pixels.
public struct ImageExtent: Sendable, Hashable, CustomStringConvertible {
    /// Rows.
    public var height: Int
    /// Columns.
    public var width: Int

    /// An extent of the given rows and columns.
    public init(height: Int, width: Int) {
        self.height = height
        self.width = width
    }

    /// A square with sides of `side` pixels.
    public init(square side: Int) { self.init(height: side, width: side) }

    /// Whether both sides are equal.
    public var isSquare: Bool { height == width }

    /// `height × width`.
    public var description: String { "\(height) × \(width)" }
}
