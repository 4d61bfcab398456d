import MAETensor

/// How the values of one operation differ between two nodes, element by element and bit by bit.
///
/// Values are compared as bits: NaN equals NaN of the same bits, and 0 differs from -0.
public struct ElementDifferences: Sendable, Hashable {
    /// One element that differs.
    public struct Element: Sendable, Hashable {
        /// Index of the image in its batch.
        public var image: Int
        /// Row of the image: a token, CLS first, or a kept patch.
        public var row: Int
        /// Element of the row.
        public var column: Int
        /// The bits on the side that is suspected, and on the other.
        public var suspected: UInt32, reference: UInt32

        /// Describes an element.
        public init(image: Int, row: Int, column: Int, suspected: UInt32, reference: UInt32) {
            self.image = image
            self.row = row
            self.column = column
            self.suspected = suspected
            self.reference = reference
        }
    }

    /// Elements that were compared, and those of them that differ.
    public var compared: Int, differing: Int
    /// The first that differ, at most ``elementLimit``.
    public var first: [Element]
    /// The images that were compared: those whose output of the layer differs, or the first few of the batch.
    public var images: [Int]
    /// The bits that differ in any of them, and in all of them.
    public var anyBits: UInt32, allBits: UInt32
    /// The largest distance in units in the last place; nil where a side is NaN or infinite.
    public var largestDistance: UInt64?
    /// What the places of the elements have in common.
    public var pattern: FaultPattern

    /// Most elements that are told one by one.
    public static let elementLimit = 8

    package init(
        compared: Int, differing: Int, images: [Int], first: [Element], anyBits: UInt32, allBits: UInt32,
        largestDistance: UInt64?,
        pattern: FaultPattern
    ) {
        self.compared = compared
        self.differing = differing
        self.images = images
        self.first = first
        self.anyBits = anyBits
        self.allBits = allBits
        self.largestDistance = largestDistance
        self.pattern = pattern
    }

    /// Compares values of shape (images, rows, columns); nil when the shapes differ or no bit does.
    ///
    /// - Parameters:
    ///   - images: the indices in the batch of the images, ascending.
    ///   - batch: images in the batch.
    ///   - heads: heads that a row is made of, side by side.
    init?(_ suspected: Tensor, _ reference: Tensor, images: [Int], of batch: Int, heads: Int) {
        guard suspected.shape == reference.shape, suspected.shape.count == 3, suspected.shape[0] == images.count else {
            return nil
        }
        let (rows, columns) = (suspected.shape[1], suspected.shape[2])
        var first: [Element] = []
        var (count, anyBits, allBits) = (0, UInt32(0), UInt32.max)
        var largest: UInt64? = 0
        var places = FaultPattern.Places(
            images: images, of: batch, rows: rows, columns: columns, heads: heads)
        suspected.withUnsafeElements { suspected in
            reference.withUnsafeElements { reference in
                for index in suspected.indices {
                    let (mine, theirs) = (suspected[index].bitPattern, reference[index].bitPattern)
                    guard mine != theirs else { continue }
                    let (row, column) = (index / columns, index % columns)
                    count += 1
                    anyBits |= mine ^ theirs
                    allBits &= mine ^ theirs
                    largest = largest.flatMap { known in
                        Self.distance(suspected[index], reference[index]).map { max(known, $0) }
                    }
                    places.add(row: row, column: column)
                    if first.count < Self.elementLimit {
                        first.append(
                            Element(
                                image: images[row / rows], row: row % rows, column: column, suspected: mine,
                                reference: theirs))
                    }
                }
            }
        }
        guard count > 0 else { return nil }
        self.init(
            compared: suspected.count, differing: count, images: images, first: first, anyBits: anyBits,
            allBits: allBits,
            largestDistance: largest, pattern: places.pattern)
    }

    /// The same with the sides changed over.
    var reversed: ElementDifferences {
        var reversed = self
        reversed.first = first.map {
            Element(
                image: $0.image, row: $0.row, column: $0.column, suspected: $0.reference, reference: $0.suspected)
        }
        return reversed
    }

    /// Steps from one float to the next between two values; nil where one is NaN or infinite.
    private static func distance(_ a: Float, _ b: Float) -> UInt64? {
        guard a.isFinite, b.isFinite else { return nil }
        // Floats of one sign are ordered as their bits are; negative ones are counted down from zero.
        func order(_ value: Float) -> Int64 {
            let bits = Int64(value.bitPattern & 0x7FFF_FFFF)
            return value.sign == .minus ? -bits : bits
        }
        return UInt64(order(a).distance(to: order(b)).magnitude)
    }
}
