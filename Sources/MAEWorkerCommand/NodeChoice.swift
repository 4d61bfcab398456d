import ArgumentParser
import MAEDomain
import MAEFiles
import MAEKeys
import MAEText

/// What a worker is called, and the key that fixes that, where it has one.
struct NodeChoice {
    let node: NodeID
    /// The node's key file; nil where none is used.
    let keyFile: String?
    /// Whether nothing fixes the name: it may be another one where a live node has it.
    let isOpen: Bool

    /// Chooses by what was given: `key` is a key file, or a folder with one for each node.
    ///
    /// Throws `KeyError`, and a `ValidationError` for a name that is none, or another than that of the key.
    init(name: String?, key: String?, host: String, environment: [String: String]) throws {
        guard let key else {
            node = try Self.node(name, host, environment)
            keyFile = nil
            isOpen = name == nil
            return
        }
        var file = key
        if FileSystem.isDirectory(key) {
            let node = try Self.node(name, host, environment)
            file = NodeKeys.file(of: node, in: key)
            guard FileSystem.isFile(file) else {
                throw KeyError(
                    .missing, file,
                    "there is no such file: name a node that has one with --name, or make it with: mae-coord keys add "
                        + "\(ShellText.quoted(node.name)) --output \(ShellText.quoted(key))")
            }
        }
        node = try NodeKeys(file: file).node
        keyFile = file
        isOpen = false
        guard name == nil || name == node.name else {
            throw ValidationError(
                "--name: \(file) holds the key of \(node), which is another name; leave out --name.")
        }
    }

    private static func node(_ name: String?, _ host: String, _ environment: [String: String]) throws -> NodeID {
        guard let node = NodeID(name ?? defaultName(host, environment)) else {
            throw ValidationError("the host's name is no name for a node; give one with --name.")
        }
        return node
    }

    /// The host's name, which in Kubernetes is that of the pod; with the number of the task in a job step of Slurm, where several
    /// tasks of one step may be on one host.
    private static func defaultName(_ host: String, _ environment: [String: String]) -> String {
        var suffix = ""
        if environment["SLURM_JOB_ID"] != nil, let task = environment["SLURM_PROCID"].flatMap({ UInt32($0) }) {
            suffix = "-\(task)"
        }
        return host.prefix(NodeID.maximumLength - suffix.utf8.count) + suffix
    }
}
