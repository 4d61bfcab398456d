import MAEFormats

extension LoadingChoice {
    /// The method that fits what is at `path`; `weights` is the key of one of several models in a file.
    ///
    /// Never ``automatic``. Throws ``CheckpointError`` when no method reads it.
    public static func fitting(
        _ path: String, weights: String? = nil, hubCache: HubCache = .default
    ) throws(CheckpointError) -> LoadingChoice {
        try RawCheckpoint.read(CheckpointPath(path, in: hubCache).path, method: .automatic, key: weights).method
    }
}
