extension Picture {
    /// The picture in another size: the bytes that `PIL.Image.resize` gives.
    ///
    /// That is Pillow's algorithm for pictures of 8 bits: filters that widen with the ratio (antialiasing), along rows and
    /// along columns, each pass rounded to 8 bits.
    ///
    /// - Throws: ``PictureProblem`` for a size of too many pixels.
    func resized(width newWidth: Int, height newHeight: Int, _ filter: ResamplingFilter) throws(PictureProblem)
        -> Picture
    {
        try PictureLimits.requirePixels(newWidth, newHeight)
        guard (newWidth, newHeight) != (width, height) else { return self }
        guard let support = filter.support else { return nearest(newWidth, newHeight) }
        func rows(_ picture: Picture) -> Picture {
            guard newWidth != width else { return picture }
            return picture.alongRows(ResamplingWeights(from: width, to: newWidth, filter, support: support), newWidth)
        }
        func columns(_ picture: Picture) -> Picture {
            guard newHeight != height else { return picture }
            return picture.alongColumns(
                ResamplingWeights(from: height, to: newHeight, filter, support: support), newHeight)
        }
        // The order is that of Pillow from release 13 on, and shows in the last bit. Either way what is between both passes is no
        // larger than the picture or the result.
        let isColumnsFirst = height - newHeight > max(0, 2 * (width - newWidth))
        return isColumnsFirst ? rows(columns(self)) : columns(rows(self))
    }

    /// The part of a size in the middle, with black around it where the picture is smaller: as transformers' `center_crop` does it.
    ///
    /// - Throws: ``PictureProblem`` for a size of too many pixels.
    func cropped(width newWidth: Int, height newHeight: Int) throws(PictureProblem) -> Picture {
        try PictureLimits.requirePixels(newWidth, newHeight)
        let (top, left) = (Self.margin(height, newHeight), Self.margin(width, newWidth))
        var output = [UInt8](repeating: 0, count: newWidth * newHeight * Self.channels)
        let columns = max(left, 0)..<min(left + newWidth, width)
        for row in max(top, 0)..<min(top + newHeight, height) {
            let from = (row * width + columns.lowerBound) * Self.channels
            let to = ((row - top) * newWidth + columns.lowerBound - left) * Self.channels
            let length = columns.count * Self.channels
            output.replaceSubrange(to..<to + length, with: samples[from..<from + length])
        }
        return Picture(width: newWidth, height: newHeight, samples: output)
    }

    /// Pixels before the middle part of a length; below 0, by how many are put before, where it is longer than the whole.
    private static func margin(_ length: Int, _ part: Int) -> Int {
        // Of an odd difference, the smaller half is cut off before, and the larger one put there.
        part <= length ? (length - part) / 2 : -((part - length + 1) / 2)
    }

    private func alongRows(_ weights: ResamplingWeights, _ newWidth: Int) -> Picture {
        weighted(weights, width: newWidth, height: height, step: Self.channels) { row, column in
            (column, row * width + weights.first[column])
        }
    }

    private func alongColumns(_ weights: ResamplingWeights, _ newHeight: Int) -> Picture {
        weighted(weights, width: width, height: newHeight, step: width * Self.channels) { row, column in
            (row, weights.first[row] * width + column)
        }
    }

    /// One pass: each pixel of the result is a weighted sum of pixels that are `step` bytes apart.
    ///
    /// `place` says, by row and column of the result, which weights count, and which pixel is the first of them. The pixels are
    /// those of a row or column from `first` on, `count` of them, which ``ResamplingWeights`` keeps inside of it; so no address is
    /// outside of `samples`, and none outside of the result, which is as large as its width and height say.
    private func weighted(
        _ weights: ResamplingWeights, width newWidth: Int, height newHeight: Int, step: Int,
        _ place: (_ row: Int, _ column: Int) -> (weights: Int, first: Int)
    ) -> Picture {
        let size = newWidth * newHeight * Self.channels
        let output = [UInt8](unsafeUninitializedCapacity: size) { output, initialized in
            samples.withUnsafeBufferPointer { input in
                weights.weights.withUnsafeBufferPointer { factors in
                    for row in 0..<newHeight {
                        for column in 0..<newWidth {
                            let (index, first) = place(row, column)
                            var (source, factor) = (first * Self.channels, index * weights.width)
                            // Half of what is rounded to, so that the shift rounds to nearest.
                            let half = Int32(1) << (ResamplingWeights.fractionBits - 1)
                            var (red, green, blue) = (half, half, half)
                            for _ in 0..<weights.count[index] {
                                red &+= Int32(input[source]) &* factors[factor]
                                green &+= Int32(input[source + 1]) &* factors[factor]
                                blue &+= Int32(input[source + 2]) &* factors[factor]
                                source += step
                                factor += 1
                            }
                            let target = (row * newWidth + column) * Self.channels
                            output[target] = Self.rounded(red)
                            output[target + 1] = Self.rounded(green)
                            output[target + 2] = Self.rounded(blue)
                        }
                    }
                }
            }
            initialized = size
        }
        return Picture(width: newWidth, height: newHeight, samples: output)
    }

    private static func rounded(_ sum: Int32) -> UInt8 {
        UInt8(clamping: sum >> ResamplingWeights.fractionBits)
    }

    /// The pixel in which the middle of each new one lies.
    private func nearest(_ newWidth: Int, _ newHeight: Int) -> Picture {
        let (columns, rows) = (Self.middles(width, newWidth), Self.middles(height, newHeight))
        var output: [UInt8] = []
        output.reserveCapacity(newWidth * newHeight * Self.channels)
        for row in rows {
            for column in columns {
                let first = (row * width + column) * Self.channels
                output += samples[first..<first + Self.channels]
            }
        }
        return Picture(width: newWidth, height: newHeight, samples: output)
    }

    private static func middles(_ length: Int, _ newLength: Int) -> [Int] {
        let scale = Double(length) / Double(newLength)
        // Added up as Pillow does it, whose sums are not those of a product everywhere.
        var place = scale * 0.5
        return (0..<newLength).map { _ in
            defer { place += scale }
            return min(Int(place), length - 1)
        }
    }
}
