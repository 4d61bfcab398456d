extension Array where Element: Comparable {
    /// The index of the first element that is not below `value`, in an ascending array.
    func index(notBelow value: Element) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
