/// Metrics in the text format of Prometheus, read as strictly as its own checker reads them.
public struct PrometheusSamples {
    /// The number of a sample, by its name and labels as `name{label="value"}`, values unescaped.
    public private(set) var values: [String: Double] = [:]
    /// The type of each metric.
    public private(set) var types: [String: String] = [:]
    /// What is wrong with the text.
    public private(set) var faults: [String] = []

    private var helps: Set<String> = []
    private var finished: Set<String> = []
    private var current: String?

    /// Reads a whole file.
    public init(_ text: String) {
        if !text.isEmpty, !text.hasSuffix("\n") { faults.append("the last line does not end") }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() { read(String(line)) }
        for (name, type) in types where type == "histogram" { checkHistogram(name) }
    }

    /// The number of a sample; nil when there is none.
    public subscript(name: String) -> Double? { values[name] }

    private mutating func read(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        if line.hasPrefix("# HELP "), words.count == 4 {
            begin(words[2])
            if !helps.insert(words[2]).inserted { faults.append("two HELP lines for \(words[2])") }
        } else if line.hasPrefix("# TYPE "), words.count == 4 {
            begin(words[2])
            guard types[words[2]] == nil else { return faults.append("two TYPE lines for \(words[2])") }
            types[words[2]] = words[3]
            if !["counter", "gauge", "histogram"].contains(words[3]) { faults.append("no type: \(line)") }
            if words[3] == "counter", !words[2].hasSuffix("_total") {
                faults.append("a counter not in _total: \(line)")
            }
            if words[3] != "counter", words[2].hasSuffix("_total") {
                faults.append("_total, but no counter: \(line)")
            }
        } else {
            sample(line)
        }
    }

    /// The lines of a metric stand together.
    private mutating func begin(_ name: String) {
        guard current != name else { return }
        if let current { finished.insert(current) }
        current = name
        if finished.contains(name) { faults.append("\(name) in two places") }
        if name.wholeMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*/) == nil { faults.append("no name: \(name)") }
    }

    private mutating func sample(_ line: String) {
        var rest = Substring(line)
        let name = String(rest.prefix { $0 != "{" && $0 != " " })
        rest = rest.dropFirst(name.count)
        guard let labels = Self.labels(&rest), rest.first == " ", let value = Self.number(rest.dropFirst()) else {
            return faults.append("not a sample: \(line)")
        }
        let isOfCurrent = current.map { family in
            let suffixes = types[family] == "histogram" ? ["_bucket", "_sum", "_count"] : [""]
            return suffixes.contains { family + $0 == name }
        }
        if isOfCurrent != true || current.map({ helps.contains($0) && types[$0] != nil }) != true {
            faults.append("a sample without its HELP and TYPE: \(line)")
        }
        let key = name + (labels.isEmpty ? "" : "{" + labels.map { "\($0)=\"\($1)\"" }.joined(separator: ",") + "}")
        if values.updateValue(value, forKey: key) != nil { faults.append("two samples: \(key)") }
    }

    /// Reads `{name="value",…}`; nil when it is none, empty when there is none.
    private static func labels(_ rest: inout Substring) -> [(String, String)]? {
        guard rest.first == "{" else { return [] }
        var labels: [(String, String)] = []
        repeat {
            rest = rest.dropFirst()
            guard let head = rest.prefixMatch(of: /([a-zA-Z_][a-zA-Z0-9_]*)="/) else { return nil }
            rest = rest[head.range.upperBound...]
            var value = ""
            while let character = rest.popFirst(), character != "\"" {
                guard character == "\\" else {
                    value.append(character)
                    continue
                }
                switch rest.popFirst() {
                case "n": value.append("\n")
                case "\\": value.append("\\")
                case "\"": value.append("\"")
                default: return nil
                }
            }
            labels.append((String(head.output.1), value))
        } while rest.first == ","
        return rest.popFirst() == "}" ? labels : nil
    }

    private static func number(_ text: Substring) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: Double(text)
        }
    }

    private mutating func checkHistogram(_ name: String) {
        let buckets = values.filter { $0.key.hasPrefix("\(name)_bucket{le=\"") }
            .compactMap { key, count in
                Self.number(key.dropFirst("\(name)_bucket{le=\"".count).dropLast(2)).map { ($0, count) }
            }
            .sorted { $0.0 < $1.0 }
        if buckets.last?.0 != .infinity || buckets.last?.1 != values["\(name)_count"] || values["\(name)_sum"] == nil {
            faults.append("\(name) lacks its +Inf bucket, its count or its sum")
        }
        if zip(buckets, buckets.dropFirst()).contains(where: { $0.1 > $1.1 }) { faults.append("\(name) falls") }
    }
}
