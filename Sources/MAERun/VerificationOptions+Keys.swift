import MAECoordinator
import MAEText
import ZeroMQ

extension VerificationOptions {
    /// What keeps workers of other machines from taking part: keys that are needed and not there, and nodes without one.
    ///
    /// - Parameter workers: how many nodes are expected, those of ``localWorkers`` included.
    public func keyObstacles(expecting workers: Int) -> [any Error] {
        guard let endpoint else { return [] }
        guard let folder = keys.folder(for: endpoint) else {
            return Endpoint.isLocal(endpoint) ? [] : [CoordinatorError(needsKeys: endpoint)]
        }
        do {
            _ = try folder.coordinatorKeys()
            let list = try folder.list()
            let known = Set(list.nodes.map(\.node.name))
            let lacking = expectedNodes.filter { !known.contains($0) }
            var obstacles: [any Error] = list.faults
            if !lacking.isEmpty {
                obstacles.append(
                    MissingKeys("no key for \(NumberText.list(lacking, limit: 12))", folder.path, lacking[0]))
            } else if workers > localWorkers?.count ?? 0, known.isEmpty {
                obstacles.append(MissingKeys("no node has a key", folder.path, "NODE"))
            }
            return obstacles
        } catch {
            return [error]
        }
    }

    /// Nodes have no keys.
    private struct MissingKeys: Error, CustomStringConvertible {
        let description: String

        init(_ what: String, _ folder: String, _ node: String) {
            let line = ["mae-coord", "keys", "add", node, "--keys", folder].map(ShellText.word).joined(separator: " ")
            description = "\(folder): \(what): \(line) makes one"
        }
    }
}
