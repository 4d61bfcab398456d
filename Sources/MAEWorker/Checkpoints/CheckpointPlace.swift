import MAEContent
import MAEDomain
import MAEFiles
import MAEWire

/// Where the files of a job lie, as long as this value lives, and how people call that place.
package struct CheckpointPlace: Sendable {
    /// A path, and the one that the job names.
    struct Location: Sendable {
        /// What is opened.
        let path: String
        /// What people read.
        let named: String
        /// What the files were when their content was found to be right; nil where that is not asked for.
        var identities: [String: FileIdentity] = [:]
        /// Keeps files in the cache.
        var held: [CachedFile] = []

        /// A file that was written to or replaced since its content was found to be right; nil when none was.
        ///
        /// A new link to it or other permissions leave what is in it as it was.
        var changedFile: String? {
            identities.first { !FileIdentity.haveSameContent(FileIdentity($0.key), $0.value) }?.key
        }
    }

    /// The checkpoint.
    let checkpoint: Location
    /// The configuration that goes with it, if any.
    let configuration: Location?
    /// What there is to say of how the files were found.
    let findings: [LoadFinding]

    /// Files that were found.
    init(checkpoint: Location, configuration: Location?, findings: [LoadFinding]) {
        self.checkpoint = checkpoint
        self.configuration = configuration
        self.findings = findings
    }

    /// The paths that a job names, whatever lies there.
    init(unverified job: JobRequest) {
        self.init(
            checkpoint: Location(path: job.checkpoint, named: job.checkpoint),
            configuration: job.configuration.map { Location(path: $0, named: $0) }, findings: [])
    }

    /// The text with the paths that people know.
    ///
    /// A path in the cache holds a digest, so it cannot be part of anything else.
    func naming(_ text: String) -> String {
        [checkpoint, configuration].compactMap { $0 }.filter { $0.path != $0.named }.reduce(text) {
            $0.replacing($1.path, with: $1.named)
        }
    }

    /// A file that is no longer what it was found to be; nil when all are.
    var changedFile: String? {
        [checkpoint, configuration].lazy.compactMap { $0?.changedFile }.first
    }
}
