/// What the places of wrong elements have in common, which hints at the part of the machine that errs.
public enum FaultPattern: Sendable, Hashable {
    /// One element.
    case element
    /// Some elements of one row of one image.
    case row(image: Int, row: Int)
    /// One column, in several rows.
    case column(Int)
    /// Every column whose index has this remainder, of 16 or 8: one lane of a vector.
    case lane(Int, of: Int)
    /// One head of several.
    case head(Int)
    /// A block of rows, from one to another of the same image or the next one, and of columns.
    case tile(from: Place, to: Place, columns: ClosedRange<Int>)
    /// The same row of several images.
    case position(Int)
    /// One image of several.
    case image(Int)
    /// More than half of all elements.
    case everything
    /// None of these.
    case scattered

    /// A row of an image.
    public struct Place: Sendable, Hashable {
        /// Index of the image in its batch, and row of the image.
        public var image: Int, row: Int

        /// Names a row.
        public init(image: Int, row: Int) { (self.image, self.row) = (image, row) }
    }

    /// In words, to stand after "wrong elements are".
    public var words: String {
        switch self {
        case .element: "one element"
        case .row(let image, let row): "all in one row (image \(image), row \(row))"
        case .column(let column):
            "all in one channel (\(column)), over several rows"
        case .lane(let lane, let width): "all in one lane (channel mod \(width) = \(lane))"
        case .head(let head): "all in one head (\(head))"
        case .position(let row): "all in row \(row) of several images"
        case .tile(let from, let to, let columns):
            "all in one tile (image \(from.image), row \(from.row) to "
                + (to.image == from.image ? "" : "image \(to.image), ")
                + "row \(to.row); channels \(columns.lowerBound) to \(columns.upperBound))"
        case .image(let image): "all in one image (\(image))"
        case .everything: "everywhere, or nearly so"
        case .scattered: "scattered"
        }
    }

    /// The name of the pattern in reports.
    public var name: String {
        switch self {
        case .element: "element"
        case .row: "row"
        case .column: "channel"
        case .lane: "lane"
        case .head: "head"
        case .tile: "tile"
        case .position: "position"
        case .image: "image"
        case .everything: "everything"
        case .scattered: "scattered"
        }
    }

    /// The numbers that it has, in the order of its words.
    package var numbers: [Int] {
        switch self {
        case .element, .everything, .scattered: []
        case .row(let image, let row): [image, row]
        case .column(let number), .head(let number), .image(let number), .position(let number): [number]
        case .lane(let lane, let width): [lane, width]
        case .tile(let from, let to, let columns):
            [from.image, from.row, to.image, to.row, columns.lowerBound, columns.upperBound]
        }
    }

    /// The pattern of a name and its numbers; nil for one that there is not.
    package init?(name: String, numbers: [Int]) {
        switch (name, numbers.count) {
        case ("element", 0): self = .element
        case ("row", 2): self = .row(image: numbers[0], row: numbers[1])
        case ("channel", 1): self = .column(numbers[0])
        case ("lane", 2): self = .lane(numbers[0], of: numbers[1])
        case ("head", 1): self = .head(numbers[0])
        case ("tile", 6) where numbers[4] <= numbers[5]:
            self = .tile(
                from: Place(image: numbers[0], row: numbers[1]), to: Place(image: numbers[2], row: numbers[3]),
                columns: numbers[4]...numbers[5])
        case ("position", 1): self = .position(numbers[0])
        case ("image", 1): self = .image(numbers[0])
        case ("everything", 0): self = .everything
        case ("scattered", 0): self = .scattered
        default: return nil
        }
    }

    /// Where wrong elements are, taken in one by one.
    struct Places {
        private let images: [Int]
        private let batch: Int, rows: Int, columns: Int, heads: Int
        private var count = 0
        private var (top, bottom, left, right) = (Int.max, -1, Int.max, -1)
        private var seenColumns: Set<Int> = []
        private var seenRows: Set<Int> = []

        /// Of these `images` out of a `batch`, of `rows` rows each, each of `columns` elements in `heads` heads.
        init(images: [Int], of batch: Int, rows: Int, columns: Int, heads: Int) {
            (self.images, self.batch) = (images, batch)
            (self.rows, self.columns, self.heads) = (rows, columns, max(heads, 1))
        }

        /// Takes in an element; `row` is counted through all images.
        mutating func add(row: Int, column: Int) {
            count += 1
            (top, bottom) = (min(top, row), max(bottom, row))
            (left, right) = (min(left, column), max(right, column))
            seenColumns.insert(column)
            seenRows.insert(row % rows)
        }

        /// Larger blocks than this are no tile of a kernel.
        private static let tileExtent = 64

        /// What the elements have in common.
        var pattern: FaultPattern {
            let isOneImage = batch > 1 && top / rows == bottom / rows
            if count == 1 { return .element }
            if count * 2 > images.count * rows * columns, rows * columns > 1 {
                return isOneImage ? .image(images[top / rows]) : .everything
            }
            if left == right { return .column(left) }
            if let lane { return lane }
            if top == bottom { return .row(image: images[top / rows], row: top % rows) }
            let width = max(columns / heads, 1)
            let isOneHead = heads > 1 && left / width == right / width
            // A tile is filled; a head or an image is larger than a tile, or has other bounds.
            let area = (bottom - top + 1) * (right - left + 1)
            let (first, last) = (images[top / rows], images[bottom / rows])
            if bottom - top < Self.tileExtent, right - left < Self.tileExtent, count * 2 > area, last - first <= 1,
                !(isOneHead && right - left + 1 == width)
            {
                return .tile(
                    from: Place(image: first, row: top % rows), to: Place(image: last, row: bottom % rows),
                    columns: left...right)
            }
            if isOneHead { return .head(left / width) }
            if seenRows.count == 1, let row = seenRows.first { return .position(row) }
            return isOneImage ? .image(images[top / rows]) : .scattered
        }

        /// Three columns or more that have one remainder.
        private var lane: FaultPattern? {
            guard seenColumns.count > 2 else { return nil }
            for width in [16, 8] where Set(seenColumns.map { $0 % width }).count == 1 {
                return .lane(left % width, of: width)
            }
            return nil
        }
    }
}
