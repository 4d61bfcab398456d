import Glibc

/// Small text files in which Linux tells about itself.
enum SystemFile {
    /// The first 64 KiB of a file; nil when it cannot be read.
    static func text(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
            count = fread(buffer.baseAddress, 1, buffer.count, file)
        }
        return ferror(file) == 0 ? String(decoding: bytes, as: UTF8.self) : nil
    }

    /// The value of the first line `name: value`, or `name value`, of a file.
    static func field(_ name: String, of path: String) -> String? {
        for line in text(path)?.split(separator: "\n") ?? [] where line.hasPrefix(name) {
            let rest = line.dropFirst(name.count)
            guard let next = rest.first, next == ":" || next.isWhitespace else { continue }
            let value = rest.drop { $0.isWhitespace || $0 == ":" }
            if !value.isEmpty { return String(value) }
        }
        return nil
    }

    /// The whole number that a file, or one of its fields, starts with.
    static func number(_ path: String, field name: String? = nil) -> Int? {
        let value = name.map { field($0, of: path) } ?? text(path)
        return value?.split(whereSeparator: \.isWhitespace).first.flatMap { Int($0) }
    }
}
