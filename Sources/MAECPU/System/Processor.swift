import Glibc

/// What the system tells about the processor this process runs on.
enum Processor {
    /// The name the processor gives itself, or the machine type where there is none, as on ARM.
    static let name: String = field("model name", of: "/proc/cpuinfo") ?? machineType

    /// Number of processors this process may run on.
    static var allowedCount: Int {
        let mask = field("Cpus_allowed", of: "/proc/self/status") ?? ""
        let bits = mask.reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
        return bits > 0 ? bits : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    }

    /// The value of the first line `name: value` of a text file.
    private static func field(_ name: String, of path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(line) }
        while getline(&line, &capacity, file) > 0, let text = line.map({ String(cString: $0) }) {
            guard text.hasPrefix(name), let colon = text.firstIndex(of: ":") else { continue }
            let rest = text[..<colon].dropFirst(name.count)
            let value = text[text.index(after: colon)...].drop(while: \.isWhitespace).prefix { $0 != "\n" }
            if rest.allSatisfy(\.isWhitespace) && !value.isEmpty { return String(value) }
        }
        return nil
    }

    private static var machineType: String {
        var names = utsname()
        guard uname(&names) == 0 else { return "unknown processor" }
        return withUnsafeBytes(of: names.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
