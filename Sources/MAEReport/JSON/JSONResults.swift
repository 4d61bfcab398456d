import Foundation
import MAEVerify

/// Every result of a run for programs, one by one: a JSON object a line.
///
/// `docs/operations.md` describes every field. Fields are added, never renamed.
public struct JSONResults {
    private let encoder: JSONEncoder

    /// Writes as all JSON here: keys sorted, in snake_case.
    public init() {
        encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
    }

    /// The line of a result, with its line feed.
    public func line(_ observation: Observation) throws -> Data { try encoder.encode(Line(observation)) + [0x0A] }

    private struct Line: Encodable {
        let result: JSONReport.ResultFields
        /// 0 for the first run of the cell.
        let attempt: Int

        private enum CodingKeys: CodingKey { case attempt }

        init(_ observation: Observation) {
            (result, attempt) = (JSONReport.ResultFields(observation), observation.attempt)
        }

        func encode(to encoder: any Encoder) throws {
            try result.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(attempt, forKey: .attempt)
        }
    }
}
