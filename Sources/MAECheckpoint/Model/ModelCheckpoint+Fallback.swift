import MAEFormats

extension ModelCheckpoint {
    /// Opens a checkpoint with a configuration that counts only where the checkpoint has none of its own.
    ///
    /// `configuration` is a `config.json`, or a directory with one. Nothing that comes of the weights may be used before
    /// ``verifyChecksums()`` has returned. Throws as ``open(_:weights:method:configuration:comparesNeighbors:hubCache:)``.
    package static func openUnverified(
        _ reference: CheckpointReference, configurationIfNone configuration: String?, comparesNeighbors: Bool = true
    ) throws(CheckpointError) -> ModelCheckpoint {
        func open(_ configuration: String?) throws(CheckpointError) -> ModelCheckpoint {
            try openUnverified(
                reference.path, weights: reference.weights, configuration: configuration,
                comparesNeighbors: comparesNeighbors)
        }
        let own: ModelCheckpoint
        do throws(CheckpointError) {
            own = try open(nil)
        } catch {
            // A configuration that is not there, or cannot be read.
            let codes: [CheckpointError.Code] = [.missing, .malformedFile, .unreadableFile]
            guard let configuration, codes.contains(error.code) else { throw error }
            return try open(configuration)
        }
        guard let configuration, !own.carriesConfiguration else { return own }
        return try open(configuration)
    }
}
