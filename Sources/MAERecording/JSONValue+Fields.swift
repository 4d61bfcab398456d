import MAEFormats
import MAETensor

/// The fields of a recording: each is of the kind that is told, or the recording is refused.
extension JSONValue {
    /// The value of a field; nil for one that is left out or null.
    func field(_ key: String) -> JSONValue? {
        guard let value = self[key], value != .null else { return nil }
        return value
    }

    /// The value of a field that every recording has.
    func needed(_ key: String) throws(RecordingProblem) -> JSONValue {
        guard let value = field(key) else { throw RecordingProblem("is missing.", at: key) }
        return value
    }

    /// A text of a bounded length.
    func asText() throws(RecordingProblem) -> String {
        guard let text = string else { throw RecordingProblem("is no string.") }
        guard text.utf8.count <= RecordingLimits.text else {
            throw RecordingProblem("has \(text.utf8.count) bytes; at most \(RecordingLimits.text) are read.")
        }
        return text
    }

    /// A whole number of a range.
    func asInt(_ range: ClosedRange<Int>) throws(RecordingProblem) -> Int {
        guard let value = int, range.contains(value) else {
            throw RecordingProblem(
                range.upperBound == .max
                    ? "is no whole number from \(range.lowerBound) on."
                    : "is no whole number from \(range.lowerBound) to \(range.upperBound).")
        }
        return value
    }

    /// The elements of a list of a bounded length.
    func asList(most: Int) throws(RecordingProblem) -> [JSONValue] {
        guard let elements = array else { throw RecordingProblem("is no list.") }
        guard elements.count <= most else {
            throw RecordingProblem("has \(elements.count) elements; at most \(most) are read.")
        }
        return elements
    }

    /// The members of an object of a bounded size.
    func asObject(most: Int) throws(RecordingProblem) -> [JSONMember] {
        guard let members else { throw RecordingProblem("is no object.") }
        guard members.count <= most else {
            throw RecordingProblem("has \(members.count) fields; at most \(most) are read.")
        }
        for member in members where member.key.utf8.count > RecordingLimits.text {
            throw RecordingProblem("has a name of \(member.key.utf8.count) bytes.")
        }
        return members
    }

    /// A needed text.
    func text(_ key: String) throws(RecordingProblem) -> String {
        let value = try needed(key)
        return try within(key) { () throws(RecordingProblem) in try value.asText() }
    }

    /// A text that may be left out.
    func textIfAny(_ key: String) throws(RecordingProblem) -> String? { field(key) == nil ? nil : try text(key) }

    /// A truth value that may be left out.
    func flagIfAny(_ key: String) throws(RecordingProblem) -> Bool? {
        guard let value = field(key) else { return nil }
        guard let flag = value.bool else { throw RecordingProblem("is neither true nor false.", at: key) }
        return flag
    }

    /// A needed whole number.
    func whole(_ key: String, in range: ClosedRange<Int>) throws(RecordingProblem) -> Int {
        let value = try needed(key)
        return try within(key) { () throws(RecordingProblem) in try value.asInt(range) }
    }

    /// A count that may be left out: then it is 0.
    func count(_ key: String) throws(RecordingProblem) -> Int {
        field(key) == nil ? 0 : try whole(key, in: 0...Int.max)
    }

    /// A finite number that may be left out.
    func numberIfAny(_ key: String) throws(RecordingProblem) -> Double? {
        guard let value = field(key) else { return nil }
        guard let number = value.double, number.isFinite else {
            throw RecordingProblem("is no finite number.", at: key)
        }
        return number
    }

    /// A digest that may be left out.
    func digestIfAny(_ key: String) throws(RecordingProblem) -> SHA256Digest? {
        guard let value = field(key) else { return nil }
        guard let digest = value.string.flatMap({ SHA256Digest(hex: $0) }) else {
            throw RecordingProblem("is no SHA-256 of 64 hexadecimal digits.", at: key)
        }
        return digest
    }

    /// A needed shape, whose product does not overflow.
    func shape(_ key: String) throws(RecordingProblem) -> [Int] {
        let value = try needed(key)
        return try within(key) { () throws(RecordingProblem) in
            var shape: [Int] = []
            for extent in try value.asList(most: RecordingLimits.dimensions) {
                shape.append(try extent.asInt(0...Int.max))
            }
            guard Tensor.checkedElementCount(of: shape) != nil else {
                throw RecordingProblem("is \(shape), which no tensor has.")
            }
            return shape
        }
    }

    /// A list, each element of which `read` turns into something; empty when it is left out.
    func list<Element>(
        _ key: String, most: Int, _ read: (JSONValue, Int) throws(RecordingProblem) -> Element
    ) throws(RecordingProblem) -> [Element] {
        guard let value = field(key) else { return [] }
        return try within(key) { () throws(RecordingProblem) in
            let elements = try value.asList(most: most)
            var result: [Element] = []
            result.reserveCapacity(elements.count)
            for (index, element) in elements.enumerated() {
                result.append(try within("[\(index)]") { () throws(RecordingProblem) in try read(element, index) })
            }
            return result
        }
    }

    /// The members of an object; none when it is left out.
    func object(_ key: String, most: Int) throws(RecordingProblem) -> [JSONMember] {
        guard let value = field(key) else { return [] }
        return try within(key) { () throws(RecordingProblem) in try value.asObject(most: most) }
    }
}
