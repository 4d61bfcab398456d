/// A JSON document, kept as it was written: keys in order, integers apart from other numbers.
public indirect enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// A number without fraction or exponent that fits 64 bits.
    case integer(Int)
    /// Any other number.
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([JSONMember])

    /// An object of the given members, in their order.
    public static func members(_ members: KeyValuePairs<String, JSONValue>) -> JSONValue {
        .object(members.map { JSONMember(key: $0.key, value: $0.value) })
    }

    /// The value of a member of an object; nil for another key or another kind of value.
    public subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        // Keys are equal when their bytes are: Swift would also hold other spellings of one character equal.
        return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// The members of an object, in the order of the file.
    public var members: [JSONMember]? { if case .object(let members) = self { members } else { nil } }

    /// The elements of an array.
    public var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }

    /// The text of a string.
    public var string: String? { if case .string(let text) = self { text } else { nil } }

    /// The value of an integer.
    public var int: Int? { if case .integer(let value) = self { value } else { nil } }

    /// The value of a boolean.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The value of a number of either kind.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }
}

/// One key of a JSON object and its value.
public struct JSONMember: Sendable, Hashable {
    /// The key.
    public let key: String
    /// The value.
    public let value: JSONValue

    /// Pairs a key with its value.
    public init(key: String, value: JSONValue) {
        self.key = key
        self.value = value
    }
}
