/// Which patches of an image are kept, in the rows and columns of the image.
public struct PatchGrid: Sendable, Hashable {
    /// Whose patches they are.
    public var caption: String
    /// Patches side by side.
    public var columns: Int
    /// Whether each patch is kept, row by row.
    public var isKept: [Bool]

    /// A grid of at least one column.
    public init(caption: String, columns: Int, isKept: [Bool]) {
        self.caption = caption
        self.columns = max(columns, 1)
        self.isKept = isKept
    }
}
