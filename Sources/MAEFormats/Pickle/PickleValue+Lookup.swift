extension PickleValue {
    /// The value of a string key of a dictionary, or of an object whose class is a kind of dictionary.
    public subscript(key: String) -> PickleValue? {
        switch self {
        case .dictionary(let dictionary): dictionary[key]
        case .object(let object): object.entries[key]
        default: nil
        }
    }

    /// An attribute of an object, as in its `__dict__`.
    public func attribute(_ name: String) -> PickleValue? { object?.attribute(name) }

    /// The text of a string.
    public var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The value of a boolean.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The value of an integer of 64 bits; a boolean is none.
    public var int: Int? { if case .int(let value) = self { Int(value) } else { nil } }

    /// The value of a float or integer.
    public var double: Double? {
        switch self {
        case .float(let value): value
        case .int(let value): Double(value)
        default: nil
        }
    }

    /// The elements of a list or tuple.
    public var sequence: PickleSequence? {
        switch self {
        case .list(let elements), .tuple(let elements): elements
        default: nil
        }
    }

    /// The entries of a dictionary.
    public var dictionary: PickleDictionary? { if case .dictionary(let value) = self { value } else { nil } }

    /// An object or result of a call.
    public var object: PickleObject? { if case .object(let value) = self { value } else { nil } }

    /// A class or function.
    public var global: PickleGlobal? { if case .global(let value) = self { value } else { nil } }

    /// A tensor or parameter.
    public var tensor: PickleTensor? { if case .tensor(let value) = self { value } else { nil } }

    /// Whether this is `None`.
    public var isNone: Bool { if case .none = self { true } else { false } }

    /// The kind of value in a word or two, for messages.
    public var kind: String {
        switch self {
        case .none: "None"
        case .bool: "a boolean"
        case .int, .bigInteger: "an integer"
        case .float: "a float"
        case .string: "a string"
        case .bytes: "bytes"
        case .list: "a list"
        case .tuple: "a tuple"
        case .set: "a set"
        case .dictionary: "a dictionary"
        case .global(let global): "the name \(global.qualifiedName)"
        case .object(let object): object.className.map { "an object of \($0)" } ?? "an object"
        case .tensor: "a tensor"
        case .storage: "a storage"
        case .dtype: "a dtype"
        case .device: "a device"
        case .size: "a torch.Size"
        case .scalar: "a scalar of numpy"
        }
    }
}
