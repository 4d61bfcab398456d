import MAEFormats

extension PickleValue {
    /// The entries of a dictionary, or of an object of a kind of dictionary; nil for anything else.
    private var table: PickleDictionary? {
        switch self {
        case .dictionary(let dictionary): dictionary
        case .object(let object) where !object.entries.isEmpty: object.entries
        default: nil
        }
    }

    /// The entries of a table whose keys are strings, such as `_modules`.
    var namedEntries: [(name: String, value: PickleValue)]? {
        table?.compactMap { entry in entry.key.string.map { ($0, entry.value) } }
    }

    /// Number of entries of a table.
    var entryCount: Int { table?.count ?? 0 }

    /// The values of a table, whatever their keys, such as those of `_forward_hooks`.
    var values: [PickleValue] { table?.map(\.value) ?? [] }
}
