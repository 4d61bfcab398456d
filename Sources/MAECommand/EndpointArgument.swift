import ArgumentParser
import Foundation
import ZeroMQ

/// An endpoint that a person names on a command line.
public enum EndpointArgument {
    /// The endpoint that `text` names.
    ///
    /// A relative path of a socket file counts from the current folder, and comes back whole: what is shown of it is right in
    /// every folder.
    ///
    /// - Parameter option: what it was given with, for the message.
    /// - Throws: `ValidationError` for what is no endpoint that other programs reach, with the right form.
    public static func read(_ text: String, of option: String, for use: Endpoint.Use) throws -> Endpoint {
        do {
            return try Endpoint(betweenProcesses: text, for: use)
                .absolute(in: FileManager.default.currentDirectoryPath)
        } catch {
            throw ValidationError("\(option) \(text): \(error)")
        }
    }
}
