import Foundation
import Testing

/// A JSON object as a program reads it.
struct JSONObject {
    private let members: [String: Any]

    init(_ data: Data) throws {
        members = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    }

    private init(members: [String: Any]) { self.members = members }

    var keys: Set<String> { Set(members.keys) }

    subscript(key: String) -> String? { members[key] as? String }

    func number(_ key: String) -> Double? { (members[key] as? NSNumber)?.doubleValue }

    func bool(_ key: String) -> Bool? { members[key] as? Bool }

    func strings(_ key: String) throws -> [String] {
        try #require(members[key] as? [String], "no texts \(key)")
    }

    func integers(_ key: String) throws -> [Int] {
        try #require(members[key] as? [Int], "no numbers \(key)")
    }

    func numbers(_ key: String) throws -> [Double] {
        try #require(members[key] as? [NSNumber], "no numbers \(key)").map(\.doubleValue)
    }

    func object(_ key: String) throws -> JSONObject {
        JSONObject(members: try #require(members[key] as? [String: Any], "no object \(key)"))
    }

    func objects(_ key: String) throws -> [JSONObject] {
        try #require(members[key] as? [[String: Any]], "no array \(key)").map(JSONObject.init(members:))
    }
}

extension CommandResult {
    /// Standard output as JSON.
    var json: JSONObject {
        get throws { try JSONObject(Data(output.utf8)) }
    }
}
