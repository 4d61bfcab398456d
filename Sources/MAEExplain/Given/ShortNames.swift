/// Names for files in a report: of each path as much of its end as tells it from the others.
struct ShortNames {
    /// The names, in the order of the paths; what was given twice is numbered.
    let names: [String]

    init(_ paths: [String]) {
        let parts = paths.map { $0.split(separator: "/").map(String.init) }
        func name(_ index: Int, _ count: Int) -> String {
            parts[index].isEmpty ? paths[index] : parts[index].suffix(count).joined(separator: "/")
        }
        var lengths = paths.map { _ in 1 }
        while true {
            let groups = Dictionary(grouping: paths.indices) { name($0, lengths[$0]) }
            let growing = groups.values.filter { group in
                Set(group.map { parts[$0] }).count > 1 && group.contains { lengths[$0] < parts[$0].count }
            }
            guard !growing.isEmpty else { break }
            for index in growing.joined() { lengths[index] += 1 }
        }
        var seen: [String: Int] = [:]
        names = paths.indices.map { index in
            let own = name(index, lengths[index])
            let number = (seen[own] ?? 0) + 1
            seen[own] = number
            return number == 1 ? own : "\(own) (\(number))"
        }
    }
}
