/// The middle and the slowest hundredth of many times; 0 where there were none.
struct Percentiles: Codable {
    let p50, p99: Double

    init(_ values: [Double]) {
        let sorted = values.sorted()
        func at(_ share: Double) -> Double {
            sorted.isEmpty ? 0 : sorted[min(Int(Double(sorted.count) * share), sorted.count - 1)]
        }
        (p50, p99) = (at(0.5), at(0.99))
    }
}
